"""Times: gaps, folds, offsets, the past and the far future."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_callback.domain import tzdata
from asterisk_callback.domain.appointment import BookingWindow, appointment, zone
from asterisk_callback.domain.errors import InvalidInput, InvalidTime
from tests.factories import complaint

BERLIN = "Europe/Berlin"
AUTUMN = datetime(2026, 10, 20, 12, tzinfo=UTC)
SPRING = datetime(2027, 3, 20, 12, tzinfo=UTC)


def test_wall_time_in_the_zone() -> None:
    found = appointment("2026-10-24T10:15", BERLIN, AUTUMN)
    assert found.instant == datetime(2026, 10, 24, 8, 15, tzinfo=UTC)
    assert found.instant.tzinfo is UTC
    assert (found.wall_time, found.zone) == ("2026-10-24T10:15", BERLIN)
    assert found.tzdata == tzdata.version()


def test_with_an_offset_it_is_an_instant_kept_as_wall_time_of_the_zone() -> None:
    found = appointment("2026-10-24T10:15-05:00", BERLIN, AUTUMN)
    assert found.instant == datetime(2026, 10, 24, 15, 15, tzinfo=UTC)
    assert found.wall_time == "2026-10-24T17:15"
    assert appointment("2026-10-24T15:15Z", BERLIN, AUTUMN) == found


@pytest.mark.parametrize("text", ["2027-03-28T02:00", "2027-03-28T02:30", "2027-03-28T02:59:59"])
def test_a_time_in_the_gap_is_refused(text: str) -> None:
    with pytest.raises(InvalidTime, match="go forward"):
        appointment(text, BERLIN, SPRING)


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [("2027-03-28T01:59", 0, 59), ("2027-03-28T03:00", 1, 0), ("2027-03-28T02:30Z", 2, 30)],
)
def test_the_edges_of_the_gap(text: str, hour: int, minute: int) -> None:
    assert appointment(text, BERLIN, SPRING).instant == datetime(
        2027, 3, 28, hour, minute, tzinfo=UTC
    )


def test_in_a_fold_the_earlier_instant_is_meant() -> None:
    found = appointment("2026-10-25T02:30", BERLIN, AUTUMN)
    assert found.instant == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    later = appointment("2026-10-25T02:30+01:00", BERLIN, AUTUMN)
    assert later.instant - found.instant == timedelta(hours=1)
    assert later.wall_time == found.wall_time


def test_the_past_is_refused_and_this_minute_is_not() -> None:
    with pytest.raises(InvalidTime, match="passed"):
        appointment("2026-10-20T13:58", BERLIN, AUTUMN)
    assert appointment("2026-10-20T13:59", BERLIN, AUTUMN).instant < AUTUMN


def test_too_far_ahead_is_refused() -> None:
    window = BookingWindow(days_ahead=5)
    appointment("2026-10-25T11:59Z", BERLIN, AUTUMN, window)
    with pytest.raises(InvalidTime, match="at most 5 days"):
        appointment("2026-10-25T12:01Z", BERLIN, AUTUMN, window)


@pytest.mark.parametrize(
    "text", ["", "soon", "24/12/2026 10:00", "2026-02-30T10:00", "2026-10-24T25:00", "10:15", "\0"]
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(InvalidTime, match="Write the time like"):
        appointment(text, BERLIN, AUTUMN)


@pytest.mark.parametrize("text", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00",
                                  "0001-01-01T00:00", "9999-12-31T23:59"])  # fmt: skip
def test_the_ends_of_the_calendar(text: str) -> None:
    for name in ("Pacific/Kiritimati", "Pacific/Niue"):
        with pytest.raises(InvalidTime):
            appointment(text, name, AUTUMN)


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "Europe", "../../etc/passwd", "/etc/passwd", "a\0b", "x" * 5000,
             "\ud800"]
)  # fmt: skip
def test_unknown_zones(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        zone(name)
    assert refused.value.field == "time_zone"


@given(st.text(max_size=40), st.text(max_size=20) | st.just(BERLIN))
def test_any_text_gives_a_time_or_a_clear_no(text: str, name: str) -> None:
    refused = complaint(lambda: appointment(text, name, AUTUMN))
    if refused:
        assert refused.sentence
        return
    found = appointment(text, name, AUTUMN)
    assert AUTUMN - timedelta(minutes=1) <= found.instant <= AUTUMN + timedelta(days=30)


@given(
    st.datetimes(datetime(2027, 3, 21), datetime(2027, 4, 18)),
    st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_the_wall_time_is_kept_or_refused(wall: datetime, name: str) -> None:
    """What the customer chose is what is stored, for every zone and change of the clocks."""
    refused = complaint(lambda: appointment(wall.isoformat(), name, SPRING))
    if refused:
        assert "go forward" in refused.sentence
        return
    found = appointment(wall.isoformat(), name, SPRING)
    assert found.wall_time == wall.isoformat(timespec="minutes")
