"""Slots: the times that a callback queue offers, each with so many places."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from asterisk_callback.domain.appointment import whole_minute
from asterisk_callback.domain.opening_hours import Hours
from asterisk_callback.domain.tzdata import kept
from asterisk_callback.domain.wish import PromisedWindow

DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class SlotRules:
    """every: from one slot to the next; it divides a day. capacity: calls a slot, None: any number.
    notice: how long ahead a time must be chosen at least; days_ahead: and at most."""

    every: timedelta = timedelta(minutes=15)
    capacity: int | None = None
    notice: timedelta = timedelta(0)
    days_ahead: int = 30

    def earliest(self, now: datetime) -> datetime:
        return now + self.notice

    def latest(self, now: datetime) -> datetime:
        return now + timedelta(days=self.days_ahead)


@dataclass(frozen=True, kw_only=True, slots=True)
class FreeSlot:
    """instant: its start, aware UTC. wall_time: ISO 8601 without offset, in `zone`. offset: such as
    `+01:00`, only where the clocks show this wall time twice. free: places; None: any number."""

    instant: datetime
    wall_time: str
    zone: str
    offset: str | None
    free: int | None

    @property
    def full(self) -> bool:
        return self.free == 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DayOfSlots:
    """A day of the reader's calendar with its slots, in order, the full ones too."""

    date: date
    slots: tuple[FreeSlot, ...]

    @property
    def full(self) -> bool:
        return all(one.full for one in self.slots)


def slot_of(instant: datetime, every: timedelta, zone: str) -> datetime:
    """The start of the slot that an instant lies in. Slots begin at round wall times of the zone,
    so those of a chosen time between two starts are counted together with the earlier one."""
    local = instant.astimezone(ZoneInfo(zone))
    passed = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
    return instant - passed % every - timedelta(microseconds=local.microsecond)


def window(instant: datetime, rules: SlotRules) -> PromisedWindow:
    """What is promised to who chose this time: a slot's length from then on, by whole minutes, as
    clocks show it."""
    start = whole_minute(instant)
    return PromisedWindow(start, start + rules.every)


def starts(
    hours: Hours,
    rules: SlotRules,
    since: datetime,
    until: datetime,
    customer: tuple[Hours, ...] = (),
) -> Iterator[datetime]:
    """The starts of all slots that fit into the opening hours, from `since` to `until`. Steps are
    of real time, so a wall time that the clocks skip never comes, and a repeated one comes twice.

    customer: hours that must all be open at the start, too.
    """
    day, last = (one.astimezone(ZoneInfo(hours.zone)).date() for one in (since, until))
    # A day more: a clock that goes back at midnight shows the next day, and this one again.
    while day <= last + DAY:
        for start in _starts_on(day, hours, rules.every, customer):
            if since <= start <= until:
                yield start
        day += DAY


@kept(4096)
def _starts_on(
    day: date, hours: Hours, every: timedelta, customer: tuple[Hours, ...]
) -> tuple[datetime, ...]:
    """Those of a whole day. Kept, because each form shows those of a month."""
    found = []
    for opens, closes in hours.open_ranges(day):
        moment = slot_of(opens, every, hours.zone)
        while moment + every <= closes:
            start = slot_of(moment, every, hours.zone)
            if start == moment and moment >= opens:
                found.append(moment)
            moment = start + every
    return tuple(one for one in found if all(theirs.is_open(one) for theirs in customer))


@kept(16384)
def slot(instant: datetime, zone: str, free: int | None) -> FreeSlot:
    """The slot as its reader's clock shows it."""
    local = instant.astimezone(ZoneInfo(zone))
    wall = local.replace(tzinfo=None)
    other = local.replace(fold=1 - local.fold)
    twice = other.utcoffset() != local.utcoffset()
    return FreeSlot(
        instant=instant,
        wall_time=wall.isoformat(timespec="minutes"),
        zone=zone,
        offset=local.isoformat(timespec="minutes")[16:] if twice else None,
        free=free,
    )


def by_day(slots: Iterable[FreeSlot]) -> tuple[DayOfSlots, ...]:
    """The slots under the dates that their reader's calendar shows."""
    days: dict[str, list[FreeSlot]] = {}
    for one in slots:
        days.setdefault(one.wall_time[:10], []).append(one)
    return tuple(DayOfSlots(date=date.fromisoformat(day), slots=tuple(days[day])) for day in days)


def nearest(wished: datetime, free: Sequence[datetime], count: int = 3) -> tuple[datetime, ...]:
    """Those of the free instants that lie nearest to the wished one, in order of time."""
    chosen = sorted(free, key=lambda instant: (abs(instant - wished), instant))[:count]
    return tuple(sorted(chosen))
