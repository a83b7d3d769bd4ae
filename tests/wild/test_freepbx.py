"""A FreePBX's ways, with the product installed on it by `init`: who answers for an agent."""

import pytest

from tests.lab import audio, behaviours
from tests.lab.calls import ask
from tests.wild.freepbx import FreePbx

pytestmark = pytest.mark.asterisk


def test_a_callback_reaches_an_extension_and_they_hear_each_other(freepbx: FreePbx) -> None:
    call = ask(freepbx, behaviours.answer(after=0.1, tone=700))
    call.wait("talking")
    world = freepbx.bed.world
    audio.wait_for_tone(world.heard("6001"), 700)
    audio.wait_for_tone(world.heard(call.number), 440)
    world.hang_up(call.number)
    call.ended("answered")
    call.rings(1)
    assert freepbx.voicemails() == []
