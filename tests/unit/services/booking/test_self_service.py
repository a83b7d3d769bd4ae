"""What a customer can change: the time, the number, the pause before the next try."""

from datetime import timedelta

import pytest

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import (
    InvalidNumber,
    InvalidTime,
    LimitReached,
    NotPossible,
    QueueClosed,
    SlotTaken,
)
from asterisk_callback.domain.gate import GatePass, GateRefusal, RefusalReason
from asterisk_callback.domain.keyed_hash import hash_secret
from asterisk_callback.domain.limits import Limits
from asterisk_callback.domain.opening_hours import Hours, span
from asterisk_callback.domain.progress import AttemptEnds
from asterisk_callback.domain.promise import first_ring
from asterisk_callback.domain.request import RequestState
from asterisk_callback.domain.slots import SlotRules
from asterisk_callback.services.booking.booking import BookingResult
from asterisk_callback.services.booking.call_now import call_now
from asterisk_callback.services.booking.move import MoveService
from asterisk_callback.services.booking.renumber import RenumberService
from asterisk_callback.services.booking.withdraw import withdraw
from asterisk_callback.services.calling.release import release
from asterisk_callback.services.status.status import Statuses
from tests.factories import NOW, Office, SetClock, callback_queue, number

S = RequestState
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
TOMORROW = "2026-11-24T10:15"
AT_TOMORROW = NOW + DAY + 15 * MINUTE


def moving(office: Office) -> MoveService:
    return MoveService(store=office.store, queues=office.queues, home_zone="Europe/London")


def renumbering(office: Office) -> RenumberService:
    return RenumberService(store=office.store, queues=office.queues, guard=office.guard)


def miss(office: Office) -> None:
    claimed = office.claim()
    assert claimed is not None
    assert isinstance(office.gate.ask(claimed.attempt.token), GatePass)
    busy = AttemptEnds(token=claimed.attempt.token, disposition=Disposition.BUSY, rung=True)
    office.progress.report(busy, office.me)


def ring(office: Office) -> BookingResult:
    booked = office.submit()
    claimed = office.claim()
    assert claimed is not None
    assert isinstance(office.gate.ask(claimed.attempt.token), GatePass)
    return booked


# --- another time ---------------------------------------------------------------------------------


def test_to_a_later_time(office: Office) -> None:
    booked = office.submit()
    moved = moving(office).move(booked.wish, TOMORROW, "Europe/Berlin")
    request = office.request(booked.request.id)
    at = AT_TOMORROW - timedelta(hours=1)
    assert (request.state, request.due_at, request.line_at) == (S.SCHEDULED, at, at)
    assert request.expires_at == at + DAY
    assert (request.wall_time, request.zone) == (TOMORROW, "Europe/Berlin")
    wish = moved.wish
    assert (wish.due_at, wish.asap, wish.own_zone, wish.moves) == (at, False, True, 1)
    assert (wish.promised_from, wish.promised_to) == (at, at + 15 * MINUTE)
    with office.store.reading() as tx:
        assert tx.wishes.by_secret(hash_secret(booked.secret)) == wish
        assert "moved" in [row.event for row in tx.trail.of(request.id)]
    assert moving(office).move(wish, TOMORROW).wish.moves == 1  # to where it is


def test_to_as_soon_as_possible(office: Office, clock: SetClock) -> None:
    booked = office.submit(scheduled_for=TOMORROW)
    first = office.submit(1)
    clock.advance(minutes=5)
    moving(office).move(booked.wish, None)
    request = office.request(booked.request.id)
    assert (request.state, request.due_at, request.line_at) == (S.QUEUED, clock.now, clock.now)
    claimed = office.claim()
    assert claimed and claimed.attempt.request_id == first.request.id


def test_out_of_an_attempt_before_its_gate(office: Office) -> None:
    booked = office.submit()
    claimed = office.claim()
    assert claimed is not None
    moving(office).move(booked.wish, TOMORROW)
    assert office.gate.ask(claimed.attempt.token) == GateRefusal(reason=RefusalReason.CANCELLED)
    assert office.request(booked.request.id).due_at == AT_TOMORROW


def test_not_while_the_phone_may_ring_and_not_after_the_end(office: Office) -> None:
    booked = ring(office)
    with pytest.raises(NotPossible, match="calling you right now"):
        moving(office).move(booked.wish, TOMORROW)
    with pytest.raises(NotPossible, match="calling you right now"):
        renumbering(office).renumber(booked.wish, number(5))
    with pytest.raises(NotPossible, match="calling you right now"):
        call_now(office.store, office.queues, booked.wish)
    ended = office.submit(1)
    withdraw(office.store, ended.wish)
    with pytest.raises(NotPossible, match="has ended"):
        moving(office).move(ended.wish, TOMORROW)


def test_only_its_own_wish(office: Office) -> None:
    """P12."""
    mine = office.submit()
    theirs = office.submit()
    moving(office).move(mine.wish, "2026-12-10T10:00")
    request = office.request(mine.request.id)
    assert (request.state, request.due_at, request.line_at) == (S.QUEUED, NOW, NOW)
    assert request.expires_at > NOW + 17 * DAY  # and the moved one has its full time
    moving(office).move(theirs.wish, TOMORROW)
    assert office.request(mine.request.id).due_at == AT_TOMORROW


def test_the_pause_between_rings_stays(office: Office, clock: SetClock) -> None:
    """P4: moved to and fro is no way around it."""
    booked = office.submit()
    miss(office)
    moved = moving(office).move(booked.wish, TOMORROW)
    moving(office).move(moved.wish, None)
    assert office.request(booked.request.id).due_at == NOW + timedelta(hours=1)


def test_a_full_slot(office: Office) -> None:
    office.queues = {"sales": callback_queue(slots=SlotRules(capacity=1))}
    office.submit(0, scheduled_for=TOMORROW)
    booked = office.submit(1)
    with pytest.raises(SlotTaken):
        moving(office).move(booked.wish, "2026-11-24T10:20")
    moved = moving(office).move(booked.wish, "2026-11-24T10:30").wish
    moving(office).move(moved, "2026-11-24T10:40")  # its own place is no obstacle
    with pytest.raises(InvalidTime, match="passed"):
        moving(office).move(moved, "2026-11-20T10:40")


# --- now --------------------------------------------------------------------------------------


def test_the_pause_can_be_skipped(office: Office, clock: SetClock) -> None:
    booked = office.submit()
    miss(office)
    clock.advance(seconds=10)
    call_now(office.store, office.queues, booked.wish)
    request = office.request(booked.request.id)
    assert (request.state, request.due_at) == (S.SCHEDULED, NOW + MINUTE)  # not at once
    assert request.line_at == NOW + MINUTE
    for _ in range(2):
        clock.advance(minutes=3)
        for _ in range(2):
            call_now(office.store, office.queues, booked.wish)
        release(office.store)
        miss(office)
    assert office.request(booked.request.id).state is S.FAILED  # three rings in all


def test_now_is_nothing_before_the_first_try(office: Office) -> None:
    booked = office.submit(scheduled_for=TOMORROW)
    with pytest.raises(NotPossible, match="chosen time"):
        call_now(office.store, office.queues, booked.wish)
    waiting = office.submit(1)
    assert call_now(office.store, office.queues, waiting.wish) == waiting.request


def test_now_is_not_after_closing(office: Office, clock: SetClock) -> None:
    hours = Hours(week=((span("08:00-18:00"),),) * 7)
    office.queues = {"sales": callback_queue(hours=hours)}
    clock.now = NOW.replace(hour=17, minute=58)
    booked = office.submit()
    miss(office)
    clock.advance(minutes=2)
    with pytest.raises(QueueClosed) as refused:
        call_now(office.store, office.queues, booked.wish)
    assert refused.value.next_free[0] == NOW.replace(day=24, hour=8)


# --- another number -----------------------------------------------------------------------------


def test_another_number(office: Office) -> None:
    booked = office.submit(name="Ann", topic="Router", about="Red light")
    claimed = office.claim()
    assert claimed is not None
    moved = renumbering(office).renumber(booked.wish, number(7))
    assert office.request(booked.request.id).state is S.CANCELLED
    assert office.gate.ask(claimed.attempt.token) == GateRefusal(reason=RefusalReason.CANCELLED)
    request = office.request(moved.request.id)
    assert (request.e164, request.state, request.line_at) == (number(7), S.QUEUED, NOW)
    assert (request.name, request.topic, request.about) == ("Ann", "Router", "Red light")
    with office.store.reading() as tx:
        assert tx.wishes.by_secret(hash_secret(booked.secret)) == moved.wish
    following = office.claim()
    assert following and following.attempt.e164 == number(7)
    assert renumbering(office).renumber(moved.wish, number(7)).wish == moved.wish


def test_whose_turn_has_come_is_due_now_with_another_number_too(
    office: Office, clock: SetClock
) -> None:
    """Not an hour ago: as a request that is opened after a talk. The place in line is kept."""
    booked = office.submit()
    clock.advance(hours=1)
    new = renumbering(office).renumber(booked.wish, number(7)).request
    assert (new.state, new.due_at, new.line_at) == (S.QUEUED, clock.now, booked.wish.due_at)
    assert new.expires_at == office.queues["sales"].keeps_until(clock.now)


def test_another_number_that_has_a_request(office: Office) -> None:
    theirs = office.submit(7, scheduled_for=TOMORROW)
    booked = office.submit(0)
    moved = renumbering(office).renumber(booked.wish, number(7))
    assert moved.request.id == theirs.request.id
    assert office.request(theirs.request.id).due_at == NOW
    withdraw(office.store, moved.wish)
    assert office.request(theirs.request.id).state is S.SCHEDULED


def test_another_number_tells_nothing_of_its_earlier_attempts(
    office: Office, clock: SetClock
) -> None:
    """P12: who joins by a change of number learns no more than who joins by asking."""
    mine = office.submit(0).wish
    theirs = office.submit(7).wish
    statuses = Statuses(store=office.store, queues=office.queues)
    held = office.submit(0, scheduled_for=TOMORROW).wish
    miss(office)  # number 0 is rung, and was busy
    miss(office)  # number 7, too
    clock.advance(minutes=1)
    moved = renumbering(office).renumber(held, number(7)).wish
    assert moved.request_id == theirs.request_id
    assert statuses.by_public_id(moved.public_id, moved.scope).attempts == []
    with office.store.reading() as tx:
        assert first_ring(moved, tx.attempts.of(moved.request_id)) is None
    with pytest.raises(NotPossible):
        call_now(office.store, office.queues, moved)
    for wish in (mine, theirs):
        assert len(statuses.by_public_id(wish.public_id, wish.scope).attempts) == 1


def test_another_number_leaves_the_others(office: Office) -> None:
    """P12: they keep the old number, and their name."""
    first = office.submit(0, name="Ann")
    joined = office.submit(0, scheduled_for=TOMORROW, name="Bert", topic="Router")
    moved = renumbering(office).renumber(joined.wish, number(7))
    stays = office.request(first.request.id)
    assert (stays.state, stays.name) == (S.QUEUED, "Ann")
    assert (moved.request.name, moved.request.topic) == ("Bert", "Router")
    assert moved.request.due_at == AT_TOMORROW


@pytest.mark.parametrize("way", ["cancels", "gives another number"])
def test_the_first_one_goes_and_takes_the_name_along(office: Office, way: str) -> None:
    """The agent reads whom to ask for."""
    first = office.submit(0, name="Ann", about="Red light", email="ann@example.org")
    office.submit(0, name="Bert", topic="Router")
    if way == "cancels":
        withdraw(office.store, first.wish)
    else:
        moved = renumbering(office).renumber(first.wish, number(7))
        assert moved.request.said == ("Ann", "", "Red light")
    request = office.request(first.request.id)
    assert request.open
    assert (request.said, request.email) == (("Bert", "Router", ""), "")


def test_another_number_is_a_number_like_any(office: Office) -> None:
    booked = office.submit(0)
    with pytest.raises(InvalidNumber):
        renumbering(office).renumber(booked.wish, "12")
    office.limits = Limits(requests_per_block=1)
    with pytest.raises(LimitReached):
        renumbering(office).renumber(booked.wish, number(7))
    assert office.request(booked.request.id).state is S.QUEUED


def test_numbers_are_not_tried_out(office: Office) -> None:
    wish = office.submit(0).wish
    for n in (1, 2):
        wish = renumbering(office).renumber(wish, number(n)).wish
    with pytest.raises(NotPossible, match="too often"):
        renumbering(office).renumber(wish, number(3))


def test_another_number_counts_as_a_wish_of_its_address(office: Office) -> None:
    """Five wishes an hour must not have fifteen telephones rung."""
    office.limits = Limits(wishes_per_address=3)
    wish = office.submit(0, address="192.0.2.1").wish
    wish = renumbering(office).renumber(wish, number(1)).wish
    office.submit(5000, address="192.0.2.1")
    assert renumbering(office).renumber(wish, number(1)).wish == wish
    with pytest.raises(LimitReached, match="from here"):
        renumbering(office).renumber(wish, number(2000))
    with pytest.raises(LimitReached, match="from here"):
        office.submit(6000, address="192.0.2.1")


def test_another_number_is_not_taken_in_where_others_are_refused(office: Office) -> None:
    """P12: else it would tell that there is a request for that number."""
    theirs = office.submit(7)
    wish = office.submit(0).wish
    office.limits = Limits(requests_per_block=1)
    with pytest.raises(LimitReached):
        renumbering(office).renumber(wish, number(7))
    assert office.request(theirs.request.id).open


def test_while_it_rings_no_number_can_be_found_out(office: Office) -> None:
    wish = ring(office).wish
    for n in (0, 1):
        with pytest.raises(NotPossible, match="calling you"):
            renumbering(office).renumber(wish, number(n))


def test_a_time_is_not_changed_for_ever(office: Office) -> None:
    wish = office.submit(scheduled_for=TOMORROW).wish
    for n in range(20):
        wish = moving(office).move(wish, f"2026-11-25T10:{n:02d}").wish
    with pytest.raises(NotPossible, match="too often"):
        moving(office).move(wish, TOMORROW)
