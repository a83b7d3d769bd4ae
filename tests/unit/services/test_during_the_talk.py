"""A wish that joined while they talked is not answered by that talk (P12)."""

from datetime import timedelta

from asterisk_callback.domain.attempt import Attempt, Disposition
from asterisk_callback.domain.progress import AttemptEnds, CustomerAnswers
from asterisk_callback.domain.request import RequestState
from asterisk_callback.services.booking import Booked
from asterisk_callback.services.status import PublicStatus, Statuses
from asterisk_callback.services.withdraw import withdraw
from tests.factories import Office, SetClock

S = RequestState


def talk(office: Office, clock: SetClock) -> tuple[Booked, Attempt]:
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


def status(office: Office, booked: Booked) -> PublicStatus:
    return Statuses(store=office.store, queues=office.queues).by_secret(booked.secret).public


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
        (fresh, *_) = tx.find_requests(None, 1)  # type: ignore[attr-defined]
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


def test_one_that_was_withdrawn_is_not_called(office: Office, clock: SetClock) -> None:
    _, attempt = talk(office, clock)
    second = office.submit()
    with office.store.writing() as tx:
        tx.withdraw_wish(second.wish.id)
    hang_up(office, attempt)
    assert office.claim() is None


def test_the_new_request_can_be_cancelled(office: Office, clock: SetClock) -> None:
    _, attempt = talk(office, clock)
    second = office.submit()
    hang_up(office, attempt)
    with office.store.reading() as tx:
        wish = tx.wish_by_public_id(second.wish.public_id)
    assert wish is not None
    assert withdraw(office.store, wish).state is S.CANCELLED
