"""A lease: one process has a row, until it ends or dies; whoever lost it judges nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import Table, bindparam, func, select

from asterisk_callback.domain.alarm import Alarm, AlarmCondition, AlarmEvent, AlarmName
from asterisk_callback.domain.outbox import DeliveryOutcome
from asterisk_callback.domain.request import RequestState
from asterisk_callback.domain.team_notice import TeamEvent, TeamLink
from asterisk_callback.services.telling.pruning import Pruning
from asterisk_callback.store import SqlStore
from asterisk_callback.store.lease_queue import KEPT, LeaseQueue
from asterisk_callback.store.tables.telling import alarm_notices, messages, team_notes
from tests.factories import NOW, Office, SetClock
from tests.store.conftest import OpenStore

LEASE = timedelta(minutes=5)
CHANNELS = ["email"]


@pytest.fixture
def still(url: str, open_store: OpenStore, clock: SetClock) -> SqlStore:
    """A store whose clock is moved by hand."""
    store: SqlStore = open_store(url, clock)
    return store


def raise_alarm(store: SqlStore, subject: str = "main") -> Alarm:
    with store.writing() as tx:
        condition = AlarmCondition(
            name=AlarmName.TRUNK, server="pbx", subject=subject, text="failed"
        )
        alarm = tx.alarms.raise_alarm(condition)
        tx.alarm_notices.add(alarm, "email", AlarmEvent.RAISED)
        return alarm


def test_a_row_is_one_process_s_until_its_lease_ends(still: SqlStore, clock: SetClock) -> None:
    raise_alarm(still)
    with still.writing() as tx:
        first = tx.alarm_notices.claim(CHANNELS, LEASE)
        assert first is not None
        assert tx.alarm_notices.claim(CHANNELS, LEASE) is None
        assert not tx.alarm_notices.any_due(CHANNELS)
    clock.advance(minutes=5)
    with still.writing() as tx:
        second = tx.alarm_notices.claim(CHANNELS, LEASE)
        assert second is not None
        assert (first.tries, second.tries) == (1, 2)
        # The first one comes back late: it puts nothing off any more, but what it sent was sent.
        assert not tx.alarm_notices.postpone(first, tx.now, "too late")
        assert tx.alarm_notices.finish(first, DeliveryOutcome.SENT)
        assert not tx.alarm_notices.finish(second, DeliveryOutcome.REFUSED)
        assert not tx.alarm_notices.any_due(CHANNELS)


def test_what_belongs_together_goes_in_its_order(still: SqlStore, clock: SetClock) -> None:
    alarm = raise_alarm(still)
    with still.writing() as tx:
        tx.alarm_notices.add(tx.alarms.clear_alarm(alarm), "email", AlarmEvent.CLEARED)
    raise_alarm(still, "other")
    with still.writing() as tx:
        claimed = [tx.alarm_notices.claim(CHANNELS, LEASE) for _ in range(3)]
        assert [one and (one.event, one.alarm.subject) for one in claimed] == [
            (AlarmEvent.RAISED, "main"),
            (AlarmEvent.RAISED, "other"),
            None,
        ]
        assert claimed[0] is not None
        tx.alarm_notices.finish(claimed[0], DeliveryOutcome.SENT)
        cleared = tx.alarm_notices.claim(CHANNELS, LEASE)
        assert cleared is not None
        assert cleared.event is AlarmEvent.CLEARED


def count(store: SqlStore, table: Table) -> int:
    with store.connect() as connection, connection.begin():
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def prune(store: SqlStore, clock: SetClock) -> None:
    """A day's pass."""
    pruning = Pruning(store=store, clock=lambda: 0.0)
    for _ in range(20):
        assert not pruning.work_off()


def test_what_was_told_of_an_alarm_that_is_over_goes(still: SqlStore, clock: SetClock) -> None:
    over, stands = raise_alarm(still), raise_alarm(still, "stands")
    raise_alarm(still, "untold")
    with still.writing() as tx:
        for _ in (over, stands):
            told = tx.alarm_notices.claim(CHANNELS, LEASE)
            assert told is not None
            tx.alarm_notices.finish(told, DeliveryOutcome.REFUSED, "410")
        tx.alarms.clear_alarm(over)
    clock.now += KEPT
    prune(still, clock)
    assert count(still, alarm_notices) == 3
    clock.advance(seconds=1)
    prune(still, clock)
    assert count(still, alarm_notices) == 2
    with still.reading() as tx:  # that nobody was told of the one that stands is still known
        assert tx.alarm_notices.channels_not_told(CHANNELS, NOW) == CHANNELS


def test_what_a_customer_and_a_team_were_told_goes(still_office: Office, clock: SetClock) -> None:
    """Once the request is over; while it is open its rows keep the same from being told twice."""
    store = still_office.store
    made = [still_office.submit(n, email="me@example.org") for n in (1, 2)]
    with store.writing() as tx:
        for one in made:
            link = TeamLink(
                request_id=one.request.id, nonce=f"n{one.request.id}", due_at=NOW, number=1
            )
            tx.team_links.put(link, f"hash {one.request.id}")
            tx.team_notes.add(link, TeamEvent.ASKED, "email")
        while (message := tx.messages.claim(LEASE)) is not None:
            tx.messages.finish(message, DeliveryOutcome.SENT)
        while (note := tx.team_notes.claim(LEASE)) is not None:
            tx.team_notes.finish(note, DeliveryOutcome.REFUSED, "410")
        request = tx.requests.lock(made[0].request.id)
        assert request is not None
        ended = request.evolve(state=RequestState.COMPLETED, ended_at=tx.now)
        tx.requests.change(request, ended, actor="team", reason="marked done")
    assert (count(store, messages), count(store, team_notes)) == (2, 2)
    clock.now += KEPT
    prune(store, clock)
    assert (count(store, messages), count(store, team_notes)) == (2, 2)
    clock.advance(seconds=1)
    prune(store, clock)
    assert (count(store, messages), count(store, team_notes)) == (1, 1)
    with store.reading() as tx:
        assert [one.requests for one in tx.team_notes.not_told(NOW)] == [1]


def test_pruned_in_small_steps(still: SqlStore, clock: SetClock) -> None:
    """Each looks at so many rows, and the next goes on behind them."""
    for n in range(5):
        raise_alarm(still, f"trunk {n}")
    with still.writing() as tx:
        while (told := tx.alarm_notices.claim(CHANNELS, LEASE)) is not None:
            tx.alarm_notices.finish(told, DeliveryOutcome.SENT)
    queue = LeaseQueue(alarm_notices, old=alarm_notices.c.done_at <= bindparam("before"))
    seen: list[tuple[int | None, int]] = []
    after: int | None = 0
    while after is not None:
        with still.writing() as tx:
            after = queue.prune(tx.alarm_notices, tx.now, after, most=2)
        seen.append((after, count(still, alarm_notices)))
    assert seen == [(2, 3), (4, 1), (5, 0), (None, 0)]
