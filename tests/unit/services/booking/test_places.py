"""Chosen times: notice, days ahead, capacity; what the form and the API are offered."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from asterisk_callback.domain.errors import InvalidTime, QueueFull, SlotTaken, UnknownQueue
from asterisk_callback.domain.opening_hours import Hours, span
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.slots import SlotRules
from asterisk_callback.services.booking.availability import (
    Availability,
    QueueAvailability,
    QueueState,
)
from asterisk_callback.services.booking.withdraw import withdraw
from asterisk_callback.services.calling import holds
from tests.factories import NOW, SERVER, Office, SetClock, callback_queue, number

WEEKDAYS = Hours(zone="Europe/London", week=(*[(span("08:00-18:00"),)] * 5, (), ()))
RULES = SlotRules(capacity=1, notice=timedelta(minutes=30), days_ahead=14)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def slots(office: Office) -> None:
    office.queues = {"sales": callback_queue(hours=WEEKDAYS, slots=RULES)}


def facts(office: Office, **values: Any) -> None:
    office.at_work()
    with office.store.writing() as tx:
        tx.servers.put_queue_facts(SERVER, "sales", QueueStatus(known=True, **values))


def of(office: Office, zone: str | None = None) -> QueueAvailability:
    return Availability(store=office.store, queues=office.queues, home_zone="Europe/London").of(
        "sales", zone
    )


@pytest.mark.parametrize(
    ("time", "sentence"),
    [
        ("2026-11-23T10:29", "at least 30 minutes"),
        ("2026-11-23T18:00", "closed at this time"),
        ("2026-11-28T12:00", "closed at this time"),
        ("2026-12-08T12:00", "at most 14 days"),
    ],
)
def test_times_that_are_not_offered(office: Office, time: str, sentence: str) -> None:
    with pytest.raises(InvalidTime, match=sentence):
        office.submit(scheduled_for=time)


def test_the_last_place(office: Office) -> None:
    first = office.submit(0, scheduled_for="2026-11-23T10:45", key="k")
    with pytest.raises(SlotTaken) as refused:
        office.submit(1, scheduled_for="2026-11-23T10:50")  # in the same slot
    at = NOW.replace(minute=30)
    assert refused.value.nearest == (at, at + 30 * MINUTE, at + 45 * MINUTE)
    assert office.submit(0, scheduled_for="2026-11-23T10:45", key="k").wish == first.wish
    withdraw(office.store, first.wish)
    office.submit(1, scheduled_for="2026-11-23T10:50")


def test_a_full_slot_tells_nothing_of_a_number(office: Office) -> None:
    office.submit(0, scheduled_for="2026-11-23T10:45")
    for n in (0, 1):
        with pytest.raises(SlotTaken):
            office.submit(n, scheduled_for="2026-11-23T10:45")


def test_a_full_slot_tells_no_limit_of_a_number(office: Office) -> None:
    """Else whoever filled a slot could try out numbers with it, and leave no trace."""
    office.submit(0, scheduled_for="2026-11-23T10:45")
    with office.store.writing() as tx:
        tx.suppressions.add(number(1), "asked us")
    for n in (1, 2):
        with pytest.raises(SlotTaken):
            office.submit(n, scheduled_for="2026-11-23T10:45")


def test_what_is_offered(office: Office) -> None:
    office.queues = {"sales": callback_queue(hours=WEEKDAYS, slots=replace(RULES, capacity=2))}
    office.submit(scheduled_for="2026-11-23T10:45")
    found = of(office)
    assert found.state is QueueState.OPEN
    assert [(one.wall_time, one.free) for one in found.next_free] == [
        ("2026-11-23T10:30", 2), ("2026-11-23T10:45", 1), ("2026-11-23T11:00", 2),
    ]  # fmt: skip
    assert [str(day.date) for day in found.days][:6] == [
        "2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-30",
    ]  # fmt: skip
    assert found.days[1].slots[0].wall_time == "2026-11-24T08:00"
    assert found.days[1].slots[-1].wall_time == "2026-11-24T17:45"
    assert found.days[-1].slots[-1].wall_time == "2026-12-07T10:00"  # 14 days
    office.submit(1, scheduled_for="2026-11-23T10:45")
    found = of(office)
    assert found.next_free[1].wall_time == "2026-11-23T11:00"
    assert [one.full for one in found.days[0].slots][:3] == [False, True, False]


def test_a_day_that_is_full(office: Office) -> None:
    """It is known as such; where nothing at all can be had there are no days."""
    one_a_day = Hours(zone="Europe/London", week=(*[(span("12:00-12:15"),)] * 5, (), ()))
    rules = replace(RULES, days_ahead=1)
    office.queues = {"sales": callback_queue(hours=one_a_day, slots=rules)}
    office.submit(0, scheduled_for="2026-11-23T12:00")
    assert of(office).days == ()
    office.queues = {"sales": callback_queue(hours=one_a_day, slots=replace(rules, days_ahead=2))}
    assert [one.full for one in of(office).days] == [True, False]


def test_in_the_reader_s_zone(office: Office) -> None:
    office.queues = {
        "sales": callback_queue(hours=WEEKDAYS, slots=RULES, permitted=span("08:00-21:00"))
    }
    found = of(office, "America/New_York")
    assert found.next_free[0].wall_time == "2026-11-23T08:00"
    assert found.next_free[0].instant == NOW.replace(hour=13)
    assert found.days[1].slots[-1].wall_time == "2026-11-24T12:45"
    with pytest.raises(UnknownQueue):
        Availability(store=office.store, queues={}, home_zone="Europe/London").of("sales")


def test_states(office: Office, clock: SetClock) -> None:
    with office.store.writing() as tx:
        holds.stop(tx, "sales", actor="Ada")
    assert of(office).state is QueueState.PAUSED
    clock.now = NOW.replace(hour=20)
    found = of(office)
    assert (found.state, found.expected) == (QueueState.CLOSED, None)
    assert found.opens_at == NOW.replace(day=24, hour=8)


def test_full_by_number(office: Office) -> None:
    office.queues = {"sales": callback_queue(hours=WEEKDAYS, slots=RULES, max_waiting=1)}
    office.submit(0)
    with pytest.raises(QueueFull) as refused:
        office.submit(1)
    assert len(refused.value.next_free) == 3
    assert of(office).state is QueueState.FULL


def test_full_by_time(office: Office, clock: SetClock) -> None:
    """Who joins now could not be called before it closes."""
    clock.now = NOW.replace(hour=17, minute=50)
    facts(office, logged_in=1, free=0, callers=20)
    with pytest.raises(QueueFull):
        office.submit()
    facts(office, logged_in=9, free=1)
    office.submit()


def test_what_is_promised(office: Office) -> None:
    unknown = office.submit(0).wish
    assert unknown.promised_from is unknown.promised_to is None
    facts(office, logged_in=2, free=0, callers=1)
    soon = office.submit(1).wish
    # Two are before, so the third talk to end counts: 6 minutes, and 4.4 either way.
    assert (soon.promised_from, soon.promised_to) == (NOW + MINUTE, NOW + 11 * MINUTE)
    chosen = office.submit(2, scheduled_for="2026-11-23T11:00").wish
    assert chosen.promised_to == chosen.due_at + 15 * MINUTE
    # What a program said to the second is promised as clocks show it.
    exact = office.submit(3, scheduled_for="2026-11-23T11:15:30").wish
    assert exact.due_at == NOW + timedelta(minutes=75, seconds=30)
    assert (exact.promised_from, exact.promised_to) == (NOW + 75 * MINUTE, NOW + 90 * MINUTE)
