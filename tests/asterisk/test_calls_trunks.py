"""Trunks that refuse: one number's fault stops nobody else, and a second trunk takes over."""

from collections.abc import Iterator

import pytest

from tests.lab import behaviours
from tests.lab.calls import ask
from tests.lab.deployment import Deployment

TALKS = behaviours.answer(after=0.1, talk=0.2)


@pytest.mark.case("CASES 2: one refused number does not stop its trunk")
@pytest.mark.parametrize(
    ("code", "disposition"),
    [
        (403, "trunk_fault"),
        pytest.param(500, "trunk_fault", marks=pytest.mark.thorough),
        pytest.param(607, "rejected", marks=pytest.mark.thorough),
    ],
)
def test_a_number_that_the_carrier_refuses(lab: Deployment, code: int, disposition: str) -> None:
    refused = ask(lab, behaviours.status(code))
    refused.ended(disposition)
    others = [ask(lab, TALKS) for _ in range(3)]
    for call in others:
        # Before, the trunk paused, and the probe was each time the one that is refused.
        call.wait("completed")
        call.ended("answered")
        call.rings(1)
    refused.rings(1)


@pytest.fixture
def two_trunks() -> Iterator[Deployment]:
    """The first one has no endpoint."""
    more = {
        "trunks": {"gone": {"dial": "PJSIP/{digits}@gone", "caller_id": "442079460101"}},
        "queues": {"support": {"trunks": ["gone", "main"]}},
    }
    with Deployment("22", settings=more) as lab:
        yield lab


@pytest.mark.case("CASES 2: a second trunk")
def test_what_fails_on_the_first_trunk_takes_the_second(two_trunks: Deployment) -> None:
    first = ask(two_trunks, TALKS)
    first.wait("completed")
    second = ask(two_trunks, TALKS)
    second.wait("completed")
    for call in (first, second):
        assert len(call.world.invites_for(call.number)) == 1  # none for the missing endpoint
    assert first.record.dispositions == ["trunk_fault", "answered"]
    assert [one.trunk for one in first.record.attempts] == ["gone", "main"]
    # The first is left alone by then.
    assert [one.trunk for one in second.record.attempts] == ["main"]
