"""How the outbox sends: tries, pauses, refusals, and how much one mailbox gets."""

import itertools
from collections.abc import Callable
from datetime import timedelta

from asterisk_callback.domain.alarm import Alarm, AlarmEvent
from asterisk_callback.domain.outbox import TO_CUSTOMERS
from asterisk_callback.services.telling.channel import (
    Never,
    Rejected,
    ServerAway,
    TryLater,
    Unclear,
)
from asterisk_callback.services.telling.customer import Dispatch
from asterisk_callback.services.telling.operator import Alarms
from asterisk_callback.services.telling.outbox import Outbox
from tests.factories import SERVER, Office, SetClock
from tests.post import Post, outcomes, work_off

ME = "customer@example.org"


def look(office: Office) -> list[tuple[AlarmEvent, Alarm]]:
    """What a dispatcher sees."""
    return list(Alarms(store=office.store, queues=office.queues, server=SERVER).look(None))


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
        raise TryLater("450 later")

    post.instead = busy
    while not any(outcome for _, outcome in outcomes(office)):
        work_off(outbox)
        with office.store.reading() as tx:
            clock.now = tx.messages.next_at() or clock.now
    gaps = [(b - a) / timedelta(minutes=1) for a, b in itertools.pairwise(times)]
    assert gaps[:5] == [1, 2, 4, 8, 16]
    assert max(gaps) == 360
    assert len(ids) == 1
    assert times[-1] < times[0] + TO_CUSTOMERS.give_up_after
    assert outcomes(office) == [("confirmation", "gave_up")]


def test_refused_for_good_is_not_tried_again_once_others_were_taken(
    office: Office, outbox: Outbox, post: Post, clock: SetClock
) -> None:
    office.submit(0, email=ME)
    post.instead = refuse(Rejected("550 no such mailbox"))
    work_off(outbox)
    assert outcomes(office) == [("confirmation", None)]
    office.submit(1, email="second@example.org")
    post.instead = None
    work_off(outbox)
    post.instead = refuse(Rejected("550 no such mailbox"))
    clock.advance(minutes=1)
    work_off(outbox)
    assert outcomes(office) == [("confirmation", "refused"), ("confirmation", "sent")]


def test_no_address_is_final_at_once(office: Office, outbox: Outbox, post: Post) -> None:
    office.submit(email=ME)
    post.instead = refuse(Never("this is no e-mail address that can be written to"))
    work_off(outbox)
    assert outcomes(office) == [("confirmation", "refused")]


def test_a_server_that_refuses_all_is_an_alarm_and_loses_no_message(
    office: Office, outbox: Outbox, post: Post, clock: SetClock
) -> None:
    """One address may be wrong, or be made to wait; of two it is the server."""
    office.submit(0, email=ME)
    post.instead = refuse(Rejected("550 relay access denied"))
    for _ in range(11):
        work_off(outbox)
        clock.advance(minutes=1)
    assert look(office) == []
    office.submit(1, email="second@example.org")
    for _ in range(11):
        work_off(outbox)
        clock.advance(minutes=1)
    [(event, alarm)] = look(office)
    assert (event, alarm.name, alarm.subject) == ("raised", "mail_refused", "")
    assert "2 customers could not be written to (550 relay access denied)" in alarm.text
    post.instead = None
    clock.advance(minutes=3)
    office.submit(2, email="third@example.org")
    work_off(outbox)  # the others wait for no pause of theirs
    assert outcomes(office) == [("confirmation", "sent")] * 3
    assert [event for event, _ in look(office)] == ["cleared"]


def test_a_server_that_is_away_is_an_alarm_after_ten_minutes(
    office: Office, outbox: Outbox, post: Post, clock: SetClock
) -> None:
    office.submit(email=ME)
    post.instead = refuse(ServerAway("mail.example.org:587: Connection refused"))
    work_off(outbox)
    clock.advance(minutes=9, seconds=59)
    assert look(office) == []
    clock.advance(seconds=1)
    assert [alarm.name for _, alarm in look(office)] == ["mail_refused"]


def test_some_that_wait_among_many_that_are_taken_are_no_alarm(
    office: Office, outbox: Outbox, post: Post, clock: SetClock
) -> None:
    def greylists(dispatch: Dispatch) -> None:
        if dispatch.wish.email.startswith("slow"):
            raise TryLater("451 greylisted")

    post.instead = greylists
    for n in range(2):
        office.submit(n, email=f"slow{n}@example.org")
    for n in range(2, 7):
        office.submit(n, email=f"customer{n}@example.org")
        work_off(outbox)
        clock.advance(minutes=9)
        assert look(office) == []


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


def test_a_server_that_asks_for_time_gets_it(
    office: Office, outbox: Outbox, post: Post, clock: SetClock
) -> None:
    for n in range(2):
        office.submit(n, email=f"customer{n}@example.org")
    tries = []

    def busy(dispatch: Dispatch) -> None:
        tries.append(dispatch.wish.email)
        raise TryLater("it answered 429", after=timedelta(minutes=30))

    post.instead = busy
    work_off(outbox)
    post.instead = None
    clock.advance(minutes=29)
    work_off(outbox)
    assert (len(tries), post.sent) == (1, [])
    clock.advance(minutes=1)
    work_off(outbox)
    assert len(post.sent) == 2


def test_a_message_that_failed_often_silences_no_other(
    office: Office, outbox: Outbox, post: Post, clock: SetClock
) -> None:
    """It waits for hours; the others as long as the far end asks for, and a minute at least."""
    office.submit(0, email=ME)

    def busy(dispatch: Dispatch) -> None:
        raise TryLater("it answered 429", after=timedelta(seconds=5))

    post.instead = busy
    for _ in range(9):
        work_off(outbox)
        clock.advance(hours=5)
    work_off(outbox)
    post.instead = None
    office.submit(1, email="second@example.org")
    clock.advance(minutes=1)
    work_off(outbox)
    assert [one.wish.email for one in post.sent] == ["second@example.org"]


def test_one_that_may_have_been_sent_is_sent_three_times_at_most(
    office: Office, outbox: Outbox, post: Post, clock: SetClock
) -> None:
    """A provider of SMS that takes it and never says so: each of them costs, and is read."""
    office.submit(0, email=ME)
    tries = []

    def unclear(dispatch: Dispatch) -> None:
        tries.append(dispatch)
        raise Unclear("no answer in time")

    post.instead = unclear
    for _ in range(6):
        work_off(outbox)
        clock.advance(hours=7)
    assert len(tries) == 3


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


def test_pauses_grow_to_six_hours() -> None:
    pauses = [TO_CUSTOMERS.pause(tries) for tries in (1, 2, 3, 9, 10, 1000)]
    assert [pause / timedelta(minutes=1) for pause in pauses] == [1, 2, 4, 256, 360, 360]
