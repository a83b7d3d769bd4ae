"""How long a wish is kept, by the hours of its queue (docs/decisions/0010-lifetime.md)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_callback.domain.opening_hours import Hours, OpeningSpan, span
from tests.factories import callback_queue

DAY = timedelta(days=1)
OFFICE = (span("08:00-12:00"), span("13:00-18:00"))
WEEKDAYS = Hours(zone="Europe/London", week=(*[OFFICE] * 5, (), ()))
EASTER = Hours(zone="Europe/London", week=WEEKDAYS.week, holidays=("GB-ENG",))
# An hour in the morning of Monday, and in the afternoon of Tuesday.
SELDOM = Hours(week=((span("08:00-09:00"),), (span("14:00-15:00"),), (), (), (), (), ()))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "due", "end"),
    [
        (WEEKDAYS, "2026-11-27 17:55", "2026-11-30 18:00"),  # Friday
        (WEEKDAYS, "2026-11-28 10:00", "2026-11-30 18:00"),
        (WEEKDAYS, "2026-11-23 10:00", "2026-11-24 18:00"),
        (WEEKDAYS, "2026-11-23 20:00", "2026-11-24 20:00"),  # the 24 hours are more
        (WEEKDAYS, "2026-03-27 17:55", "2026-03-30 17:00"),  # the clocks went forward
        (EASTER, "2026-04-02 16:55", "2026-04-07 17:00"),
        (SELDOM, "2026-11-23 08:59", "2026-11-24 15:00"),
        (Hours(), "2026-11-27 17:55", "2026-11-28 17:55"),  # it never closes
        (Hours(closed_on={date(2026, 11, 28)}), "2026-11-27 17:55", "2026-11-30 00:00"),
        (Hours(week=((),) * 7), "2026-11-27 17:55", "2026-11-28 17:55"),  # nor opens
    ],
)
def test_the_next_day_on_which_it_opens_is_its_own(hours: Hours, due: str, end: str) -> None:
    assert callback_queue(hours=hours).keeps_until(utc(due)) == utc(end)


def test_a_lifetime_that_is_set_is_kept_to_the_minute() -> None:
    queue = callback_queue(hours=WEEKDAYS, lifetime=timedelta(hours=2))
    assert queue.keeps_until(utc("2026-11-27 17:55")) == utc("2026-11-27 19:55")


days = st.lists(
    st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda one: one[0] < one[1]),
    max_size=1,
).map(lambda spans: tuple(OpeningSpan(start * 60, end * 60) for start, end in spans))
weeks = st.lists(days, min_size=7, max_size=7).map(tuple)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(
    lambda one: one.replace(tzinfo=UTC)
)
zones = st.sampled_from(["UTC", "Europe/London", "Australia/Lord_Howe", "America/St_Johns"])


@given(weeks, zones, instants, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_it_ends_never_sooner_for_a_later_one_and_with_an_opening_in_it(
    week: tuple[tuple[OpeningSpan, ...], ...], zone: str, due: datetime, later: timedelta
) -> None:
    hours = Hours(zone=zone, week=week)
    queue = callback_queue(hours=hours)
    end = queue.keeps_until(due)
    assert due + DAY <= end <= queue.keeps_until(due + later)
    assert end < due + timedelta(days=10)  # P7
    opens = hours.next_opening(due)
    assert opens is None or opens < end
