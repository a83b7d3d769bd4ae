"""Days at the edges of what a report can be of. The usual day: test_reports.py."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from asterisk_callback.domain.report import InvalidSpan, span_of
from asterisk_callback.services.reports import Reports, as_data
from asterisk_callback.store import SqlStore
from tests.past_days import Book, attempt, wish
from tests.store.test_reports import some

# In London clocks go from 01:00 to 02:00, at 01:00 UTC: a day of 23 hours.
DAY = date(2026, 3, 29)
AT_NOON = datetime(2026, 3, 30, 12, tzinfo=UTC)


@pytest.fixture
def store(url: str, open_store: Any) -> SqlStore:
    opened: SqlStore = open_store(url, lambda: AT_NOON)
    return opened


@pytest.fixture
def reports(store: SqlStore) -> Reports:
    return Reports(store=store, zone="Europe/London")


def at(hour: int, minute: int = 0, second: int = 0, micro: int = 0) -> datetime:
    """UTC, of the day."""
    return datetime(2026, 3, 29, hour, minute, second, micro, tzinfo=UTC)


def one_talk(book: Book, n: int, queue: str, asked: datetime, rang: datetime) -> None:
    """Promised from two minutes after it was asked for, for five minutes."""
    start = asked + timedelta(minutes=2)
    ended = rang + timedelta(seconds=90)
    times = {"gate_at": rang, "ringing_at": rang, "answered_at": rang, "ended_at": ended}
    book.put(
        n, queue, "completed", [wish(asked, start, start + timedelta(minutes=5))],
        [attempt("PJSIP/anna", "answered", asked + timedelta(seconds=1), **times)], ended_at=ended,
    )  # fmt: skip


def test_nothing_happened(reports: Reports) -> None:
    data = as_data(reports.report(DAY, DAY))
    assert {name: data[name] for name in ("queue", "agent", "day", "hour")} == {
        "queue": {}, "agent": {}, "day": {}, "hour": {},
    }  # fmt: skip
    assert set(data["all"].values()) == {0, None}
    assert data["all"]["expected_inside_share"] is data["all"]["expected_minutes_off_p50"] is None
    assert [*reports.requests(DAY, DAY)] == []


def test_one_request(store: SqlStore, reports: Reports) -> None:
    one_talk(Book(store), 1, "sales", at(9), at(9, 9))  # 2 min late
    data = as_data(reports.report(DAY, DAY))
    assert data["all"] == data["queue"]["sales"] == data["day"]["2026-03-29"] == data["hour"]["10"]
    shown: tuple[str, ...] = (
        "promises_due",
        "promises_kept",
        "minutes_late_median",
        "minutes_late_p90",
    )
    assert some(data["all"], *shown) == [1, 0, 2, 2]
    shown = ("expected_minutes_off_p10", "expected_minutes_off_p50", "expected_minutes_off_p90")
    assert some(data["all"], *shown) == [2, 2, 2]
    assert some(data["agent"]["PJSIP/anna"], "promises_rung", "promises_late") == [1, 1]


def test_a_day_without_its_second_hour(store: SqlStore, reports: Reports) -> None:
    """00:59 and then 02:00 on the clock; the day ends at 23:00 UTC."""
    book = Book(store)
    one_talk(book, 1, "sales", at(0, 50), at(0, 59))
    one_talk(book, 2, "sales", at(1, 0), at(1, 4))
    one_talk(book, 3, "sales", at(22, 50), at(22, 59))
    one_talk(book, 4, "sales", at(23, 0), at(23, 4))  # the next day's
    found = reports.report(DAY, DAY)
    assert found.span.end - found.span.start == timedelta(hours=23)
    data = as_data(found)
    assert {hour: one["wishes_asked"] for hour, one in data["hour"].items()} == {
        "00": 1, "02": 1, "23": 1,
    }  # fmt: skip
    after = as_data(reports.report(DAY, DAY + timedelta(days=1)))
    assert {day: one["wishes_asked"] for day, one in after["day"].items()} == {
        "2026-03-29": 3, "2026-03-30": 1,
    }  # fmt: skip


def test_a_queue_that_left_the_configuration(store: SqlStore, reports: Reports) -> None:
    """Who asks for all gets it, under the name that it had."""
    one_talk(Book(store), 1, "closed-down", at(9), at(9, 4))
    assert as_data(reports.report(DAY, DAY))["queue"]["closed-down"]["promises_kept"] == 1
    assert as_data(reports.report(DAY, DAY, ["sales"]))["all"]["wishes_asked"] == 0
    (row,) = reports.requests(DAY, DAY)
    assert row.queue == "closed-down"


def test_the_last_instant_of_a_minute_is_in_time(store: SqlStore, reports: Reports) -> None:
    """Promised by 10:07, rung a microsecond before 10:08: no database may round it up."""
    one_talk(Book(store), 1, "sales", at(9), at(9, 7, 59, 999_999))
    one_talk(Book(store), 2, "sales", at(9, 0, 0, 1), at(9, 8))
    found = reports.report(DAY, DAY).total
    assert (found.due, found.kept, [*found.offsets]) == (2, 1, [0, 1])
    assert found.parts == [0, 0, 0, 0, 1]


def test_a_ring_before_the_wish_joined_is_not_its_own(store: SqlStore, reports: Reports) -> None:
    """By the instant and not by the second: two microseconds decide whose ring it was."""
    asked = at(9, 0, 0, 10)
    ring = {"gate_at": asked, "ringing_at": asked, "ended_at": at(9, 1)}
    told = {"promised_from": at(9, 2), "promised_to": at(9, 7)}
    later = {"created_at": at(9, 0, 0, 12), "due_at": at(9, 2), "asap": True, **told}
    Book(store).put(
        1, "sales", "failed", [wish(at(8, 59), at(9, 0), at(9, 5)), later],
        [attempt("PJSIP/anna", "busy", at(9, 0, 0, 11), **ring)], ended_at=at(9, 1),
    )  # fmt: skip
    found = reports.report(DAY, DAY).total
    assert (found.due, found.kept, found.never) == (2, 1, 1)
    (row,) = reports.requests(DAY, DAY)
    assert [one.rang_at for one in row.wishes] == [asked, None]


def test_an_agent_is_who_had_the_first_ring(store: SqlStore, reports: Reports) -> None:
    """Tried in vain by Anna before the gate, rung by Ben, talked to by Cara."""
    tries = [
        attempt("PJSIP/anna", "agent_gone", at(9, 1), ended_at=at(9, 1, 20)),
        attempt("PJSIP/ben", "busy", at(9, 2), gate_at=at(9, 3), ringing_at=at(9, 3)),
        attempt(
            "PJSIP/cara", "answered", at(9, 20), gate_at=at(9, 21), ringing_at=at(9, 21),
            answered_at=at(9, 22), ended_at=at(9, 30),
        ),
    ]  # fmt: skip
    for one in tries[:2]:
        one.setdefault("ended_at", at(9, 4))
    Book(store).put(
        1, "sales", "completed", [wish(at(9), at(9, 2), at(9, 7))], tries, ended_at=at(9, 30)
    )
    found = reports.report(DAY, DAY)
    assert {name: one.due for name, one in found.by_agent.items()} == {
        "PJSIP/anna": 0, "PJSIP/ben": 1, "PJSIP/cara": 0,
    }  # fmt: skip
    assert ([*found.total.waits], [*found.total.connects]) == ([180], [22 * 60])


def test_spans() -> None:
    def hours(day: date, zone: str) -> float:
        found = span_of(day, day, zone)
        return (found.end - found.start) / timedelta(hours=1)

    assert (
        hours(date(2026, 10, 25), "Europe/London") == 25
        and hours(date(2026, 3, 29), "Europe/London") == 23
    )
    assert hours(date(2026, 3, 29), "UTC") == 24
    # Clocks go from 24:00 to 01:00: the day begins at one.
    assert hours(date(2026, 9, 6), "America/Santiago") == 23


@pytest.mark.parametrize("days", [-1, 400])
def test_no_such_days(reports: Reports, days: int) -> None:
    with pytest.raises(InvalidSpan):
        reports.report(DAY, DAY + timedelta(days=days))
