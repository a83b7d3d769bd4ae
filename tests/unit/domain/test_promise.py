"""When the customer's phone rang, and what came of what was promised."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from asterisk_callback.domain.promise import (
    PromiseOutcome,
    first_ring,
    minutes_off,
    own_attempts,
    verdict,
)
from asterisk_callback.domain.request import RequestState
from asterisk_callback.domain.slots import SlotRules, window
from asterisk_callback.domain.wish import PromisedWindow
from tests.factories import NOW, a_wish, an_attempt

S = RequestState
Came = PromiseOutcome
WINDOW = PromisedWindow(NOW + timedelta(minutes=5), NOW + timedelta(minutes=10))


def at(minute: int, second: int = 0) -> datetime:
    return NOW + timedelta(minutes=minute, seconds=second)


@pytest.mark.parametrize(
    ("told", "rang", "shown"),
    [
        ({}, None, 0),
        ({"gate_at": at(1)}, None, 1),  # being dialled
        ({"gate_at": at(1), "rung": True}, 1, 1),  # told at the end only
        ({"gate_at": at(1), "rung": True, "ringing_at": at(2)}, 2, 2),
        ({"gate_at": at(1), "rung": True, "ringing_at": at(2), "answered_at": at(3)}, 2, 3),
        # On hold until an agent came: their phone rang before.
        ({"gate_at": at(1), "rung": True, "picked_up_at": at(2), "answered_at": at(4)}, 2, 4),
        ({"gate_at": at(1), "rung": True, "answered_at": at(4)}, 4, 4),
        # Asterisk's reports may come out of order.
        ({"gate_at": at(1), "rung": True, "ringing_at": at(3), "picked_up_at": at(2)}, 2, 2),
    ],
)
def test_when_it_rang(told: dict[str, Any], rang: int | None, shown: int) -> None:
    attempt = an_attempt(**told)
    assert attempt.rang_at == (None if rang is None else at(rang))
    assert attempt.shown_at == at(shown)


def test_whose_ring_it_was() -> None:
    tries = [
        an_attempt(claimed_at=at(n), gate_at=at(n), ringing_at=at(n, 30), rung=True)
        for n in range(4)
    ]
    joined = a_wish(joined_at=at(1))
    assert own_attempts(joined, tries) == tries[1:]
    assert first_ring(joined, tries) == at(1, 30)
    gone = joined.evolve(withdrawn_at=at(2, 10))
    assert own_attempts(gone, tries) == tries[1:3]
    assert first_ring(gone, tries[2:]) is None  # claimed for it, rung after it was gone
    assert first_ring(a_wish(created_at=at(9)), tries) is None
    assert first_ring(joined.evolve(moved_at=at(1, 40)), tries) == at(2, 30)


@pytest.mark.parametrize(
    ("instant", "off"),
    [
        (at(4, 59), -1), (at(5), 0), (at(10), 0), (at(10, 59), 0), (at(11), 1), (at(13, 59), 3),
        (at(0), -5),
    ],
)  # fmt: skip
def test_minutes_off(instant: datetime, off: int) -> None:
    assert minutes_off(WINDOW, instant) == off
    # Seconds of the window count nowhere.
    odd = PromisedWindow(WINDOW.start.replace(second=30), WINDOW.end.replace(second=30))
    assert minutes_off(odd, instant) == off


@pytest.mark.parametrize(
    ("rang", "withdrawn", "state", "now", "outcome"),
    [
        (at(10, 59), False, S.COMPLETED, at(30), Came.KEPT),
        (at(1), False, S.COMPLETED, at(30), Came.KEPT),  # too early
        (at(11), False, S.COMPLETED, at(30), Came.LATE),
        (at(7), False, S.FAILED, at(30), Came.KEPT),  # rung, nobody answered
        (at(7), True, S.CANCELLED, at(30), Came.KEPT),
        (None, True, S.QUEUED, at(30), None),
        (None, False, S.CANCELLED, at(30), None),
        (None, False, S.COMPLETED, at(30), None),
        (None, False, S.EXPIRED, at(7), Came.NOT_REACHED),
        (None, False, S.QUEUED, at(10, 59), Came.BOOKED),
        (None, False, S.QUEUED, at(11), Came.LATE),
    ],
)
def test_what_came_of_it(
    rang: datetime | None, withdrawn: bool, state: S, now: datetime, outcome: Came | None
) -> None:
    assert verdict(WINDOW, rang, withdrawn=withdrawn, state=state, now=now) is outcome


def test_lateness_and_verdict_agree() -> None:
    """Late by minutes means broken, to the second, also for windows with seconds."""
    for seconds in (0, 30, 59):
        odd = PromisedWindow(at(15, seconds), at(30, seconds))
        for rang in (at(30) + timedelta(seconds=n) for n in range(150)):
            kept = verdict(odd, rang, withdrawn=False, state=S.COMPLETED, now=at(60)) is Came.KEPT
            assert kept is (minutes_off(odd, rang) <= 0)


def test_a_window_is_cut_to_whole_minutes() -> None:
    assert window(at(15, 30), SlotRules()) == PromisedWindow(at(15), at(30))
