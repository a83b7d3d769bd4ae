"""Instants as their reader's clock and calendar show them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_app import languages


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


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody in a zone, reading now (aware UTC)."""

    zone: ZoneInfo
    now: datetime

    def moment(self, instant: datetime) -> Moment:
        local = instant.astimezone(self.zone)
        return Moment(
            iso=local.isoformat(timespec="seconds"),
            clock=languages.clock(local),
            date=languages.day(local),
            days=(local.date() - self.now.astimezone(self.zone).date()).days,
        )

    def maybe(self, instant: datetime | None) -> Moment | None:
        return None if instant is None else self.moment(instant)

    @property
    def this_minute(self) -> datetime:
        """Now, as precisely as a page says it: what it shows stays the same for a minute."""
        return self.now.astimezone(UTC).replace(second=0, microsecond=0)
