"""What customers are told, when it goes out, and what is better left unsaid."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from asterisk_callback.domain.customer_message import MessageKind
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.progress import AttemptEnds, CustomerAnswers, CustomerRings
from asterisk_callback.services.booking.booking import BookingResult
from asterisk_callback.services.booking.withdraw import cancel, withdraw
from asterisk_callback.services.calling.release import expire, release
from asterisk_callback.services.telling import customer
from asterisk_callback.services.telling.outbox import Outbox
from tests.factories import Office, SetClock
from tests.post import Post, outcomes, work_off

ME = "customer@example.org"
TOMORROW = "2026-11-24T10:00"


def ring(office: Office, disposition: Disposition) -> None:
    claimed = office.claim()
    assert claimed is not None
    token = claimed.attempt.token
    office.gate.ask(token)
    office.progress.report(CustomerRings(token=token), office.me)
    if disposition is Disposition.ANSWERED:
        office.progress.report(CustomerAnswers(token=token), office.me)
    ends = AttemptEnds(token=token, disposition=disposition, rung=True)
    office.progress.report(ends, office.me)


def test_a_confirmation_says_where_the_page_is(office: Office, outbox: Outbox, post: Post) -> None:
    booked = office.submit(email=ME, locale="de")
    work_off(outbox)
    (dispatch,) = post.sent
    assert dispatch.message.kind is MessageKind.CONFIRMATION
    assert dispatch.secret == booked.secret
    assert (dispatch.wish.email, dispatch.wish.locale) == (ME, "de")
    assert outcomes(office) == [("confirmation", "sent")]


def test_who_leaves_no_address_is_not_written_to(office: Office, outbox: Outbox) -> None:
    booked = office.submit()
    withdraw(office.store, booked.wish)
    assert outcomes(office) == []


def test_the_same_submission_again_is_told_nothing_again(office: Office, outbox: Outbox) -> None:
    for _ in range(2):
        office.submit(email=ME, key="k")
        work_off(outbox)
    assert outcomes(office) == [("confirmation", "sent")]


def test_a_chosen_time_gets_a_reminder(
    office: Office, outbox: Outbox, post: Post, clock: SetClock
) -> None:
    booked = office.submit(email=ME, scheduled_for=TOMORROW)
    work_off(outbox)
    clock.now = booked.wish.due_at - timedelta(minutes=61)
    work_off(outbox)
    assert post.kinds == [MessageKind.CONFIRMATION]
    clock.advance(minutes=1)
    work_off(outbox)
    assert post.kinds == [MessageKind.CONFIRMATION, MessageKind.REMINDER]


@pytest.mark.parametrize("when", [None, "2026-11-23T10:45"])
def test_what_comes_soon_gets_none(office: Office, outbox: Outbox, when: str | None) -> None:
    office.submit(email=ME, scheduled_for=when)
    work_off(outbox)
    assert outcomes(office) == [("confirmation", "sent")]


def test_no_reminder_of_a_call_that_is_off(
    office: Office, outbox: Outbox, post: Post, clock: SetClock
) -> None:
    booked = office.submit(email=ME, scheduled_for=TOMORROW)
    work_off(outbox)
    withdraw(office.store, booked.wish)
    clock.now = booked.wish.due_at - timedelta(minutes=30)
    work_off(outbox)
    assert post.kinds == [MessageKind.CONFIRMATION, MessageKind.CANCELLED]
    assert ("reminder", "dropped") in outcomes(office)


def test_moved_counts_and_plans_anew(
    office: Office, outbox: Outbox, post: Post, clock: SetClock
) -> None:
    booked = office.submit(email=ME, scheduled_for=TOMORROW)
    work_off(outbox)
    for _ in range(2):
        with office.store.writing() as tx:
            wish = tx.wishes.get(booked.wish.id)
            assert wish is not None
            customer.moved(tx, tx.wishes.change(wish, replace(wish, moves=wish.moves + 1)))
    work_off(outbox)
    clock.now = booked.wish.due_at - timedelta(minutes=30)
    work_off(outbox)
    assert [(one.message.kind, one.wish.moves) for one in post.sent] == [
        (MessageKind.CONFIRMATION, 0),
        (MessageKind.MOVED, 2),  # the one before it was overtaken
        (MessageKind.REMINDER, 2),
    ]


@pytest.mark.parametrize("disposition", [Disposition.BUSY, Disposition.NO_ANSWER])
def test_missed_names_the_next_try(
    office: Office, outbox: Outbox, post: Post, disposition: Disposition
) -> None:
    booked = office.submit(email=ME)
    ring(office, disposition)
    work_off(outbox)
    told = post.sent[-1].message
    assert told.kind is MessageKind.MISSED
    assert told.facts["reason"] == disposition.value
    assert told.facts["next"] == office.request(booked.request.id).due_at.isoformat()


def test_missed_that_comes_too_late_is_not_sent(
    office: Office, outbox: Outbox, post: Post, clock: SetClock
) -> None:
    office.submit(email=ME)
    work_off(outbox)
    ring(office, Disposition.BUSY)
    clock.advance(minutes=6)
    release(office.store)
    ring(office, Disposition.BUSY)  # meanwhile the mail server was away
    work_off(outbox)
    assert post.kinds == [MessageKind.CONFIRMATION, MessageKind.MISSED]
    assert outcomes(office)[1:] == [("missed", "dropped"), ("missed", "sent")]


def test_who_talked_is_told_nothing_more(office: Office, outbox: Outbox) -> None:
    office.submit(email=ME)
    ring(office, Disposition.ANSWERED)
    work_off(outbox)
    assert outcomes(office) == [("confirmation", "dropped")]


def test_an_agent_who_was_not_there_is_no_matter_of_theirs(office: Office, outbox: Outbox) -> None:
    token = office.attempt(email=ME).token
    ends = AttemptEnds(token=token, disposition=Disposition.NO_AGENT, rung=False)
    office.progress.report(ends, office.me)
    work_off(outbox)
    assert outcomes(office) == [("confirmation", "sent")]


def test_a_second_wish_is_not_told_of_calls_before_it(
    office: Office, outbox: Outbox, post: Post, clock: SetClock
) -> None:
    """P12."""
    office.submit(email=ME)
    ring(office, Disposition.BUSY)
    clock.advance(seconds=1)
    office.submit(email="second@example.org")
    work_off(outbox)
    told = [(one.wish.email, one.message.kind) for one in post.sent]
    assert ("second@example.org", MessageKind.MISSED) not in told
    assert told[-1] == ("second@example.org", MessageKind.CONFIRMATION)


def failed(office: Office, clock: SetClock) -> None:
    ring(office, Disposition.REJECTED)


def expired(office: Office, clock: SetClock) -> None:
    clock.advance(hours=25)
    expire(office.store)


@pytest.mark.parametrize("end", [failed, expired])
def test_the_end_in_vain_is_told(
    office: Office,
    outbox: Outbox,
    post: Post,
    clock: SetClock,
    end: Callable[[Office, SetClock], None],
) -> None:
    office.submit(email=ME)
    work_off(outbox)
    end(office, clock)
    work_off(outbox)
    assert post.kinds == [MessageKind.CONFIRMATION, MessageKind.COULD_NOT]


def by_customer(office: Office, booked: BookingResult) -> None:
    withdraw(office.store, booked.wish)
    withdraw(office.store, booked.wish)


def by_company(office: Office, booked: BookingResult) -> None:
    cancel(office.store, booked.request, actor="operator")


@pytest.mark.parametrize(("end", "by"), [(by_customer, "customer"), (by_company, "company")])
def test_cancelled_says_by_whom(
    office: Office,
    outbox: Outbox,
    post: Post,
    end: Callable[[Office, BookingResult], None],
    by: str,
) -> None:
    booked = office.submit(email=ME)
    end(office, booked)
    work_off(outbox)
    (dispatch,) = post.sent  # the confirmation was overtaken
    assert (dispatch.message.kind, dispatch.message.facts) == (MessageKind.CANCELLED, {"by": by})


def test_the_company_cancels_for_all_who_still_wait(
    office: Office, outbox: Outbox, post: Post
) -> None:
    first = office.submit(email=ME)
    office.submit(email="second@example.org")
    withdraw(office.store, first.wish)
    cancel(office.store, first.request, actor="operator")
    work_off(outbox)
    told = sorted((one.wish.email, one.message.facts["by"]) for one in post.sent)
    assert told == [(ME, "customer"), ("second@example.org", "company")]


def test_an_erased_address_is_not_written_to(office: Office, outbox: Outbox, post: Post) -> None:
    office.submit(email=ME)
    with office.store.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE wish SET email = ''")
    work_off(outbox)
    assert post.sent == []


@pytest.mark.parametrize(
    "text",
    [
        "a@example.org,b@example.org",
        "a@example.org\r\nBcc: b@example.org",
        "Somebody <a@example.org>",
        '"a b"@example.org',
        "a@b@example.org",
        "a@localhost",
        "a@-example.org",
        "a@[192.0.2.1]",
        "a;b@example.org",
        "a@example.org\u202e",
        "=?utf-8?q?a=0d=0aBcc=3a_b=40example.com?=@example.org",
        "=?utf-8?q?a=40example.com=2cb?=@example.org",
        "a.=?utf-8?b?DQo=?=@example.org",
    ],
)
def test_only_one_plain_address_is_taken(office: Office, text: str) -> None:
    with pytest.raises(Exception, match=r"e-mail|invisible"):
        office.submit(email=text)
