"""Instants as their reader's clock and calendar show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from asterisk_callback.domain.appointment import whole_minute
from flask_app.shared import languages


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """An instant in the reader's zone. days: from today (0 today, 1 tomorrow, -1 yesterday)."""

    iso: str
    clock: str
    date: str
    days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Range:
    """From one moment to another."""

    start: Moment
    end: Moment


def moment_of(local: datetime, today: date) -> Moment:
    """local: in the reader's zone."""
    return Moment(
        iso=local.isoformat(timespec="seconds"),
        clock=languages.clock(local),
        date=languages.day(local),
        days=(local.date() - today).days,
    )


@dataclass(frozen=True, slots=True)
class ReaderClock:
    """Somebody in a zone, reading now (aware UTC)."""

    zone: ZoneInfo
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def moment(self, instant: datetime) -> Moment:
        return moment_of(instant.astimezone(self.zone), self.today)

    def maybe(self, instant: datetime | None) -> Moment | None:
        return None if instant is None else self.moment(instant)

    def short_date(self, instant: datetime) -> str:
        """Return the date by the reader's calendar: Mon 23 Nov."""
        return languages.short_date(instant.astimezone(self.zone))

    def date_and_time(self, instant: datetime) -> str:
        """Return date and time of day in one: 23 Nov, 14:01, or Nov 23, 2:01 PM."""
        local = instant.astimezone(self.zone)
        return f"{languages.short_day(local)}, {languages.clock(local)}"

    @property
    def this_minute(self) -> datetime:
        """Now, as precisely as a page says it: what it shows stays the same for a minute."""
        return whole_minute(self.now.astimezone(UTC))


def iso(instant: datetime, zone: str) -> str:
    """ISO 8601 with the offset of an IANA zone, to the second."""
    return instant.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def isos(instants: Sequence[datetime], zone: str) -> list[str]:
    return [iso(instant, zone) for instant in instants]
