"""Opening hours against the clock on the wall, walked minute by minute."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_callback.domain.opening_hours import (
    ALL_DAY,
    Hours,
    OpeningSpan,
    known,
    next_open,
    span,
)

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
OFFICE = (span("08:00-12:00"), span("13:00-18:00"))
WEEK = (*[OFFICE] * 5, (span("09:00-12:00"),), ())
LONDON = Hours(zone="Europe/London", week=WEEK)
# Days with and without a change of the clocks, of an hour and of half an hour.
PLACES = [
    ("Europe/London", date(2026, 10, 25)),
    ("Europe/London", date(2026, 3, 29)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Africa/Cairo", date(2026, 4, 24)),  # the clocks go forward at midnight
    ("Pacific/Kiritimati", date(2026, 6, 1)),
    ("America/St_Johns", date(2026, 6, 1)),
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def shows_open(hours: Hours, instant: datetime) -> bool:
    """The definition, by the clock on the wall."""
    local = instant.astimezone(ZoneInfo(hours.zone))
    minute = local.hour * 60 + local.minute
    return any(one.start <= minute < one.end for one in hours.spans(local.date()))


CHECKED = {(hour, minute) for hour in range(0, 24, 5) for minute in (0, 15, 46)}
spans = st.tuples(st.integers(0, 95), st.integers(1, 24)).map(
    lambda pair: OpeningSpan(pair[0] * 15, min(1440, (pair[0] + pair[1]) * 15))
)
weeks = st.lists(st.lists(spans, max_size=3).map(tuple), min_size=7, max_size=7).map(tuple)


@settings(max_examples=12)
@given(place=st.sampled_from(PLACES), week=weeks)
def test_as_a_walk_by_the_minute(
    place: tuple[str, date], week: tuple[tuple[OpeningSpan, ...], ...]
) -> None:
    zone, day = place
    hours = Hours(zone=zone, week=week)
    start = datetime.combine(day, datetime.min.time(), UTC) - 15 * timedelta(hours=1)
    walk = [start + n * MINUTE for n in range(54 * 60)]
    opened = [shows_open(hours, instant) for instant in walk]
    ranges = [pair for n in (-1, 0, 1, 2) for pair in hours.open_ranges(day + n * DAY)]
    inside = [any(a <= instant < b for a, b in ranges) for instant in walk]
    assert inside == opened
    following: datetime | None = None
    for instant, is_open in reversed(list(zip(walk, opened, strict=True))):
        following = instant if is_open else following
        if following is not None and (instant.hour, instant.minute) in CHECKED:
            assert hours.next_opening(instant) == following
            assert hours.is_open(instant) is is_open


def test_a_usual_week() -> None:
    assert LONDON.is_open(utc("2026-11-23T08:00"))
    assert not LONDON.is_open(utc("2026-11-23T12:00"))
    assert LONDON.next_opening(utc("2026-11-23T12:00")) == utc("2026-11-23T13:00")
    assert LONDON.next_opening(utc("2026-11-21T12:00")) == utc("2026-11-23T08:00")
    assert LONDON.closing(utc("2026-11-23T14:00")) == utc("2026-11-23T18:00")
    assert LONDON.next_opening(utc("2026-07-06T06:00")) == utc("2026-07-06T07:00")  # summer


def test_without_a_week_it_is_always_open() -> None:
    hours = Hours(zone="Europe/Berlin")
    assert hours.is_open(utc("2026-12-24T23:30"))
    assert hours.closing(utc("2026-12-24T23:30")) is None
    across = Hours(week=(ALL_DAY, (OpeningSpan(0, 60),), *[()] * 5))
    assert across.closing(utc("2026-11-23T10:00")) == utc("2026-11-24T01:00")


def test_what_the_clocks_skip_and_repeat() -> None:
    hours = Hours(zone="Europe/London", week=((span("01:15-01:45"),),) * 7)
    assert hours.open_ranges(date(2026, 3, 29)) == []
    assert hours.open_ranges(date(2026, 10, 25)) == [
        (utc("2026-10-25T00:15"), utc("2026-10-25T00:45")),
        (utc("2026-10-25T01:15"), utc("2026-10-25T01:45")),
    ]
    night = Hours(zone="Europe/London", week=((span("00:30-04:00"),),) * 7)
    assert night.open_ranges(date(2026, 3, 29)) == [
        (utc("2026-03-29T00:30"), utc("2026-03-29T03:00"))
    ]


def test_holidays_and_single_days() -> None:
    hours = Hours(
        zone="Europe/London",
        week=WEEK,
        holidays=("GB-ENG",),
        closed_on={date(2026, 12, 24), date(2026, 12, 27)},
        open_on={date(2026, 12, 25): (span("10:00-11:00"),), date(2026, 12, 27): OFFICE},
    )
    assert hours.spans(date(2026, 12, 24)) == ()
    assert hours.spans(date(2026, 12, 25)) == (span("10:00-11:00"),)
    assert hours.spans(date(2026, 12, 28)) == ()  # Boxing Day's substitute
    assert hours.spans(date(2026, 12, 27)) == OFFICE
    assert hours.next_opening(utc("2026-12-25T11:00")) == utc("2026-12-27T08:00")


def test_never_open() -> None:
    assert Hours(week=((),) * 7).next_opening(utc("2026-11-23T08:00")) is None


def test_all_must_be_open() -> None:
    new_york = Hours(zone="America/New_York", week=((span("08:00-21:00"),),) * 7)
    assert next_open([LONDON, new_york], utc("2026-11-23T09:00")) == utc("2026-11-23T13:00")
    assert next_open([LONDON, new_york], utc("2026-11-27T18:00")) == utc("2026-11-30T13:00")
    auckland = Hours(zone="Pacific/Auckland", week=((span("12:00-12:30"),),) * 7)
    assert next_open([LONDON, auckland], utc("2026-11-23T09:00")) is None
    assert next_open([], utc("2026-11-23T09:00")) == utc("2026-11-23T09:00")


@pytest.mark.parametrize(
    "text", ["8-12", "12:00-08:00", "08:00-25:00", "22:00-06:00", "24:01-24:30"]
)
def test_a_span_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"not like|must end"):
        span(text)


@pytest.mark.parametrize(
    ("code", "there"),
    [("GB", True), ("GB-ENG", True), ("DE-BY", True), ("DE-XX", False), ("XX", False)],
)
def test_calendars(code: str, there: bool) -> None:
    assert known(code) is there
