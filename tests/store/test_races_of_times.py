"""Two at the same instant, where times and numbers are changed."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import NotPossible, SlotTaken
from asterisk_callback.domain.gate import GatePass, RefusalReason
from asterisk_callback.domain.queue import ClaimedCall
from asterisk_callback.domain.request import RequestState
from asterisk_callback.domain.slots import SlotRules
from asterisk_callback.services.booking.booking import BookingResult
from asterisk_callback.services.booking.move import Moved, MoveService
from asterisk_callback.services.booking.renumber import RenumberService
from tests.factories import Office, callback_queue, number
from tests.store.racing import at_once, failures

TIMES = 8


@pytest.fixture
def moving(office: Office) -> MoveService:
    return MoveService(store=office.store, queues=office.queues, home_zone="Europe/London")


@pytest.fixture
def renumbering(office: Office) -> RenumberService:
    return RenumberService(store=office.store, queues=office.queues, guard=office.guard)


def in_days(office: Office, days: int, minutes: int = 0) -> str:
    with office.store.reading() as tx:
        noon = tx.now.replace(hour=12, minute=0, second=0, microsecond=0)
    return (noon + timedelta(days=days, minutes=minutes)).isoformat()


def test_the_last_place_is_booked_once(office: Office) -> None:
    office.queues = {"sales": callback_queue(slots=SlotRules(capacity=1))}
    for day in range(1, 4):
        times = [in_days(office, day, minutes) for minutes in (0, 5, 14, 0)] * 2
        works = [partial(office.submit, n, scheduled_for=at) for n, at in enumerate(times)]
        results = at_once(*works)
        assert sum(isinstance(one, BookingResult) for one in results) == 1
        taken = [one for one in results if isinstance(one, SlotTaken)]
        assert len(taken) == 7
        assert all(len(one.nearest) == 3 for one in taken)
        (won,) = [one for one in results if isinstance(one, BookingResult)]
        assert won.wish.due_at not in taken[0].nearest


def test_a_repeated_booking_of_the_last_place_is_never_taken(office: Office) -> None:
    """P12."""
    office.queues = {"sales": callback_queue(slots=SlotRules(capacity=1))}
    at = in_days(office, 1)
    works = [lambda: office.submit(scheduled_for=at, key="k") for _ in range(8)]
    results = at_once(*works)
    assert failures(results) == []
    assert len({one.secret for one in results}) == 1


def test_moved_and_booked_to_the_last_place(office: Office) -> None:
    office.queues = {"sales": callback_queue(slots=SlotRules(capacity=1))}
    moving = MoveService(store=office.store, queues=office.queues, home_zone="Europe/London")
    for day in range(1, TIMES):
        waiting = office.submit(1 + 2 * day, scheduled_for=in_days(office, day, 60)).wish
        at = in_days(office, day)
        results = at_once(
            partial(moving.move, waiting, at),
            partial(office.submit, 2 * day, scheduled_for=at),
        )
        assert sum(isinstance(one, Moved | BookingResult) for one in results) == 1
        assert [type(error) for error in failures(results)] == [SlotTaken]


def test_move_and_gate(office: Office, moving: MoveService) -> None:
    """Either the phone may ring and the time stays, or it was moved and nobody is rung."""
    won: Counter[str] = Counter()
    for n in range(TIMES):
        booked = office.submit(n)
        claimed = office.claim()
        assert claimed is not None
        token = claimed.attempt.token
        answer, moved = at_once(
            partial(office.gate.ask, token),
            partial(moving.move, booked.wish, in_days(office, 2)),
        )
        (attempt,) = office.attempts(booked.request.id)
        state = office.request(booked.request.id).state
        if isinstance(answer, GatePass):
            won["gate"] += 1
            assert isinstance(moved, NotPossible)
            assert state is RequestState.IN_PROGRESS
        else:
            won["move"] += 1
            assert isinstance(moved, Moved)
            assert answer.reason is RefusalReason.CANCELLED
            assert (state, attempt.gate_at) == (RequestState.SCHEDULED, None)
            assert attempt.disposition is Disposition.CANCELLED
    assert won.total() == TIMES


def test_renumber_and_claim(office: Office, renumbering: RenumberService) -> None:
    """Whatever comes first, the old number is not rung after the new one was accepted."""
    for n in range(TIMES):
        booked, new = office.submit(n), number(100 + n)
        moved, claimed = at_once(
            partial(renumbering.renumber, booked.wish, new),
            office.claim,
        )
        assert failures([moved, claimed]) == []
        assert office.request(booked.request.id).state is RequestState.CANCELLED
        assert moved.request.e164 == number(100 + n)
        if isinstance(claimed, ClaimedCall) and claimed.attempt.request_id == booked.request.id:
            assert not isinstance(office.gate.ask(claimed.attempt.token), GatePass)
            claimed = None
        claimed = claimed or office.claim()
        assert isinstance(claimed, ClaimedCall)
        assert claimed.attempt.e164 == number(100 + n)
        assert isinstance(office.gate.ask(claimed.attempt.token), GatePass)


def test_renumber_and_gate(office: Office, renumbering: RenumberService) -> None:
    for n in range(TIMES):
        booked = office.submit(n)
        claimed, new = office.claim(), number(100 + n)
        assert claimed is not None
        answer, moved = at_once(
            partial(office.gate.ask, claimed.attempt.token),
            partial(renumbering.renumber, booked.wish, new),
        )
        assert isinstance(answer, GatePass) == isinstance(moved, NotPossible)
        if isinstance(moved, Moved):
            again = office.claim()
            assert again is not None
            assert again.attempt.e164 == number(100 + n)


def test_two_who_swap_their_numbers(office: Office, renumbering: RenumberService) -> None:
    """Both rows and both numbers are locked by both: nobody waits for ever."""
    for n in range(TIMES):
        first, second = office.submit(2 * n).wish, office.submit(2 * n + 1).wish
        one, other = number(2 * n), number(2 * n + 1)
        results = at_once(
            partial(renumbering.renumber, first, other),
            partial(renumbering.renumber, second, one),
        )
        assert failures(results) == []


def test_two_who_take_the_same_new_number(office: Office, renumbering: RenumberService) -> None:
    """P3: one open request for it, with both wishes."""
    for n in range(TIMES):
        wishes = [office.submit(3 * n + i).wish for i in (0, 1)]
        to = number(3 * n + 2)
        results = at_once(*[partial(renumbering.renumber, wish, to) for wish in wishes])
        assert failures(results) == []
        assert len({moved.request.id for moved in results}) == 1
