"""Many calls at the same moment: in each of them both hear each other."""

from collections.abc import Iterator

import pytest

from tests.lab import audio, behaviours
from tests.lab.deployment import Deployment
from tests.lab.pbx import Queue
from tests.marks import mainly

AGENTS = tuple(str(1001 + n) for n in range(8))


@pytest.fixture(params=mainly(["22", "16"], "22"))
def busy_house(request: pytest.FixtureRequest) -> Iterator[Deployment]:
    queue = Queue("support", AGENTS)
    with Deployment(request.param, queues=[queue], agents=AGENTS) as deployment:
        yield deployment


def test_eight_calls_at_once(busy_house: Deployment) -> None:
    """With Asterisk's own choice of codecs about half of these agents hear nothing."""
    world = busy_house.bed.world
    for agent in AGENTS:
        world.agent(agent, behaviours.answer(after=0.1, tone=1000))
    numbers = [f"+4420794608{n:02}" for n in range(len(AGENTS))]
    for number in numbers:
        world.customer(number, behaviours.answer(after=1.5, tone=440))
    wishes = [busy_house.submit(number) for number in numbers]
    for wish in wishes:
        busy_house.wait_status(wish, "talking", timeout=60)
    for agent in AGENTS:
        assert audio.wait_for_tone(world.heard(agent), 440, 30) > 1000, agent
    for number in numbers:
        assert audio.wait_for_tone(world.heard(number), 1000, 30) > 1000
