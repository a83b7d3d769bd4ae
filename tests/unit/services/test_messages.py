"""What customers are told, when it goes out, and what is better left unsaid."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from asterisk_callback.domain.attempt import Disposition
from asterisk_callback.domain.message import GIVE_UP_AFTER, Kind, pause
from asterisk_callback.domain.progress import AttemptEnds, CustomerAnswers, CustomerRings
from asterisk_callback.services import messages
from asterisk_callback.services.booking import Booked
from asterisk_callback.services.outbox import Dispatch, Never, NotNow, Outbox, ServerAway
from asterisk_callback.services.release import expire, release
from asterisk_callback.services.withdraw import cancel, withdraw
from tests.factories import Office, SetClock

ME = "customer@example.org"
TOMORROW = "2026-11-24T10:00"


@dataclass
class Post:
    """A channel that takes everything, unless told what to do instead."""

    sent: list[Dispatch] = field(default_factory=list)
    instead: Callable[[Dispatch], None] | None = None

    def __call__(self, dispatch: Dispatch) -> None:
        if self.instead is not None:
            self.instead(dispatch)
        self.sent.append(dispatch)

    @property
    def kinds(self) -> list[Kind]:
        return [one.message.kind for one in self.sent]


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def outbox(office: Office, post: Post) -> Outbox:
    return Outbox(store=office.store, queues=office.queues, secret_key="test secret", send=post)


def work_off(outbox: Outbox) -> None:
    while outbox.work_off():
        pass


def outcomes(office: Office) -> list[tuple[str, str | None]]:
    with office.store.connect() as connection, connection.begin():
        rows = connection.exec_driver_sql("SELECT kind, outcome FROM message ORDER BY id")
        return [(row.kind, row.outcome) for row in rows]


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
    assert dispatch.message.kind is Kind.CONFIRMATION
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
    assert post.kinds == [Kind.CONFIRMATION]
    clock.advance(minutes=1)
    work_off(outbox)
    assert post.kinds == [Kind.CONFIRMATION, Kind.REMINDER]


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
    assert post.kinds == [Kind.CONFIRMATION, Kind.CANCELLED]
    assert ("reminder", "dropped") in outcomes(office)


def test_moved_counts_and_plans_anew(
    office: Office, outbox: Outbox, post: Post, clock: SetClock
) -> None:
    booked = office.submit(email=ME, scheduled_for=TOMORROW)
    work_off(outbox)
    for _ in range(2):
        with office.store.writing() as tx:
            wish = tx.wish(booked.wish.id)
            assert wish is not None
            messages.moved(tx, tx.change_wish(wish, replace(wish, moves=wish.moves + 1)))
    work_off(outbox)
    clock.now = booked.wish.due_at - timedelta(minutes=30)
    work_off(outbox)
    assert [(one.message.kind, one.wish.moves) for one in post.sent] == [
        (Kind.CONFIRMATION, 0),
        (Kind.MOVED, 2),  # the one before it was overtaken
        (Kind.REMINDER, 2),
    ]


@pytest.mark.parametrize("disposition", [Disposition.BUSY, Disposition.NO_ANSWER])
def test_missed_names_the_next_try(
    office: Office, outbox: Outbox, post: Post, disposition: Disposition
) -> None:
    booked = office.submit(email=ME)
    ring(office, disposition)
    work_off(outbox)
    told = post.sent[-1].message
    assert told.kind is Kind.MISSED
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
    assert post.kinds == [Kind.CONFIRMATION, Kind.MISSED]
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
    assert ("second@example.org", Kind.MISSED) not in told
    assert told[-1] == ("second@example.org", Kind.CONFIRMATION)


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
    assert post.kinds == [Kind.CONFIRMATION, Kind.COULD_NOT]


def by_customer(office: Office, booked: Booked) -> None:
    withdraw(office.store, booked.wish)
    withdraw(office.store, booked.wish)


def by_company(office: Office, booked: Booked) -> None:
    cancel(office.store, booked.request, actor="operator")


@pytest.mark.parametrize(("end", "by"), [(by_customer, "customer"), (by_company, "company")])
def test_cancelled_says_by_whom(
    office: Office, outbox: Outbox, post: Post, end: Callable[[Office, Booked], None], by: str
) -> None:
    booked = office.submit(email=ME)
    end(office, booked)
    work_off(outbox)
    (dispatch,) = post.sent  # the confirmation was overtaken
    assert (dispatch.message.kind, dispatch.message.facts) == (Kind.CANCELLED, {"by": by})


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


def refuse(error: Exception) -> Callable[[Dispatch], None]:
    def instead(_: Dispatch) -> None:
        raise error

    return instead


def test_tried_again_later_and_later(
    office: Office, outbox: Outbox, post: Post, clock: SetClock
) -> None:
    """The same id at every try: a mailbox recognises a duplicate."""
    office.submit(email=ME, scheduled_for="2026-12-20T10:00")
    ids, times = set(), []

    def busy(dispatch: Dispatch) -> None:
        ids.add(dispatch.id)
        times.append(clock.now)
        raise NotNow("450 later")

    post.instead = busy
    while not any(outcome for _, outcome in outcomes(office)):
        work_off(outbox)
        with office.store.reading() as tx:
            clock.now = tx.next_message_at() or clock.now
    gaps = [(b - a) / timedelta(minutes=1) for a, b in itertools.pairwise(times)]
    assert gaps[:5] == [1, 2, 4, 8, 16]
    assert max(gaps) == 360
    assert len(ids) == 1
    assert times[-1] < times[0] + GIVE_UP_AFTER
    assert outcomes(office) == [("confirmation", "gave_up")]


def test_refused_for_good_is_not_tried_again(
    office: Office, outbox: Outbox, post: Post, clock: SetClock
) -> None:
    office.submit(email=ME)
    post.instead = refuse(Never("550 no such mailbox"))
    work_off(outbox)
    assert outcomes(office) == [("confirmation", "refused")]


def test_a_server_that_is_away_costs_one_try_a_minute(
    office: Office, outbox: Outbox, post: Post, clock: SetClock
) -> None:
    for n in range(5):
        office.submit(n, email=f"customer{n}@example.org")
    tries = []

    def away(dispatch: Dispatch) -> None:
        tries.append(dispatch.wish.email)
        raise ServerAway("connection refused")

    post.instead = away
    for _ in range(3):
        work_off(outbox)
        work_off(outbox)
        clock.advance(seconds=61)
    assert len(tries) == 3
    post.instead = None
    work_off(outbox)
    assert len(post.sent) == 5


def test_a_message_that_can_t_be_made_holds_back_no_other(
    office: Office, outbox: Outbox, post: Post
) -> None:
    office.submit(0, email=ME)
    office.submit(1, email="second@example.org")

    def broken(dispatch: Dispatch) -> None:
        if dispatch.wish.email == ME:
            raise KeyError("a template's mistake")

    post.instead = broken
    work_off(outbox)
    assert [one.wish.email for one in post.sent] == ["second@example.org"]


def test_nobody_s_mailbox_is_flooded(
    office: Office, outbox: Outbox, post: Post, clock: SetClock
) -> None:
    """Anybody can type anybody's address: with other numbers, in other letters, again and again."""
    for n in range(15):
        office.submit(n, email=ME if n % 2 else ME.upper())
    work_off(outbox)
    assert len(post.sent) == 10
    clock.advance(hours=24, seconds=1)
    office.submit(20, email=ME)
    work_off(outbox)
    assert len(post.sent) == 11


def test_many_writings_of_an_address_are_one_mailbox(
    office: Office, outbox: Outbox, post: Post
) -> None:
    """Most servers deliver `name+anything` to `name`, and a domain can be written in two ways."""
    writings = ("user+{n}@bücher.example", "USER+{n}@xn--bcher-kva.example", "user@BÜCHER.example")
    for n in range(15):
        office.submit(n, email=writings[n % 3].format(n=n))
    work_off(outbox)
    assert len(post.sent) == 10


def test_without_mail_the_outbox_stays_empty(office: Office, outbox: Outbox) -> None:
    office.submit(email=ME)
    outbox.send = None
    work_off(outbox)
    assert outcomes(office) == [("confirmation", "off")]


def test_an_erased_address_is_not_written_to(office: Office, outbox: Outbox, post: Post) -> None:
    office.submit(email=ME)
    with office.store.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE wish SET email = ''")
    work_off(outbox)
    assert post.sent == []


def test_pauses_grow_to_six_hours() -> None:
    assert [pause(tries) / timedelta(minutes=1) for tries in (1, 2, 3, 9, 10, 1000)] == [
        1, 2, 4, 256, 360, 360,
    ]  # fmt: skip


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
