"""customer_first with machine detection: nobody is hung up on who was not asked for the key."""

import pytest

from tests.lab import behaviours
from tests.lab.behaviours import Behaviour
from tests.lab.calls import AT_ONCE, Call, ask
from tests.lab.deployment import Deployment
from tests.lab.waiting import PATIENCE, until

THOROUGH = pytest.mark.thorough
each = pytest.mark.parametrize("lab", ["22", pytest.param("16", marks=THOROUGH)], indirect=True)
# A greeting of five words, with the small pauses between them.
GREETING = behaviours.says(*[(150, 350)] * 5)


def asked_times(lab: Deployment, count: int) -> None:
    until(
        lambda: lab.prompts().count("first-press-1") >= count, PATIENCE, "the sentence to be said"
    )


def talks_by_key(call: Call) -> None:
    call.world.send_digits(call.number, "1")
    call.wait("talking")
    call.world.hang_up(call.number)
    call.ended("answered")
    call.rings(1)


@pytest.mark.case("CASES 2: persons and machine detection")
@each
@pytest.mark.parametrize(
    "person",
    [
        pytest.param(GREETING, id="five-words"),
        pytest.param(behaviours.says(), id="silence"),
        pytest.param(behaviours.says((3000, 400)), id="hello-after-3-s"),
        pytest.param(behaviours.says((6000, 400)), id="hello-after-6-s"),
        pytest.param(behaviours.machine(), id="speaks-on", marks=THOROUGH),
    ],
)
def test_whoever_presses_the_key_when_asked_again_talks(lab: Deployment, person: Behaviour) -> None:
    call = ask(lab, person, AT_ONCE, queue="detected")
    call.world.wait_answered(call.number)
    asked_times(lab, 2)
    talks_by_key(call)


@pytest.mark.case("CASES 2: persons and machine detection")
@each
def test_a_key_pressed_while_we_listen_wins(lab: Deployment) -> None:
    call = ask(lab, behaviours.says(), AT_ONCE, queue="detected")
    asked_times(lab, 1)
    call.world.wait_answered(call.number)
    talks_by_key(call)
    assert lab.prompts().count("first-press-1") == 1
