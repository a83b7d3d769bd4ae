"""Slots: round wall times, none in a gap, both in a fold."""

from datetime import UTC, datetime, timedelta

from asterisk_callback.domain.opening_hours import Hours, span
from asterisk_callback.domain.slots import SlotRules, by_day, nearest, slot, slot_of, starts

QUARTERS = SlotRules(every=timedelta(minutes=15))
HALVES = SlotRules(every=timedelta(minutes=30))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def listed(hours: Hours, rules: SlotRules, since: str, until: str) -> list[str]:
    found = starts(hours, rules, utc(since), utc(until))
    return [f"{one:%d %H:%M}" for one in found]


def test_they_fit_into_the_hours() -> None:
    hours = Hours(zone="Europe/London", week=((span("08:10-09:20"), span("13:00-13:30")),) * 7)
    assert listed(hours, HALVES, "2026-11-23T00:00", "2026-11-24T08:40") == [
        "23 08:30", "23 13:00", "24 08:30",
    ]  # fmt: skip
    assert listed(hours, QUARTERS, "2026-11-23T08:31", "2026-11-23T13:00") == [
        "23 08:45", "23 09:00", "23 13:00",
    ]  # fmt: skip


def test_days_of_change() -> None:
    hours = Hours(zone="Europe/London", week=((span("00:00-03:00"),),) * 7)
    hourly = SlotRules(every=timedelta(hours=1))
    spring = list(starts(hours, hourly, utc("2026-03-29T00:00"), utc("2026-03-29T12:00")))
    assert [slot(one, "Europe/London", 1).wall_time[11:] for one in spring] == ["00:00", "02:00"]
    autumn = list(starts(hours, hourly, utc("2026-10-24T23:00"), utc("2026-10-25T12:00")))
    shown = [slot(one, "Europe/London", 1) for one in autumn]
    assert [(one.wall_time[11:], one.offset) for one in shown] == [
        ("00:00", None), ("01:00", "+01:00"), ("01:00", "+00:00"), ("02:00", None),
    ]  # fmt: skip
    howe = Hours(zone="Australia/Lord_Howe")  # half an hour forward at 02:00
    found = list(starts(howe, hourly, utc("2026-10-03T14:00"), utc("2026-10-03T18:00")))
    shown = [slot(one, howe.zone, 1) for one in found]
    assert [one.wall_time[11:] for one in shown] == ["01:00", "03:00", "04:00", "05:00"]


def test_a_time_between_counts_in_its_slot() -> None:
    assert slot_of(utc("2026-11-23T10:29:59"), QUARTERS.every, "Europe/London") == utc(
        "2026-11-23T10:15"
    )
    # Kathmandu is 5:45 ahead: slots are round there, not in UTC.
    assert slot_of(utc("2026-11-23T10:29"), HALVES.every, "Asia/Kathmandu") == utc(
        "2026-11-23T10:15"
    )


def test_days_are_the_reader_s() -> None:
    instants = [utc("2026-11-23T23:00"), utc("2026-11-24T00:00")]
    days = by_day(slot(one, "Europe/Berlin", None) for one in instants)
    assert [(str(day.date), len(day.slots)) for day in days] == [("2026-11-24", 2)]


def test_the_nearest() -> None:
    free = [utc(f"2026-11-23T{hour:02}:00") for hour in (8, 9, 11, 16)]
    assert nearest(utc("2026-11-23T10:00"), free, 2) == (free[1], free[2])
    assert nearest(utc("2026-11-23T10:00"), [], 2) == ()
