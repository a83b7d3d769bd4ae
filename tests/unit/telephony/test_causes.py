"""The table of causes: whose fault it was. The rows are what a real Asterisk 22 and 16 said."""

import pytest

from asterisk_callback.domain.attempt import Disposition as D
from asterisk_callback.telephony.causes import Ending, Verdict, judge

QUIET, RANG = False, True


def verdict(
    dialstatus: str, cause: int | None, tech: str, rang: bool, line: str = "PJSIP",
    gate: bool = True, gives_ringing: bool = True,
) -> tuple[D, bool]:  # fmt: skip
    ending = Ending(dialstatus=dialstatus, cause=cause, tech=tech, rang=rang, gate=gate, line=line)
    found: Verdict = judge(ending, gives_ringing=gives_ringing)
    return found.disposition, found.rung


@pytest.mark.parametrize(
    ("dialstatus", "cause", "tech", "rang", "disposition", "rung"),
    [
        ("ANSWER", 16, "SIP 200 OK", RANG, D.ANSWERED, True),
        ("ANSWER", 16, "SIP 200 OK", QUIET, D.ANSWERED, True),
        ("BUSY", 17, "SIP 486 Busy Here", QUIET, D.BUSY, True),
        ("BUSY", 17, "SIP 486 Busy Here", RANG, D.BUSY, True),
        ("BUSY", 17, "SIP 600 Busy Everywhere", QUIET, D.BUSY, True),
        ("CHANUNAVAIL", 21, "SIP 603 Decline", QUIET, D.REJECTED, True),
        ("CHANUNAVAIL", 21, "SIP 603 Decline", RANG, D.REJECTED, True),
        ("CHANUNAVAIL", 21, "SIP 403 Forbidden", QUIET, D.TRUNK_FAULT, False),
        ("CHANUNAVAIL", 21, "SIP 403 Forbidden", RANG, D.REJECTED, True),
        ("CHANUNAVAIL", 21, "SIP 401 Unauthorized", QUIET, D.TRUNK_FAULT, False),
        ("CHANUNAVAIL", 21, "SIP 402 Payment Required", QUIET, D.TRUNK_FAULT, False),
        ("CHANUNAVAIL", 21, "SIP 407 Proxy Auth", QUIET, D.TRUNK_FAULT, False),
        ("NOANSWER", 18, "SIP 408 Request Timeout", QUIET, D.TRUNK_FAULT, False),
        ("CHANUNAVAIL", 1, "SIP 404 Not Found", QUIET, D.INVALID_NUMBER, False),
        ("CHANUNAVAIL", 28, "SIP 484 Address Incomplete", QUIET, D.INVALID_NUMBER, False),
        ("NOANSWER", 16, "", RANG, D.NO_ANSWER, True),
        ("NOANSWER", 16, "SIP 180 Ringing", RANG, D.NO_ANSWER, True),
        ("NOANSWER", 16, "", QUIET, D.TRUNK_FAULT, False),  # never replied
        ("NOANSWER", 16, "SIP 100 Trying", QUIET, D.TRUNK_FAULT, False),
        ("NOANSWER", 19, "SIP 480 Unavailable", QUIET, D.NO_ANSWER, True),
        ("CONGESTION", 34, "SIP 503 Service Unavailable", QUIET, D.CONGESTION, False),
        ("CONGESTION", 34, "SIP 503 Service Unavailable", RANG, D.NO_ANSWER, True),
        ("BUSY", 16, "", QUIET, D.TRUNK_FAULT, False),  # 302, not followed
        ("CHANUNAVAIL", None, "", QUIET, D.TRUNK_FAULT, False),  # no such endpoint
        # Asterisk was restarted while the far end was busy ringing (found by the fault suite)
        ("CHANUNAVAIL", 0, "SIP 100 Trying", QUIET, D.UNKNOWN, True),
        ("CHANUNAVAIL", 0, "", QUIET, D.UNKNOWN, True),
        ("CHANUNAVAIL", 3, "", QUIET, D.TRUNK_FAULT, False),  # no such endpoint, or unreachable
        # The agent gave up: once the far end had spoken, its phone may have rung.
        ("CANCEL", 16, "SIP 180 Ringing", RANG, D.ABANDONED, True),
        ("CANCEL", 16, "SIP 100 Trying", QUIET, D.ABANDONED, True),
        ("CANCEL", 16, "", QUIET, D.AGENT_GONE, False),
        ("", None, "", QUIET, D.AGENT_GONE, False),
    ],
)
def test_a_sip_line(
    dialstatus: str, cause: int | None, tech: str, rang: bool, disposition: D, rung: bool
) -> None:
    assert verdict(dialstatus, cause, tech, rang) == (disposition, rung)


@pytest.mark.parametrize(
    ("dialstatus", "cause", "disposition", "rung"),
    [
        ("BUSY", 17, D.BUSY, True),
        ("BUSY", 16, D.BUSY, True),  # a Local channel that ends in Busy() has cause 16
        ("CONGESTION", 34, D.CONGESTION, False),
        ("CHANUNAVAIL", 1, D.INVALID_NUMBER, False),
        ("CHANUNAVAIL", 21, D.TRUNK_FAULT, False),
        ("NOANSWER", 16, D.TRUNK_FAULT, False),
    ],
)
def test_a_line_through_another_dialplan(
    dialstatus: str, cause: int, disposition: D, rung: bool
) -> None:
    assert verdict(dialstatus, cause, "", QUIET, line="Local") == (disposition, rung)


def test_a_line_that_gives_no_ringing() -> None:
    assert verdict("NOANSWER", 16, "", QUIET, line="DAHDI", gives_ringing=False) == (
        D.NO_ANSWER, True,
    )  # fmt: skip
    assert verdict("CANCEL", 16, "", QUIET, line="DAHDI", gives_ringing=False) == (
        D.ABANDONED, True,
    )  # fmt: skip


def test_without_the_gates_yes_nobody_was_rung() -> None:
    for status in ("ANSWER", "BUSY", "NOANSWER", "CANCEL", ""):
        assert verdict(status, 16, "", RANG, gate=False) == (D.AGENT_GONE, False)
