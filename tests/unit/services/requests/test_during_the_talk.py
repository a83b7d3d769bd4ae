"""A wish that joined while they talked is not answered by that talk (P12)."""

from datetime import timedelta

import pytest

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.disposition import DEFAULT, Disposition, Reaction, RetryAction
from asterisk_callback.domain.progress import AttemptEnds, CustomerAnswers
from asterisk_callback.domain.request import RequestState
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.booking.booking import BookingResult
from asterisk_callback.services.booking.renumber import RenumberService
from asterisk_callback.services.booking.withdraw import withdraw
from asterisk_callback.services.calling.release import release
from asterisk_callback.services.status.status import PublicStatus, Statuses
from tests.factories import Office, SetClock, callback_queue, number

S = RequestState
ONE_RING = dict(DEFAULT) | {Disposition.BUSY: Reaction(then=RetryAction.FAIL)}


def talk(office: Office, clock: SetClock) -> tuple[BookingResult, Attempt]:
    first = office.submit()
    claimed = office.claim()
    assert claimed is not None
    office.gate.ask(claimed.attempt.token)
    clock.advance(seconds=5)
    office.progress.report(CustomerAnswers(token=claimed.attempt.token), office.me)
    clock.advance(seconds=30)
    return first, claimed.attempt


def hang_up(office: Office, attempt: Attempt) -> None:
    ends = AttemptEnds(token=attempt.token, disposition=Disposition.ANSWERED, rung=True)
    office.progress.report(ends, office.me)


def status(office: Office, booked: BookingResult) -> PublicStatus:
    return Statuses(store=office.store, queues=office.queues).by_secret(booked.secret).public


def current(office: Office, booked: BookingResult) -> Wish:
    with office.store.reading() as tx:
        wish = tx.wishes.by_public_id(booked.wish.public_id)
    assert wish is not None
    return wish


def test_it_goes_on_in_a_request_of_its_own(office: Office, clock: SetClock) -> None:
    first, attempt = talk(office, clock)
    second = office.submit()
    assert second.request.id == first.request.id
    clock.advance(seconds=30)
    hang_up(office, attempt)
    assert status(office, first) is PublicStatus.COMPLETED
    assert status(office, second) is PublicStatus.WAITING
    assert office.request(first.request.id).state is S.COMPLETED
    again = office.claim()
    assert again is not None and again.attempt.request_id != first.request.id
    request = office.request(again.attempt.request_id)
    assert request.rings == 0 and request.expires_at > clock.now + timedelta(hours=23)


def test_one_for_later_keeps_its_time(office: Office, clock: SetClock) -> None:
    _, attempt = talk(office, clock)
    office.submit(scheduled_for="2026-11-24T11:00", time_zone="Europe/London")
    hang_up(office, attempt)
    assert office.claim() is None
    with office.store.reading() as tx:
        (fresh, *_) = tx.requests.latest(None, 1)
    assert (fresh.state, fresh.wall_time) == (S.SCHEDULED, "2026-11-24T11:00")
    assert f"{fresh.due_at:%d %H:%M}" == "24 11:00"


def test_one_from_before_the_talk_is_done_with_it(office: Office, clock: SetClock) -> None:
    first = office.submit()
    second = office.submit()
    claimed = office.claim()
    assert claimed is not None
    office.gate.ask(claimed.attempt.token)
    clock.advance(seconds=5)
    office.progress.report(CustomerAnswers(token=claimed.attempt.token), office.me)
    hang_up(office, claimed.attempt)
    assert status(office, first) is status(office, second) is PublicStatus.COMPLETED
    assert office.claim() is None


def test_a_clock_set_back_makes_no_later_wish(office: Office, clock: SetClock) -> None:
    """Found by the fault suite: the call's own wish was taken for one made during the talk."""
    first = office.submit()
    claimed = office.claim()
    assert claimed is not None
    office.gate.ask(claimed.attempt.token)
    clock.advance(hours=-1)
    office.progress.report(CustomerAnswers(token=claimed.attempt.token), office.me)
    clock.advance(seconds=30)
    hang_up(office, claimed.attempt)
    assert status(office, first) is PublicStatus.COMPLETED
    clock.advance(hours=2)
    assert office.claim() is None


@pytest.mark.parametrize("step", [-3600, -40, -5, -1, 0, 3600])
def test_whatever_the_clock_does_during_the_talk(
    office: Office, clock: SetClock, step: float
) -> None:
    """The wish knows the call that it came after: an instant would be another's, or too early."""
    first, attempt = talk(office, clock)
    clock.advance(seconds=step)
    second = office.submit()
    clock.advance(seconds=2)
    hang_up(office, attempt)
    assert status(office, first) is PublicStatus.COMPLETED
    assert office.request(second.request.id).state is S.COMPLETED
    assert status(office, second) in (PublicStatus.WAITING, PublicStatus.SCHEDULED)
    clock.advance(hours=2)
    release(office.store)
    assert office.claim() is not None


def test_one_made_before_is_answered_although_the_clock_was_set_back(
    office: Office, clock: SetClock
) -> None:
    first = office.submit()
    second = office.submit()
    claimed = office.claim()
    assert claimed is not None
    office.gate.ask(claimed.attempt.token)
    clock.advance(seconds=-5)
    office.progress.report(CustomerAnswers(token=claimed.attempt.token), office.me)
    clock.advance(seconds=10)
    hang_up(office, claimed.attempt)
    assert status(office, first) is status(office, second) is PublicStatus.COMPLETED
    assert office.claim() is None


def test_it_takes_along_what_its_own_customer_said(office: Office, clock: SetClock) -> None:
    """P12: the name, the topic and the note of the first stay with the first."""
    first = office.submit(name="Ann", topic="Router", about="Red light")
    claimed = office.claim()
    assert claimed is not None
    office.gate.ask(claimed.attempt.token)
    office.progress.report(CustomerAnswers(token=claimed.attempt.token), office.me)
    second = office.submit(name="Bert", topic="My bill", about="Too high", email="b@example.org")
    assert (second.request.name, second.wish.name) == ("Ann", "Bert")
    hang_up(office, claimed.attempt)
    again = current(office, second)
    request = office.request(again.request_id)
    assert (request.name, request.topic, request.about) == ("Bert", "My bill", "Too high")
    assert (request.email, again.after_attempt) == ("b@example.org", None)
    assert office.request(first.request.id).name == "Ann"


def test_another_number_given_during_its_talk(office: Office, clock: SetClock) -> None:
    _, attempt = talk(office, clock)
    other = office.submit(1)
    renumbering = RenumberService(store=office.store, queues=office.queues, guard=office.guard)
    assert renumbering.renumber(other.wish, number(0)).request.id == attempt.request_id
    hang_up(office, attempt)
    assert status(office, other) is PublicStatus.WAITING
    assert current(office, other).request_id != attempt.request_id


def test_its_mark_is_gone_with_that_talk(office: Office, clock: SetClock) -> None:
    """A mark belongs to one call: a wish that went on is answered by the next one."""
    _, attempt = talk(office, clock)
    second = office.submit()
    hang_up(office, attempt)
    claimed = office.claim()
    assert claimed is not None
    office.gate.ask(claimed.attempt.token)
    office.progress.report(CustomerAnswers(token=claimed.attempt.token), office.me)
    hang_up(office, claimed.attempt)
    assert status(office, second) is PublicStatus.COMPLETED
    assert office.claim() is None


def test_one_made_after_a_call_whose_bridge_is_reported_late(
    office: Office, clock: SetClock
) -> None:
    """The end was judged without knowing of the bridge: who came after it was not talked to."""
    first = office.submit()
    claimed = office.claim()
    assert claimed is not None
    office.gate.ask(claimed.attempt.token)
    lost = AttemptEnds(token=claimed.attempt.token, disposition=Disposition.UNKNOWN, rung=True)
    office.progress.report(lost, office.me)
    second = office.submit(scheduled_for="2026-11-24T11:00", time_zone="Europe/London")
    hang_up(office, claimed.attempt)
    assert status(office, first) is PublicStatus.COMPLETED
    assert status(office, second) is PublicStatus.SCHEDULED
    assert current(office, second).request_id != first.request.id


def test_after_the_end_a_late_bridge_opens_nothing(office: Office, clock: SetClock) -> None:
    """The number may have another open request by then, and there is only one at a time (P3)."""
    office.queues = {"sales": callback_queue(reactions=ONE_RING)}
    first = office.submit()
    claimed = office.claim()
    assert claimed is not None
    office.gate.ask(claimed.attempt.token)
    lost = AttemptEnds(token=claimed.attempt.token, disposition=Disposition.UNKNOWN, rung=True)
    office.progress.report(lost, office.me)
    second = office.submit()
    clock.advance(hours=2)
    release(office.store)
    again = office.claim()
    assert again is not None and again.attempt.request_id == first.request.id
    office.gate.ask(again.attempt.token)
    gone = AttemptEnds(token=again.attempt.token, disposition=Disposition.BUSY, rung=True)
    office.progress.report(gone, office.me)
    assert office.request(first.request.id).state is S.FAILED
    third = office.submit()
    assert third.request.id != first.request.id
    hang_up(office, claimed.attempt)
    assert office.request(first.request.id).state is S.COMPLETED
    assert current(office, second).request_id == first.request.id


def test_one_that_was_withdrawn_is_not_called(office: Office, clock: SetClock) -> None:
    _, attempt = talk(office, clock)
    second = office.submit()
    with office.store.writing() as tx:
        tx.wishes.withdraw(second.wish.id)
    hang_up(office, attempt)
    assert office.claim() is None


def test_the_new_request_can_be_cancelled(office: Office, clock: SetClock) -> None:
    _, attempt = talk(office, clock)
    second = office.submit()
    hang_up(office, attempt)
    assert withdraw(office.store, current(office, second)).state is S.CANCELLED


def test_a_page_read_during_the_talk_cancels_the_new_request(
    office: Office, clock: SetClock
) -> None:
    first, attempt = talk(office, clock)
    read = office.submit().wish
    hang_up(office, attempt)
    cancelled = withdraw(office.store, read)
    assert (cancelled.id, cancelled.state) != (first.request.id, S.COMPLETED)
    assert cancelled.state is S.CANCELLED
