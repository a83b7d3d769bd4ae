"""How a phone becomes a queue member: as the PBX's own code would make it one."""

import pytest

from asterisk_callback.telephony.log_in import (
    BUILT_IN,
    Joining,
    LogIn,
    fields,
    joining,
    lamp,
    place,
)
from asterisk_callback.telephony.wire import UnsafeField, safe_action

FREEPBX = LogIn(
    members="Local/*@from-queue/n",
    state_interface="hint:{extension}@ext-local",
    member_name="db:AMPUSER/{extension}/cidname",
    penalty="db:QPENALTY/{queue}/agents/{extension}",
    lamp="Custom:QUEUE{extension}*{queue}",
)
MINE = "Local/6001@from-queue/n"


@pytest.mark.case("CASES 1: Log in sets what the PBX's own code sets")
def test_as_freepbx_writes_it() -> None:
    how = joining((FREEPBX,), MINE, "600")
    assert how == Joining(
        state_interface="hint:6001@ext-local",
        name="db:AMPUSER/6001/cidname",
        penalty="db:QPENALTY/600/agents/6001",
        lamp="Custom:QUEUE6001*600",
    )
    assert place(how.name) == ("AMPUSER/6001", "cidname")
    assert place(how.penalty) == ("QPENALTY/600/agents", "6001")
    assert lamp(how) == "Custom:QUEUE6001*600"
    assert fields(how, "Zoë O'Hara", "3") == {
        "StateInterface": "hint:6001@ext-local", "MemberName": "Zoë O'Hara", "Penalty": "3",
    }  # fmt: skip


def test_the_first_row_that_fits_counts_then_what_we_know_ourselves() -> None:
    other = LogIn(members="PJSIP/*", member_name="Agent {extension}", penalty="2")
    assert joining((other, FREEPBX), "PJSIP/1001", "600") == Joining(name="Agent 1001", penalty="2")
    assert joining((other,), MINE, "600").state_interface == "hint:6001@ext-local"
    assert joining((FREEPBX, *BUILT_IN), "SIP/6001", "600") == Joining()
    assert joining((FREEPBX,), "Local/6001@from-queue/n/x", "600") == Joining()
    assert place("Agent 1001") is None


@pytest.mark.parametrize(
    "name",
    ["", "a,MEMBERNAME=b", "${SHELL(x)}", "a|b", "a\r\nAction: Logoff", "a\nb", "\ufffd", "x" * 81],
)
def test_a_name_that_asterisk_would_take_apart_is_not_sent(name: str) -> None:
    """P14, and the names that are not UTF-8."""
    sent = {"Action": "QueueAdd", **fields(Joining(), name, "1\r\n2")}
    assert sent == {"Action": "QueueAdd"}
    assert safe_action(sent, frozenset())


@pytest.mark.parametrize("state", ["PJSIP/6001", "Custom:a,b", "Custom:a)=x", "Custom:${X}"])
def test_a_lamp_is_a_custom_device_state(state: str) -> None:
    with pytest.raises(UnsafeField):
        lamp(Joining(lamp=state))
