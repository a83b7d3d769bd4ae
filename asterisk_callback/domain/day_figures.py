"""A day's promises: what was said, what came of it, and how many of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from asterisk_callback.domain import promise
from asterisk_callback.domain.promise import MINUTE
from asterisk_callback.domain.request import RequestState

HALF_HOUR = timedelta(minutes=30)


class Outcome(StrEnum):
    """kept: rung inside the promised time. late: rung after it, or still waiting past it.
    not_reached: it ended, and nobody talked. booked: its time is still to come."""

    KEPT = "kept"
    LATE = "late"
    NOT_REACHED = "not_reached"
    BOOKED = "booked"


@dataclass(frozen=True, kw_only=True, slots=True)
class Promised:
    """One wish that was told when the call comes. rang_at: the first ring after it was made.
    state: of its request. All aware UTC. many: how many wishes this is true of, while none of them
    was rung for; asked_at says nothing then."""

    queue: str
    asked_at: datetime
    asap: bool
    start: datetime
    end: datetime
    state: RequestState
    withdrawn: bool
    rang_at: datetime | None
    talked: bool
    many: int = 1

    def in_time(self, now: datetime) -> bool | None:
        """Was, or is, the promise kept? None: nobody can say yet, or it was taken back."""
        return promise.in_time(
            self.end, self.rang_at, withdrawn=self.withdrawn, state=self.state, now=now
        )

    def outcome(self, now: datetime) -> Outcome | None:
        """None: it was taken back before it was due, and counts nowhere."""
        if self.state in promise.IN_VAIN and not self.talked and not self.withdrawn:
            return Outcome.NOT_REACHED
        kept = self.in_time(now)
        if kept is not None:
            return Outcome.KEPT if kept else Outcome.LATE
        over = self.withdrawn or self.state in promise.OVER
        return None if over else Outcome.BOOKED


@dataclass(frozen=True, kw_only=True, slots=True)
class HalfHour:
    """start: aware UTC. counts: of the promises that began in it."""

    start: datetime
    counts: dict[Outcome, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """kept of due: promises. reached of ended: requests that came to an end by a call.

    time_to_call: from the wish to the first ring, the median of those for as soon as possible.
    offsets: whole minutes from the promised time's beginning to the ring, with whether it was late.
    span: how long the promised times of these calls were, the median in whole minutes. most_late:
    whole minutes of the latest call after its promised time, 0 if none was late.
    """

    kept: int
    due: int
    reached: int
    ended: int
    time_to_call: timedelta | None
    half_hours: Sequence[HalfHour]
    offsets: Sequence[tuple[int, bool]]
    span: int = 0
    most_late: int = 0

    def count(self, outcome: Outcome) -> int:
        return sum(one.counts[outcome] for one in self.half_hours)


def day_of(promises: Iterable[Promised], now: datetime) -> Day:
    """The figures of these promises as they stand now (aware UTC)."""
    rows = [(one, one.in_time(now), one.outcome(now)) for one in promises]
    judged = [(kept, one.many) for one, kept, _ in rows if kept is not None]
    talked = sum(one.talked for one, _, _ in rows)
    in_vain = sum(one.many for one, _, outcome in rows if outcome is Outcome.NOT_REACHED)
    rung = [(one, one.rang_at, kept) for one, kept, _ in rows if one.rang_at is not None]
    waits = [(rang_at - one.asked_at).total_seconds() for one, rang_at, _ in rung if one.asap]
    return Day(
        kept=sum(many for kept, many in judged if kept),
        due=sum(many for _, many in judged),
        reached=talked,
        ended=talked + in_vain,
        time_to_call=timedelta(seconds=median(waits)) if waits else None,
        half_hours=_half_hours((one, outcome) for one, _, outcome in rows if outcome),
        offsets=sorted(((at - one.start) // MINUTE, not kept) for one, at, kept in rung),
        span=round(median((one.end - one.start) / MINUTE for one, _, _ in rung)) if rung else 0,
        most_late=max((_minutes_late(one, at) for one, at, kept in rung if not kept), default=0),
    )


def _minutes_late(one: Promised, rang_at: datetime) -> int:
    """By whole minutes, as clocks show them."""
    return int((rang_at.replace(second=0, microsecond=0) - one.end) / MINUTE)


def _half_hours(rows: Iterable[tuple[Promised, Outcome]]) -> list[HalfHour]:
    """Without gaps, from the first that has something to the last."""
    found: dict[datetime, dict[Outcome, int]] = {}
    for one, outcome in rows:
        counts = found.setdefault(_half(one.start), dict.fromkeys(Outcome, 0))
        counts[outcome] += one.many
    if not found:
        return []
    first, last = min(found), max(found)
    starts = [first + n * HALF_HOUR for n in range((last - first) // HALF_HOUR + 1)]
    none = dict.fromkeys(Outcome, 0)
    return [HalfHour(start=start, counts=found.get(start, none)) for start in starts]


def _half(instant: datetime) -> datetime:
    return instant.replace(minute=instant.minute // 30 * 30, second=0, microsecond=0)
