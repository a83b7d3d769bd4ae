"""A lease: one process has a row, until it ends or dies; whoever lost it judges nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from asterisk_callback.domain.alarm import Alarm, AlarmCondition, AlarmEvent, AlarmName
from asterisk_callback.domain.outbox import DeliveryOutcome
from asterisk_callback.store import SqlStore
from asterisk_callback.store.alarms import KEPT
from asterisk_callback.store.tables.telling import alarm_notices
from tests.factories import SetClock
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


def test_what_was_told_long_ago_goes(still: SqlStore, clock: SetClock) -> None:
    def notices() -> int:
        with still.connect() as connection, connection.begin():
            count = select(func.count()).select_from(alarm_notices)
            return connection.execute(count).scalar_one()

    raise_alarm(still)
    raise_alarm(still, "untold")
    with still.writing() as tx:
        told = tx.alarm_notices.claim(CHANNELS, LEASE)
        assert told is not None
        tx.alarm_notices.finish(told, DeliveryOutcome.SENT)
    clock.now += KEPT
    raise_alarm(still, "other")
    assert notices() == 3
    clock.advance(seconds=1)
    raise_alarm(still, "yet another")
    assert notices() == 3
