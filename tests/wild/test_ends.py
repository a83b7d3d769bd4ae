"""How a call through from-internal ended, where its events or its codes say more than Dial does."""

import pytest

from asterisk_callback.domain.disposition import Disposition
from tests.lab import behaviours
from tests.lab.calls import Call, ask
from tests.lab.waiting import PATIENCE, until
from tests.wild.freepbx import FreePbx

pytestmark = pytest.mark.asterisk
THOROUGH = pytest.mark.thorough


def nobody_talked(call: Call, disposition: str) -> None:
    """It ended so; nobody was on the line, and nobody was rung."""
    [attempt] = call.ended(disposition).attempts
    assert attempt.answered_at is None and attempt.picked_up_at is None
    assert not attempt.rung and call.record.request.rings == 0


@pytest.mark.case("CASES 2: all trunks down or no route, an announcement answers")
@pytest.mark.thorough
def test_an_agent_is_not_talking_to_an_announcement(freepbx: FreePbx) -> None:
    call = ask(freepbx, behaviours.answer(after=0.2), queue="nowhere-first")
    nobody_talked(call, "trunk_fault")
    assert call.world.invites == []


@pytest.mark.case("CASES 2: early media is not ringing")
def test_early_media_and_a_refusal_are_the_lines_fault(freepbx: FreePbx) -> None:
    call = ask(freepbx, behaviours.early_media(403), queue="told")
    nobody_talked(call, "trunk_fault")
    call.rings(1)


@pytest.mark.case("CASES 2: behind a Local line, our service away")
@pytest.mark.parametrize(
    ("way", "judged"),
    [
        pytest.param("inside", Disposition.ANSWERED, id="sip"),
        pytest.param("iax", Disposition.UNKNOWN, id="iax", marks=THOROUGH),
    ],
)
def test_a_talk_that_nobody_saw_is_never_rung_again(
    freepbx: FreePbx, way: str, judged: Disposition
) -> None:
    call = ask(freepbx, behaviours.ring(), queue=way)
    call.world.wait_rings(call.number)
    freepbx.kill_product()
    call.world.answer(call.number)
    call.world.wait_answered(call.number)
    call.world.hang_up("6001")
    freepbx.bed.pbx.wait_idle()
    freepbx.start_product()
    until(lambda: not call.attempt.open, PATIENCE, "the attempt to be judged", 0.1)
    assert call.attempt.disposition is judged
    assert call.attempt.rung
