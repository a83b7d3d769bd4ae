"""customer_first: the customer is dialled while an agent is free, and is the next in the queue."""

import pytest

from tests.lab import audio, behaviours
from tests.lab.calls import AT_ONCE, ask, ask_by_api
from tests.lab.deployment import Deployment
from tests.lab.deployment_files import CALLER_ID
from tests.lab.fixtures import on_22_and_16
from tests.lab.invites import digits


@on_22_and_16
def test_they_talk_and_the_customer_hangs_up(lab: Deployment) -> None:
    call = ask(lab, behaviours.ring(tone=440), behaviours.ring(tone=1000), queue="first")
    world = call.world
    call.customer_rings()
    call.wait("calling")
    assert world.agent_invites == []  # no agent is rung before the customer has answered
    world.answer(call.number)
    lab.wait_prompt("first-hold")
    call.why("connecting")
    assert lab.status(call.secret) == "calling"
    call.agent_answers("1001")
    call.wait("talking")
    assert audio.wait_for_tone(world.heard("1001"), 440, 20) > 1000
    assert audio.wait_for_tone(world.heard(call.number), 1000, 20) > 1000
    world.hang_up(call.number)
    call.wait("completed")
    record = call.ended("answered")
    assert record.request.rings == 1
    assert record.attempts[0].agent == "Agent 1001"
    assert record.attempts[0].picked_up_at is not None
    call.rings(1)
    [invite] = world.invites_for(call.number)
    assert invite.from_number == CALLER_ID
    # Like a live caller, the customer is shown to the agent.
    assert world.wait_agent_invite("1001").from_number == digits(call.number)
    assert call.attempt.token not in invite.text


@on_22_and_16
def test_they_talk_and_the_agent_hangs_up(lab: Deployment) -> None:
    call = ask(lab, behaviours.answer(after=0.1), AT_ONCE, queue="first")
    call.wait("talking")
    call.world.wait_answered("1001")
    call.world.hang_up("1001")
    call.wait("completed")
    call.ended("answered")
    call.rings(1)
    call.world.wait_ended(call.number)


@on_22_and_16
@pytest.mark.parametrize(("locale", "spoken"), [("de-AT", "de"), ("es", "en")])
def test_the_customer_hears_the_language_in_which_they_asked(
    lab: Deployment, locale: str, spoken: str
) -> None:
    """If Asterisk has our prompts in it: the lab's has them in English and German."""
    call, _ = ask_by_api(lab, behaviours.answer(after=0.1), AT_ONCE, queue="first", locale=locale)
    call.wait("talking")
    assert "first-hold" in lab.prompts()
    assert spoken in lab.prompt_languages()
    assert "es" not in lab.prompt_languages()
    call.world.hang_up(call.number)
    call.wait("completed")
