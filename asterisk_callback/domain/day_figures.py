"""A day's promises: what was said, what came of it, and how many of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from asterisk_callback.domain.promise import MINUTE, Outcome, Promised
from asterisk_callback.domain.request import RequestState

HALF_HOUR = timedelta(minutes=30)


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """How many open requests of a queue are in a state, and how many of them are late."""

    queue: str
    state: RequestState
    requests: int
    late: int
