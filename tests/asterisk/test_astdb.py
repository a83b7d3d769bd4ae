"""What calls leave in Asterisk's own database is removed, however they end."""

import pytest

from tests.lab import behaviours
from tests.lab.calls import ask
from tests.lab.deployment import Deployment
from tests.lab.fixtures import on_22_and_16
from tests.lab.waiting import PATIENCE, until


def left(lab: Deployment) -> list[str]:
    lines = lab.bed.pbx.cli("database show callback").splitlines()
    return [line for line in lines if line.startswith("/callback/")]


@on_22_and_16
@pytest.mark.case("CASES 5: attempts that ended agent_gone leave nothing in AstDB")
def test_no_end_leaves_anything(lab: Deployment) -> None:
    gone = ask(lab, behaviours.answer(), queue="patient")
    gone.world.wait_answered("1001")
    until(lambda: lab.prompts(), PATIENCE, "the whisper")
    gone.world.hang_up("1001")
    gone.ended("agent_gone")
    lab.cancel(gone.secret)
    busy = ask(lab, behaviours.busy())
    busy.ended("busy")
    until(lambda: not left(lab), PATIENCE, "AstDB to be empty")
