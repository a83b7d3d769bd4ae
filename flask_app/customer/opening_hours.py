"""When a department is there, as its customers read it: its week, with equal days in one line, and
the days to come that differ from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from asterisk_callback.domain.opening_hours import ALL_DAY, Hours, OpeningSpan, Spans
from flask_app.shared import languages

# So far ahead a holiday, or another day of its own, is told of.
AHEAD = 14


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenDays:
    """Days with the same hours. name: Monday–Friday, or a single day with its date, which may be
    `today`. spans: `08:00–12:00`; none: closed. all_day: it does not close."""

    name: str
    today: bool = False
    spans: tuple[str, ...]
    all_day: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """place: the city whose clock it is."""

    days: tuple[OpenDays, ...]
    place: str


def of(hours: Hours, now: datetime) -> Opening | None:
    """None where there is nothing to say: it is open at any hour. now: aware."""
    today = now.astimezone(ZoneInfo(hours.zone)).date()
    coming = [today + timedelta(days=n) for n in range(AHEAD)]
    others = [one for one in coming if hours.spans(one) != hours.week[one.weekday()]]
    if not others and all(spans == ALL_DAY for spans in hours.week):
        return None
    days = [*_week(hours.week), *(_single(one, hours, today) for one in others)]
    return Opening(days=tuple(days), place=languages.place(hours.zone))


def _week(week: Sequence[Spans]) -> list[OpenDays]:
    """It begins with the day that weeks begin with where the reader is."""
    first = languages.first_weekday()
    order = [(first + n) % 7 for n in range(7)]
    return [_run(list(days), week) for _, days in groupby(order, key=lambda day: week[day])]


def _run(days: Sequence[int], week: Sequence[Spans]) -> OpenDays:
    """days: of the week, Monday is 0; all have the same hours."""
    names, spans = [languages.weekday_name(day) for day in days], week[days[0]]
    return OpenDays(
        name=languages.listed(names) if len(days) < 3 else f"{names[0]}–{names[-1]}",
        spans=_written(spans),
        all_day=spans == ALL_DAY,
    )


def _single(day: date, hours: Hours, today: date) -> OpenDays:
    spans = hours.spans(day)
    return OpenDays(
        name=languages.day(day),
        today=day == today,
        spans=_written(spans),
        all_day=spans == ALL_DAY,
    )


def _written(spans: Sequence[OpeningSpan]) -> tuple[str, ...]:
    return tuple(f"{_clock(one.start)}–{_clock(one.end)}" for one in spans)


def _clock(minute: int) -> str:
    """24:00 is written as the midnight that it is."""
    return languages.clock(datetime.combine(date.min, time(minute // 60 % 24, minute % 60), UTC))
