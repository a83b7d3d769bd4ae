"""When a department is there, as its customers read it: the next seven days by its own clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from asterisk_callback.domain.hours import ALL_DAY, Hours, Span
from flask_app import languages

DAYS = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenDay:
    """days: from today. spans: `08:00–12:00`; none: closed. all_day: it does not close."""

    date: str
    days: int
    spans: tuple[str, ...]
    all_day: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """place: the city whose clock it is."""

    days: tuple[OpenDay, ...]
    place: str


def of(hours: Hours, now: datetime) -> Opening | None:
    """None where there is nothing to say: it is open at any hour. now: aware."""
    today = now.astimezone(ZoneInfo(hours.zone)).date()
    week = [today + timedelta(days=n) for n in range(DAYS)]
    if all(hours.spans(day) == ALL_DAY for day in week):
        return None
    days = (_day(hours, day, (day - today).days) for day in week)
    return Opening(days=tuple(days), place=languages.place(hours.zone))


def _day(hours: Hours, day: date, ahead: int) -> OpenDay:
    spans = hours.spans(day)
    return OpenDay(
        date=languages.day(day),
        days=ahead,
        spans=tuple(_written(one) for one in spans),
        all_day=spans == ALL_DAY,
    )


def _written(one: Span) -> str:
    return f"{_clock(one.start)}–{_clock(one.end)}"


def _clock(minute: int) -> str:
    """24:00 is written as the midnight that it is."""
    return languages.clock(datetime.combine(date.min, time(minute // 60 % 24, minute % 60), UTC))
