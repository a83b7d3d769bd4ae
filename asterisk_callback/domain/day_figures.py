"""A day's promises: what was said, what came of it, and how many of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from asterisk_callback.domain.appointment import MINUTE
from asterisk_callback.domain.promise import PromisedWish, PromiseOutcome, minutes_off
from asterisk_callback.domain.request import RequestState

HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class HalfHour:
    """start: aware UTC. counts: of the promises that began in it."""

    start: datetime
    counts: dict[PromiseOutcome, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class DayFigures:
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

    def count(self, outcome: PromiseOutcome) -> int:
        return sum(one.counts[outcome] for one in self.half_hours)


def day_of(promises: Iterable[PromisedWish], now: datetime) -> DayFigures:
    """The figures of these promises as they stand now (aware UTC)."""
    rows = [(one, one.verdict(now), one.outcome(now)) for one in promises]
    due = [(verdict, one.many) for one, verdict, _ in rows if verdict is not None and verdict.due]
    talked = sum(one.talked for one, _, _ in rows)
    in_vain = sum(one.many for one, _, outcome in rows if outcome is PromiseOutcome.NOT_REACHED)
    rung = [(one, one.rang_at) for one, _, _ in rows if one.rang_at is not None]
    waits = [(rang_at - one.asked_at).total_seconds() for one, rang_at in rung if one.asap]
    off = [((at - one.window.start) // MINUTE, minutes_off(one.window, at)) for one, at in rung]
    lengths = [(one.window.end - one.window.start) / MINUTE for one, _ in rung]
    return DayFigures(
        kept=sum(many for verdict, many in due if verdict is PromiseOutcome.KEPT),
        due=sum(many for _, many in due),
        reached=talked,
        ended=talked + in_vain,
        time_to_call=timedelta(seconds=median(waits)) if waits else None,
        half_hours=_half_hours((one, outcome) for one, _, outcome in rows if outcome),
        offsets=sorted((since, late > 0) for since, late in off),
        span=round(median(lengths)) if lengths else 0,
        most_late=max((late for _, late in off if late > 0), default=0),
    )


def _half_hours(rows: Iterable[tuple[PromisedWish, PromiseOutcome]]) -> list[HalfHour]:
    """Without gaps, from the first that has something to the last."""
    found: dict[datetime, dict[PromiseOutcome, int]] = {}
    for one, outcome in rows:
        counts = found.setdefault(_half(one.window.start), dict.fromkeys(PromiseOutcome, 0))
        counts[outcome] += one.many
    if not found:
        return []
    first, last = min(found), max(found)
    starts = [first + n * HALF_HOUR for n in range((last - first) // HALF_HOUR + 1)]
    none = dict.fromkeys(PromiseOutcome, 0)
    return [HalfHour(start=start, counts=found.get(start, none)) for start in starts]


def _half(instant: datetime) -> datetime:
    return instant.replace(minute=instant.minute // 30 * 30, second=0, microsecond=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenCount:
    """How many open requests of a queue are in a state, and how many of them are late."""

    queue: str
    state: RequestState
    requests: int
    late: int
