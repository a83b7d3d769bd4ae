"""Expected time: honest ranges, in whole minutes."""

from datetime import timedelta

import pytest

from asterisk_callback.domain.expected_time import USUAL_HANDLING, ExpectedRange, expected, handling
from asterisk_callback.domain.pacing import QueueStatus
from tests.factories import NOW

MINUTE = timedelta(minutes=1)


def minutes(before: int, logged_in: int, free: int = 0, one: int = 4) -> tuple[float, float]:
    facts = QueueStatus(known=True, logged_in=logged_in, free=free)
    found = expected(NOW, facts, before, one * MINUTE)
    assert found is not None
    return (found.earliest - NOW) / MINUTE, (found.latest - NOW) / MINUTE


def test_a_free_agent_is_at_once() -> None:
    assert minutes(before=0, logged_in=2, free=1) == (0, 1)
    assert minutes(before=2, logged_in=5, free=3) == (0, 1)


@pytest.mark.parametrize(
    ("before", "logged_in", "low", "high"),
    [(0, 1, 0, 10), (0, 4, 0, 3), (9, 1, 23, 57), (9, 10, 2, 7), (99, 1, 348, 452)],
)
def test_the_line_takes_its_time(before: int, logged_in: int, low: int, high: int) -> None:
    assert minutes(before, logged_in) == (low, high)


def test_more_before_is_later_and_more_agents_is_sooner() -> None:
    for before in range(0, 30, 3):
        assert minutes(before, 3)[1] <= minutes(before + 1, 3)[1]
        assert minutes(before, 4)[1] <= minutes(before, 3)[1]


def test_nobody_can_say() -> None:
    assert expected(NOW, QueueStatus(), 0, MINUTE) is None
    assert expected(NOW, QueueStatus(known=True, logged_in=0), 0, MINUTE) is None


def test_handling_is_the_median() -> None:
    assert handling([]) == USUAL_HANDLING
    assert handling([MINUTE, 60 * MINUTE, 3 * MINUTE]) == 3 * MINUTE


def test_the_middle() -> None:
    assert ExpectedRange(earliest=NOW, latest=NOW + 5 * MINUTE).middle == NOW + 2 * MINUTE
