"""What a supervisor does to a request: give, move, try again, ask again, cancel many."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from asterisk_callback.domain import errors
from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.customer_message import MessageKind
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import (
    CallbackError,
    InvalidTime,
    LimitReached,
    QueueClosed,
    UnknownQueue,
)
from asterisk_callback.domain.gate import GatePass, GateRefusal
from asterisk_callback.domain.hold import HoldKind
from asterisk_callback.domain.limits import Limits
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.opening_hours import Hours, OpeningSpan
from asterisk_callback.domain.request import Request, RequestId, RequestState
from asterisk_callback.domain.slots import SlotRules
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.services.board import supervise
from asterisk_callback.services.board.reassign import ReassignService
from asterisk_callback.services.booking.ask_again import ask_again
from asterisk_callback.services.booking.move import MoveService
from asterisk_callback.services.booking.withdraw import cancel, withdraw
from asterisk_callback.services.calling import holds
from asterisk_callback.services.calling.release import release
from asterisk_callback.services.telling.outbox import Outbox
from tests.factories import NOW, ZONE, Office, SetClock, callback_queue, complaint
from tests.post import Post, work_off
from tests.unit.services.telling.test_messages import ring

ME = "customer@example.org"
# From ten to six, Monday to Friday; NOW is Monday at ten.
OFFICE_HOURS = Hours(zone=ZONE, week=((OpeningSpan(600, 1080),),) * 5 + ((),) * 2)
WORDS = errors.NotPossibleForStaff


def give(office: Office, request: Request, to: str = "support") -> Request:
    giving = ReassignService(store=office.store, queues=office.queues, guard=office.guard)
    return giving.give(request.id, to, actor="ada")


def refusal(work: Callable[[], object]) -> str:
    error = complaint(work)
    assert isinstance(error, WORDS), error
    return error.sentence


def gated(office: Office, attempt: Attempt) -> GatePass | GateRefusal:
    return office.gate.ask(attempt.token)


# --- giving ---------------------------------------------------------------------------------


def test_given_with_wishes_and_place(office: Office, clock: SetClock) -> None:
    first = office.submit(0)
    clock.advance(minutes=1)
    office.submit(1, "support")
    clock.advance(minutes=1)
    given = give(office, first.request)
    assert (given.queue, given.line_at, given.state) == ("support", NOW, RequestState.QUEUED)
    assert office.claim("sales") is None
    claimed = office.claim("support")
    assert claimed is not None and claimed.attempt.request_id == first.request.id
    with office.store.reading() as tx:
        (wish,) = tx.wishes.of(first.request.id)
        assert wish.withdrawn_at is None
        entry = next(one for one in tx.trail.of(given.id) if one.actor == "ada")
    assert entry.event == TrailEvent.REASSIGNED
    assert entry.reason == "given to support from sales by ada"


def test_given_to_where_it_is_changes_nothing(office: Office) -> None:
    request = office.submit().request
    assert give(office, request, "sales") == request
    assert isinstance(complaint(lambda: give(office, request, "nowhere")), UnknownQueue)


def test_an_agent_who_is_rung_for_it_is_called_off(office: Office) -> None:
    attempt = office.attempt()
    given = give(office, office.request(attempt.request_id))
    assert (given.queue, given.state) == ("support", RequestState.QUEUED)
    assert isinstance(gated(office, attempt), GateRefusal)
    claimed = office.claim("support")
    assert claimed is not None and isinstance(gated(office, claimed.attempt), GatePass)


def test_not_after_the_gate_and_not_after_the_end(office: Office) -> None:
    attempt = office.attempt()
    gated(office, attempt)
    request = office.request(attempt.request_id)
    assert "may be ringing already" in refusal(lambda: give(office, request))
    ended = cancel(office.store, office.submit(1).request, actor="ada")
    assert refusal(lambda: give(office, ended)) == "It has ended: cancelled."


def test_one_open_request_for_a_number_and_queue(office: Office) -> None:
    """P3."""
    request = office.submit(0).request
    other = office.submit(0, "support").request
    said = refusal(lambda: give(office, request))
    assert f"request {other.id}" in said and "Cancel one of them" in said
    cancel(office.store, other, actor="ada")
    assert give(office, request).queue == "support"


def test_it_lives_until_the_new_queue_has_opened(office: Office, clock: SetClock) -> None:
    """Given on Friday evening to a queue that keeps wishes for an hour: it has Monday morning."""
    support = callback_queue("support", hours=OFFICE_HOURS, lifetime=timedelta(hours=1))
    office.queues = {"sales": callback_queue(lifetime=timedelta(hours=4)), "support": support}
    clock.now = NOW + timedelta(days=4, hours=9)
    request = office.submit().request
    given = give(office, request)
    assert given.expires_at == NOW + timedelta(days=7, hours=1) > request.expires_at
    # Back again it keeps that: the end never comes sooner.
    assert give(office, given, "sales").expires_at == given.expires_at


def test_a_country_that_the_other_queue_does_not_ring(office: Office) -> None:
    office.queues = {
        "sales": callback_queue(),
        "support": callback_queue("support", regions=("IE",)),
    }
    request = office.submit().request
    assert "does not ring numbers of this country" in refusal(lambda: give(office, request))


def test_a_chosen_time_needs_a_place_there(office: Office) -> None:
    office.queues = {
        "sales": callback_queue(),
        "support": callback_queue("support", slots=SlotRules(capacity=1)),
    }
    at = (NOW + timedelta(hours=3)).isoformat()
    request = office.submit(0, scheduled_for=at).request
    office.submit(1, "support", scheduled_for=at)
    assert "no place left at its time" in refusal(lambda: give(office, request))


def test_what_a_team_was_told_of_stays_there(office: Office) -> None:
    office.queues = {
        "sales": callback_queue(mode=DeliveryMode.NOTIFY, title="Sales"),
        "support": callback_queue("support"),
    }
    request = office.submit().request
    assert "The team of Sales was told" in refusal(lambda: give(office, request))


# --- moving ---------------------------------------------------------------------------------


@pytest.fixture
def moving(office: Office) -> MoveService:
    return MoveService(store=office.store, queues=office.queues, home_zone=ZONE)


def test_all_who_wished_for_it_are_moved_and_told(
    office: Office, moving: MoveService, outbox: Outbox, post: Post
) -> None:
    first = office.submit(email=ME)
    office.submit(email="other@example.org", scheduled_for=(NOW + timedelta(hours=5)).isoformat())
    at = NOW + timedelta(hours=3)
    moved = moving.move_request(first.request.id, at.isoformat(), actor="ada")
    assert (moved.due_at, moved.state) == (at, RequestState.SCHEDULED)
    with office.store.reading() as tx:
        wishes = tx.wishes.of(moved.id)
    assert [(one.due_at, one.moves, one.promised_from) for one in wishes] == [(at, 1, at)] * 2
    work_off(outbox)
    assert post.kinds.count(MessageKind.MOVED) == 2


def test_a_withdrawn_wish_is_not_moved(office: Office, moving: MoveService) -> None:
    first = office.submit()
    office.submit()
    withdraw(office.store, first.wish)
    moved = moving.move_request(first.request.id, (NOW + timedelta(hours=3)).isoformat(), actor="a")
    with office.store.reading() as tx:
        assert [one.moves for one in tx.wishes.of(moved.id)] == [0, 1]


def test_moved_into_the_hours_only(office: Office) -> None:
    office.queues = {"sales": callback_queue(hours=OFFICE_HOURS)}
    moving = MoveService(store=office.store, queues=office.queues, home_zone=ZONE)
    request = office.submit().request
    night = (NOW + timedelta(hours=12)).isoformat()
    error = complaint(lambda: moving.move_request(request.id, night, actor="ada"))
    assert isinstance(error, InvalidTime)
    assert office.request(request.id) == request


def test_moved_before_the_gate_only(office: Office, moving: MoveService) -> None:
    attempt = office.attempt()
    gated(office, attempt)
    at = (NOW + timedelta(hours=3)).isoformat()
    said = refusal(lambda: moving.move_request(attempt.request_id, at, actor="ada"))
    assert "may be ringing already" in said


# --- trying again, asking again -------------------------------------------------------------


def test_the_next_try_without_its_pause(office: Office, clock: SetClock) -> None:
    request = office.submit().request
    ring(office, Disposition.BUSY)
    clock.advance(seconds=10)
    sooner = supervise.try_now(office.store, office.queues, request.id, actor="ada")
    # A minute after the last ring at the soonest, and the try stays counted (P4).
    assert (sooner.due_at, sooner.rings) == (NOW + timedelta(minutes=1), 1)
    assert supervise.try_now(office.store, office.queues, request.id, actor="ada") == sooner
    clock.advance(seconds=50)
    release(office.store)
    assert office.claim() is not None


def test_only_one_that_was_tried(office: Office) -> None:
    later = office.submit(scheduled_for=(NOW + timedelta(hours=3)).isoformat()).request
    said = refusal(lambda: supervise.try_now(office.store, office.queues, later.id, actor="ada"))
    assert "not tried yet" in said


def test_not_while_its_queue_is_closed(office: Office, clock: SetClock) -> None:
    office.queues = {"sales": callback_queue(hours=OFFICE_HOURS)}
    request = office.submit().request
    clock.advance(hours=7, minutes=55)
    ring(office, Disposition.BUSY)
    clock.advance(minutes=10)
    said = refusal(lambda: supervise.try_now(office.store, office.queues, request.id, actor="ada"))
    assert "closed now" in said


def again(office: Office, request: Request) -> Request:
    return ask_again(office.booking, request.id, scope="board", actor="ada").request


def test_one_that_ended_is_asked_for_again(office: Office) -> None:
    old = cancel(office.store, office.submit(name="Chloé", email=ME).request, actor="ada")
    new = again(office, old)
    assert new.id != old.id and new.open
    assert (new.name, new.email, new.queue) == ("Chloé", ME, "sales")
    assert "Only one that failed" in refusal(lambda: again(office, new))


def test_also_while_callbacks_are_not_offered(office: Office) -> None:
    old = cancel(office.store, office.submit().request, actor="ada")
    with office.store.writing() as tx:
        holds.stop(tx, actor="ada", kind=HoldKind.INTAKE)
    assert again(office, old).open


def test_the_guard_judges_it(office: Office) -> None:
    old = cancel(office.store, office.submit().request, actor="ada")
    office.limits = replace(Limits(), requests_per_number=1)
    assert isinstance(complaint(lambda: again(office, old)), LimitReached)
    office.queues = {"sales": callback_queue(hours=replace(OFFICE_HOURS, week=((),) * 7))}
    assert isinstance(complaint(lambda: again(office, old)), QueueClosed)


# --- cancelling many ------------------------------------------------------------------------


def test_each_is_cancelled_by_itself(office: Office) -> None:
    ringing = office.attempt(0)
    gated(office, ringing)
    done = [office.submit(n).request.id for n in (1, 2)]
    gone = cancel(office.store, office.submit(3).request, actor="ada").id
    ids = [done[0], gone, RequestId(999), done[1]]
    left = supervise.cancel_all(office.store, ids, "  fire \n drill ", actor="ada")
    assert [(one.id, one.why) for one in left] == [
        (gone, "It has ended: cancelled."),
        (999, "There is no such callback request."),
    ]
    for one in done:
        assert office.request(one).state is RequestState.CANCELLED
        with office.store.reading() as tx:
            assert any(entry.reason == "fire drill" for entry in tx.trail.of(one))


def test_nobody_is_cancelled_who_talks(office: Office) -> None:
    from asterisk_callback.domain.progress import CustomerAnswers, CustomerRings

    attempt = office.attempt()
    gated(office, attempt)
    office.progress.report(CustomerRings(token=attempt.token), office.me)
    office.progress.report(CustomerAnswers(token=attempt.token), office.me)
    (left,) = supervise.cancel_all(office.store, [attempt.request_id], "x", actor="ada")
    assert left.why == "They are talking right now."


def test_what_is_refused_is_a_sentence_for_the_inside() -> None:
    assert issubclass(WORDS, CallbackError)
