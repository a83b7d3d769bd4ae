"""*Log in* on our pages makes the member that the PBX's own log-in code makes."""

import re

import pytest

from asterisk_callback.bootstrap.web import phones
from asterisk_callback.bootstrap.web import users as users_of
from asterisk_callback.domain.account import Grant, Role
from asterisk_callback.services.console.phone import Button
from tests.lab.waiting import PATIENCE, until
from tests.wild.freepbx import FreePbx

pytestmark = pytest.mark.asterisk

MEMBER, LAMP = "Local/6003@from-queue/n", "Custom:QUEUE6003*600"


def queue_log(lab: FreePbx) -> list[tuple[str, str]]:
    """What the PBX's statistics count by: an event, and whose it is."""
    lines = (lab.bed.pbx.root / "var/log/queue_log").read_text().splitlines()
    found = (line.split("|") for line in lines)
    return [(one[4], one[3]) for one in found if one[4] in ("PAUSE", "UNPAUSE")]


def lamp(lab: FreePbx) -> str:
    return lab.bed.pbx.ami.action("Getvar", Variable=f"DEVICE_STATE({LAMP})")["Value"]


@pytest.mark.case("CASES 1: Log in sets what the PBX's own code sets")
@pytest.mark.parametrize(
    "freepbx", ["22", pytest.param("16", marks=pytest.mark.thorough)], indirect=True
)
def test_log_in_is_the_pbx_s_own(freepbx: FreePbx) -> None:
    pbx = freepbx.bed.pbx
    pbx.cli('database put AMPUSER 6003/cidname "Zoë Quist"')
    pbx.cli("database put QPENALTY 600/agents/6003 2")
    users = users_of(freepbx.settings, freepbx.store)
    grant = Grant(Role.AGENT, "support")
    zoe = users.add("zoe", "What our pages call her", member=MEMBER, grants=(grant,), actor="test")
    hers = phones(freepbx.settings, freepbx.store)
    before = len(queue_log(freepbx))

    hers.press(zoe, Button.LOG_IN, "")
    until(lambda: lamp(freepbx) == "INUSE", PATIENCE, "the lamp to be lit")
    hers.wait(zoe, PATIENCE)
    line = re.search(r".*from-queue/n.*hint:6003@ext-local.*", pbx.cli("queue show 600"))
    assert line and "Zoë Quist" in line[0] and "penalty 2" in line[0], pbx.cli("queue show 600")
    assert "What our pages" not in pbx.cli("queue show 600")

    # Asterisk writes ADDMEMBER itself under the name only with log_membername_as_agent=yes.
    for button, reason in ((Button.PAUSE, "Lunch"), (Button.AVAILABLE, "")):
        hers.press(zoe, button, reason)
        hers.wait(zoe, PATIENCE)
    assert queue_log(freepbx)[before:] == [("PAUSE", "Zoë Quist"), ("UNPAUSE", "Zoë Quist")]

    hers.press(zoe, Button.LOG_OUT, "")
    until(lambda: lamp(freepbx) == "NOT_INUSE", PATIENCE, "the lamp to go out")
    assert "Zoë Quist" not in pbx.cli("queue show 600")
    pbx.cli("database deltree QPENALTY")
