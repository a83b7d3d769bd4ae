"""Calls come in hours: at the claim, at the gate, and whatever is planned (P9)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from asterisk_callback.domain.calling_hours import permitted_now, zones_of
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import InvalidTime, QueueClosed
from asterisk_callback.domain.gate import GatePass, GateRefusal, RefusalReason
from asterisk_callback.domain.opening_hours import Hours, span
from asterisk_callback.domain.progress import AttemptEnds
from asterisk_callback.domain.queue import Home
from asterisk_callback.domain.request import RequestState
from asterisk_callback.services.booking.booking import BookingResult
from asterisk_callback.services.calling.release import expire, release
from asterisk_callback.services.status.facts import read_facts
from asterisk_callback.services.status.why import Reason, explain
from tests.factories import NOW, Office, SetClock, callback_queue

S = RequestState
HOUR = timedelta(hours=1)
FRIDAY = NOW.replace(day=27, hour=17, minute=50)
MORNING = NOW.replace(hour=8) + timedelta(days=1)  # Tuesday, 08:00 in London and in UTC
WEEKDAYS = Hours(zone="Europe/London", week=(*[(span("08:00-18:00"),)] * 5, (), ()))
PERMITTED = span("08:00-21:00")


@pytest.fixture(autouse=True)
def hours(office: Office) -> None:
    office.queues = {"sales": callback_queue(hours=WEEKDAYS, permitted=PERMITTED)}


def miss(office: Office, booked: BookingResult) -> None:
    """The customer is rung, and does not answer."""
    claimed = office.claim()
    assert claimed and claimed.attempt.request_id == booked.request.id
    assert isinstance(office.gate.ask(claimed.attempt.token), GatePass)
    nobody = AttemptEnds(token=claimed.attempt.token, disposition=Disposition.NO_ANSWER, rung=True)
    office.progress.report(nobody, office.me)


def test_closed_before_the_claim(office: Office, clock: SetClock) -> None:
    booked = office.submit()
    clock.now = NOW.replace(hour=18)
    assert office.claim() is None
    request = office.request(booked.request.id)
    assert (request.state, request.due_at, request.line_at) == (S.QUEUED, MORNING, NOW)
    with office.store.reading() as tx:
        why = explain(read_facts(tx, request, office.queues["sales"]))
    assert (why.reason, why.until) == (Reason.OUTSIDE_HOURS, MORNING)
    clock.now = MORNING
    assert office.claim() is not None


def test_closed_between_claim_and_gate(office: Office, clock: SetClock) -> None:
    clock.now = NOW.replace(hour=17, minute=59)
    attempt = office.attempt()
    clock.advance(minutes=1)
    assert office.gate.ask(attempt.token) == GateRefusal(reason=RefusalReason.OUTSIDE_HOURS)
    request = office.request(attempt.request_id)
    assert (request.state, request.due_at, request.rings) == (S.QUEUED, MORNING, 0)


def test_a_retry_lands_in_hours(office: Office, clock: SetClock) -> None:
    clock.now = NOW.replace(hour=17, minute=50)
    booked = office.submit()
    miss(office, booked)
    request = office.request(booked.request.id)
    assert (request.state, request.due_at, request.line_at) == (S.SCHEDULED, MORNING, MORNING)


@pytest.mark.parametrize(("rung", "state"), [(True, S.FAILED), (False, S.EXPIRED)])
def test_without_an_opening_in_its_lifetime_it_ends(
    office: Office, clock: SetClock, rung: bool, state: S
) -> None:
    clock.now = FRIDAY
    office.queues = {"sales": replace(office.queues["sales"], lifetime=24 * HOUR)}
    booked = office.submit()
    if rung:
        miss(office, booked)
    else:
        clock.advance(minutes=10)
        assert office.claim() is None
    assert office.request(booked.request.id).state is state


def test_who_asks_on_friday_evening_has_monday(office: Office, clock: SetClock) -> None:
    """docs/decisions/0010"""
    clock.now = FRIDAY
    booked = office.submit()
    miss(office, booked)
    monday = MORNING + timedelta(days=6)
    assert office.request(booked.request.id).due_at == monday
    clock.now = monday
    release(office.store)
    miss(office, booked)
    clock.now = monday + 10 * HOUR  # P7: and then it ends
    release(office.store)
    assert expire(office.store) == 1
    assert office.request(booked.request.id).state is S.FAILED


def test_not_at_night_where_the_customer_is(office: Office, clock: SetClock) -> None:
    """The browser said New York, so 14:00 in London is too late for a try five hours later."""
    clock.now = NOW.replace(hour=9)
    office.queues = {"sales": replace(office.queues["sales"], lifetime=24 * HOUR)}
    wished: dict[str, Any] = {"scheduled_for": "2026-11-23T13:00", "time_zone": "America/New_York"}
    with pytest.raises(InvalidTime, match="closed"):
        office.submit(**wished)
    booked = office.submit(scheduled_for="2026-11-23T08:00", time_zone="America/New_York")
    clock.now = booked.wish.due_at
    release(office.store)
    office.queues = {"sales": replace(office.queues["sales"], permitted=span("08:00-08:10"))}
    miss(office, booked)
    tomorrow = booked.wish.due_at + timedelta(days=1)
    # It would be due at 08:15 there; and its lifetime ends at 08:00 tomorrow.
    assert office.request(booked.request.id).due_at < tomorrow
    assert office.request(booked.request.id).state is S.FAILED


def test_without_a_zone_the_number_s_region_counts(office: Office, clock: SetClock) -> None:
    office.queues = {"sales": callback_queue(permitted=PERMITTED)}
    with pytest.raises(InvalidTime, match="between 08:00 and 21:00"):
        office.submit(scheduled_for="2026-11-23T22:00")
    office.submit(scheduled_for="2026-11-23T17:00", time_zone="America/New_York")


def test_as_soon_as_possible_permits_two_hours(office: Office, clock: SetClock) -> None:
    office.queues = {"sales": callback_queue(permitted=PERMITTED)}
    clock.now = NOW.replace(hour=22)
    first, second = office.submit(0), office.submit(1)
    miss(office, first)
    # Again in 15 minutes: the two hours still run.
    assert office.request(first.request.id).due_at == clock.now + HOUR / 4
    clock.advance(hours=2)
    assert office.claim() is None
    assert office.request(second.request.id).due_at == MORNING


def test_while_closed_only_a_time_can_be_chosen(office: Office, clock: SetClock) -> None:
    clock.now = NOW.replace(hour=19)
    with pytest.raises(QueueClosed) as refused:
        office.submit()
    assert refused.value.field == "scheduled_for"
    assert refused.value.next_free[0] == MORNING
    office.submit(scheduled_for="2026-11-24T08:00")


@pytest.mark.case("CASES 3: where a number is")
@pytest.mark.parametrize(
    ("country", "zone", "e164", "at"),
    [
        ("RU", "Europe/Moscow", "+79161234567", "2026-11-24T12:30"),
        ("KZ", "Asia/Almaty", "+77011234567", "2026-11-24T09:00"),
        ("AU", "Australia/Sydney", "+61412345678", "2026-11-24T10:00"),
        ("JM", "America/Jamaica", "+18762345678", "2026-11-24T09:00"),
        ("US", "America/New_York", "+18005551234", "2026-11-24T09:00"),
    ],
)
def test_a_number_of_the_company_s_country_is_in_its_zone(
    country: str, zone: str, e164: str, at: str
) -> None:
    queue = callback_queue(permitted=PERMITTED, home=Home(country, zone))
    now = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(zone))
    assert permitted_now(queue, None, e164, now)
    assert not permitted_now(queue, None, e164, now.replace(hour=23))


@pytest.mark.case("CASES 3: where a number is")
def test_other_numbers_are_in_the_zones_of_their_own_country() -> None:
    abroad = Home("GB", "Europe/London")
    assert zones_of("+18762345678", abroad) == ("America/Jamaica",)
    assert "Asia/Kamchatka" in zones_of("+79161234567", abroad)
    assert "Asia/Almaty" not in zones_of("+79161234567", abroad)
    assert not [
        zone
        for zone in zones_of("+61412345678", abroad)
        if zone[:3] != "Aus" and zone != "Antarctica/Macquarie"
    ]
    # An area code says more than the country, at home as well.
    assert zones_of("+12133734253", Home("US", "America/New_York")) == ("America/Los_Angeles",)
    assert zones_of("+74232345678", Home("RU", "Europe/Moscow")) == ("Asia/Vladivostok",)
