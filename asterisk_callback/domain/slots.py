"""Slots: the times that a callback queue offers, each with so many places."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from asterisk_callback.domain.hours import Hours


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
class Slot:
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
class Day:
    """A day of the reader's calendar with its slots, in order, the full ones too."""

    date: date
    slots: tuple[Slot, ...]

    @property
    def full(self) -> bool:
        return all(one.full for one in self.slots)


def slot_of(instant: datetime, rules: SlotRules, zone: str) -> datetime:
    """The start of the slot that an instant lies in. Slots begin at round wall times of the zone,
    so those of a chosen time between two starts are counted together with the earlier one."""
    local = instant.astimezone(ZoneInfo(zone))
    passed = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
    return instant - passed % rules.every - timedelta(microseconds=local.microsecond)


def starts(hours: Hours, rules: SlotRules, since: datetime, until: datetime) -> Iterator[datetime]:
    """The starts of all slots that fit into the opening hours, from `since` to `until`. Steps are
    of real time, so a wall time that the clocks skip never comes, and a repeated one comes twice.
    """
    for opens, closes in hours.ranges_from(since):
        if opens > until:
            return
        moment = slot_of(max(opens, since), rules, hours.zone)
        while moment + rules.every <= closes and moment <= until:
            start = slot_of(moment, rules, hours.zone)
            if start == moment and moment >= max(opens, since):
                yield moment
            moment = start + rules.every


def slot(instant: datetime, zone: str, free: int | None) -> Slot:
    """The slot as its reader's clock shows it."""
    local = instant.astimezone(ZoneInfo(zone))
    wall = local.replace(tzinfo=None)
    other = local.replace(fold=1 - local.fold)
    twice = other.utcoffset() != local.utcoffset()
    return Slot(
        instant=instant,
        wall_time=wall.isoformat(timespec="minutes"),
        zone=zone,
        offset=local.isoformat(timespec="minutes")[16:] if twice else None,
        free=free,
    )


def by_day(slots: Iterable[Slot]) -> tuple[Day, ...]:
    """The slots under the dates that their reader's calendar shows."""
    days: dict[date, list[Slot]] = {}
    for one in slots:
        days.setdefault(datetime.fromisoformat(one.wall_time).date(), []).append(one)
    return tuple(Day(date=day, slots=tuple(found)) for day, found in days.items())


def nearest(wished: datetime, free: Sequence[datetime], count: int = 3) -> tuple[datetime, ...]:
    """Those of the free instants that lie nearest to the wished one, in order of time."""
    chosen = sorted(free, key=lambda instant: (abs(instant - wished), instant))[:count]
    return tuple(sorted(chosen))
