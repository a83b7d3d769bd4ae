"""Opening hours, holidays and slots as they are configured."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, model_validator

from asterisk_callback.config.fields import Duration, Zone
from asterisk_callback.config.sections import Section, key
from asterisk_callback.domain import opening_hours
from asterisk_callback.domain.opening_hours import Hours, OpeningSpan
from asterisk_callback.domain.slots import SlotRules

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
WEEK = (*WEEKDAYS, "sat", "sun")
DAY = timedelta(days=1)


def _span(value: Any) -> OpeningSpan:
    if isinstance(value, OpeningSpan):
        return value
    try:
        return opening_hours.span(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError(
            "must be a time from and to within one day, HH:MM-HH:MM; over midnight: until 24:00, "
            "and on the next day from 00:00"
        ) from None


def _calendar(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}(-[A-Za-z0-9]{1,12})?", value) or not opening_hours.known(value):
        raise ValueError(
            "must be a country whose holidays are known, or one of its regions: GB, GB-ENG, DE-BY"
        )
    return value


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError("must be a day, YYYY-MM-DD") from None


def _listed(value: Any) -> Any:
    """One text is a list of one."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def _divides_a_day(value: timedelta) -> timedelta:
    if value < timedelta(minutes=5) or DAY % value or value % timedelta(minutes=1):
        raise ValueError("must be whole minutes, at least 5, that divide a day evenly")
    return value


Hour = Annotated[OpeningSpan, PlainValidator(_span)]
Date = Annotated[date, PlainValidator(_date)]
Calendar = Annotated[str, AfterValidator(_calendar)]
Calendars = Annotated[tuple[Calendar, ...], BeforeValidator(_listed)]
Spans = tuple[Hour, ...]


def _day(name: str) -> Any:
    return key(f'{name} = ["08:00-12:00", "13:00-18:00"]', None)


class HoursSettings(Section):
    """A day that is not named is closed; one of mon … sun wins over weekdays and weekend."""

    weekdays: Spans | None = _day("weekdays")
    weekend: Spans | None = _day("weekend")
    mon: Spans | None = _day("mon")
    tue: Spans | None = _day("tue")
    wed: Spans | None = _day("wed")
    thu: Spans | None = _day("thu")
    fri: Spans | None = _day("fri")
    sat: Spans | None = _day("sat")
    sun: Spans | None = _day("sun")

    @property
    def week(self) -> tuple[Spans, ...]:
        return tuple(self._of(name) for name in WEEK)

    def _of(self, name: str) -> Spans:
        given: Spans | None = getattr(self, name)
        if given is None:
            given = self.weekdays if name in WEEKDAYS else self.weekend
        return given or ()


class SlotSettings(Section):
    every: Annotated[Duration, AfterValidator(_divides_a_day)] = key(
        'every = "15m"', timedelta(minutes=15)
    )
    capacity: int | None = Field(4, ge=1, examples=["capacity = 4"])
    notice: Duration = key('notice = "30m"', timedelta(minutes=30))
    days_ahead: int = Field(14, ge=1, le=365, examples=["days_ahead = 14"])

    @property
    def rules(self) -> SlotRules:
        return SlotRules(
            every=self.every,
            capacity=self.capacity,
            notice=self.notice,
            days_ahead=self.days_ahead,
        )


class CalendarSettings(Section):
    """The days that differ from the week, and when customers may be rung: for all queues."""

    permitted: Hour = key('permitted = "08:00-21:00"', OpeningSpan(8 * 60, 21 * 60))
    holidays: Calendars = key('holidays = ["GB-ENG"]', ())
    closed_on: tuple[Date, ...] = key('closed_on = ["2026-12-24"]', ())
    open_on: dict[Date, Spans] = key('open_on = {"2026-12-19" = ["09:00-12:00"]}', {})

    @model_validator(mode="after")
    def _not_both(self) -> "CalendarSettings":
        both = sorted(set(self.closed_on) & set(self.open_on))
        if both:
            raise ValueError(f"{both[0]} stands in closed_on and in open_on; keep one of the two")
        return self


def opening(given: HoursSettings | None, zone: Zone, calendar: CalendarSettings) -> Hours:
    """The hours of one queue; without a section of its own it is open on every hour of the week."""
    days: Mapping[date, opening_hours.Spans] = calendar.open_on
    always = (opening_hours.ALL_DAY,) * 7
    return Hours(
        zone=zone,
        week=given.week if given is not None else always,
        holidays=calendar.holidays,
        closed_on=frozenset(calendar.closed_on),
        open_on=days,
    )
