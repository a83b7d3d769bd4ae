"""A callback on a FreePBX, with the product installed on it by `init`."""

import pytest

from asterisk_callback.services.console.view import Stage
from tests.lab import audio, behaviours
from tests.lab.calls import AT_ONCE, Call, ask
from tests.lab.consoles import Desk
from tests.wild.freepbx import FreePbx

pytestmark = pytest.mark.asterisk


def they_talk(lab: FreePbx, call: Call, agent: str) -> None:
    """Both hear each other, and nobody else has answered."""
    call.wait("talking")
    world = lab.bed.world
    audio.wait_for_tone(world.heard(agent), 700)
    audio.wait_for_tone(world.heard(call.number), 440)
    world.hang_up(call.number)
    record = call.ended("answered")
    assert record.attempts[0].agent == f"Agent {agent}"
    assert lab.voicemails() == []
    call.rings(1)


def test_a_callback_reaches_an_extension_and_they_hear_each_other(freepbx: FreePbx) -> None:
    call = ask(freepbx, behaviours.answer(after=0.1, tone=700))
    they_talk(freepbx, call, "6001")
    [invite] = freepbx.bed.world.invites
    assert "442079460000" in next(x for x in invite.text.splitlines() if x.startswith("From:"))


@pytest.mark.thorough
@pytest.mark.case("CASES 1: no customer is rung for a voicemail")
def test_with_only_a_voicemail_left_nobody_is_rung(freepbx: FreePbx) -> None:
    for extension in ("6001", "6002"):
        freepbx.ring_time(extension, 1)
    call = ask(freepbx, AT_ONCE, behaviours.ring())
    freepbx.bed.world.wait_agent_invite("6002")
    call.ended_without_a_ring()
    assert freepbx.voicemails() == []
    assert freepbx.bed.world.invites == []


@pytest.mark.thorough
def test_a_callback_in_preview_is_called_from_an_extension(freepbx: FreePbx) -> None:
    desk = Desk.open(freepbx, "6001", member="Local/6001@from-queue/n")
    call = ask(freepbx, behaviours.answer(after=0.1, tone=700), queue="preview")
    desk.take()
    desk.call_back()
    desk.wait(Stage.TALKING)
    freepbx.bed.world.wait_answered(call.number)
    audio.wait_for_tone(freepbx.bed.world.heard("6001"), 700)
    freepbx.bed.world.hang_up(call.number)
    call.ended("answered")
    call.rings(1)


def test_a_live_call_of_that_queue_rings_no_voicemail_either(freepbx: FreePbx) -> None:
    """FreePBX's own way, that ours is to equal."""
    world = freepbx.bed.world
    world.agent("6001", behaviours.reject())
    world.agent("6002", AT_ONCE)
    world.call_pbx("600")
    world.wait_answered("6002")
    assert freepbx.voicemails() == []
