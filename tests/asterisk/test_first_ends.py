"""customer_first: nobody answers, a machine does, or somebody who does not want the call now."""

import pytest

from tests.lab import audio, behaviours
from tests.lab.behaviours import Behaviour
from tests.lab.calls import AT_ONCE, ask
from tests.lab.deployment import Deployment
from tests.lab.fixtures import on_22_and_16
from tests.lab.waiting import PATIENCE, until
from tests.marks import mainly


@on_22_and_16
@pytest.mark.parametrize(
    ("behaviour", "disposition", "status", "rings"),
    [
        pytest.param(behaviours.busy(), "busy", "scheduled", 1, id="busy"),
        pytest.param(behaviours.ring_reject(0.3), "rejected", "failed", 1, id="rings-603"),
        pytest.param(behaviours.missing(), "invalid_number", "failed", 0, id="404"),
        pytest.param(behaviours.no_answer(), "no_answer", "scheduled", 1, id="no-answer"),
        pytest.param(behaviours.status(403), "trunk_fault", "waiting", 0, id="403"),
    ],
)
def test_how_it_ends(
    lab: Deployment, behaviour: Behaviour, disposition: str, status: str, rings: int
) -> None:
    call = ask(lab, behaviour, queue="first")
    record = call.ended(disposition)
    call.wait(status)
    assert record.request.rings == rings
    call.rings(1)
    lab.bed.pbx.wait_idle()
    assert lab.prompts() == []  # there is nobody to tell
    assert lab.bed.world.agent_invites == []


@on_22_and_16
def test_who_presses_1_talks(lab: Deployment) -> None:
    call = ask(lab, behaviours.answer(after=0.1), AT_ONCE, queue="confirmed")
    lab.wait_prompt("first-press-1")
    assert lab.bed.world.agent_invites == []
    call.world.wait_answered(call.number)
    call.world.send_digits(call.number, "1")
    call.wait("talking")
    call.world.hang_up(call.number)
    call.ended("answered")
    call.rings(1)


@pytest.mark.thorough
@pytest.mark.parametrize("key", mainly(["", "2"], ""))
@on_22_and_16
def test_without_the_key_no_agent_is_rung(lab: Deployment, key: str) -> None:
    call = ask(lab, behaviours.answer(after=0.1), AT_ONCE, queue="confirmed")
    lab.wait_prompt("first-press-1")
    call.world.wait_answered(call.number)
    if key:
        call.world.send_digits(call.number, key)
    record = call.ended("no_answer")
    assert lab.prompts() == ["first-press-1"] * 2  # asked twice
    assert record.attempts[0].detail == "picked up, and no key was pressed"
    assert record.request.state == "scheduled"
    assert record.request.rings == 1
    assert lab.bed.world.agent_invites == []
    call.rings(1)


@pytest.mark.thorough
@on_22_and_16
def test_a_machine_hears_the_message_and_no_agent_is_rung(lab: Deployment) -> None:
    call = ask(lab, behaviours.machine(), AT_ONCE, queue="detected")
    lab.wait_prompt("first-sorry")  # the message of this queue, after the greeting
    heard = call.world.heard(call.number)
    until(lambda: audio.peak(heard) > 2000, PATIENCE, "the message to be heard", 0.1)
    record = call.ended("machine")
    assert record.request.state == "scheduled"
    assert record.request.rings == 1
    assert lab.prompts() == ["first-press-1"] * 2 + ["first-sorry"]  # asked, as a person would be
    assert lab.bed.world.agent_invites == []
    call.rings(1)


@on_22_and_16
def test_a_person_is_no_machine(lab: Deployment) -> None:
    call = ask(lab, behaviours.person(), AT_ONCE, queue="detected")
    lab.wait_prompt("first-press-1")
    call.world.send_digits(call.number, "1")
    call.wait("talking")
    call.world.hang_up(call.number)
    call.ended("answered")
    call.rings(1)
