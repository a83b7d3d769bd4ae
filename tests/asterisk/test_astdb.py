"""What calls leave in Asterisk's own database is removed, however they end."""

import pytest

from tests.lab import behaviours
from tests.lab.calls import Call, ask
from tests.lab.deployment import Deployment
from tests.lab.fixtures import on_22_and_16
from tests.lab.waiting import PATIENCE, until


def left(lab: Deployment, *calls: Call) -> list[str]:
    """What attempts of these left. (Others may have ended while no dispatcher ran.)"""
    lines = lab.bed.pbx.cli("database show callback").splitlines()
    tokens = [attempt.token for call in calls for attempt in call.record.attempts]
    return [line for line in lines if any(f"/callback/{token}" in line for token in tokens)]


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
    until(lambda: not left(lab, gone, busy), PATIENCE, "AstDB to be empty")
