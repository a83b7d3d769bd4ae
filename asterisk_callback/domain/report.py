"""The figures of a span of days: promises, waits, outcomes. docs/reports.md has each formula.

Each figure counts what happened within the span: a wish on the day it was made, a promise on the
day on which its promised time begins, an attempt on the day it was claimed, an end on its day.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from math import ceil
from statistics import median
from typing import NamedTuple
from zoneinfo import ZoneInfo

from asterisk_callback.domain.attempt import Disposition
from asterisk_callback.domain.promise import MINUTE, in_time
from asterisk_callback.domain.request import RequestState


class InvalidSpan(Exception):
    """Not days that a report can be made of; its sentence says which are."""


class PastAttempt(NamedTuple):
    """One attempt. rang_at: by the evidence of ringing, None if it did not ring. All aware UTC."""

    claimed_at: datetime
    agent: str | None
    rang_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    disposition: Disposition | None


class PastWish(NamedTuple):
    """One wish, and what it was told. since: from when on its request's rings are its own."""

    asked_at: datetime
    since: datetime
    due_at: datetime
    asap: bool
    promised_from: datetime | None
    promised_to: datetime | None
    withdrawn_at: datetime | None

    def owns(self, one: PastAttempt, instant: datetime) -> bool:
        """Is what this attempt did at `instant` its own?"""
        if self.withdrawn_at is not None and instant >= self.withdrawn_at:
            return False
        return one.claimed_at >= self.since


class PastRequest(NamedTuple):
    """One callback request with its wishes and attempts, both oldest first."""

    id: int
    queue: str
    e164: str
    topic: str
    state: RequestState
    created_at: datetime
    ended_at: datetime | None
    rings: int
    wishes: Sequence[PastWish]
    attempts: Sequence[PastAttempt]

    def rang_for(self, wish: PastWish) -> datetime | None:
        """Its first ring: one after it was taken back is another wish's."""
        return min(
            (one.rang_at for one in self.attempts if one.rang_at and wish.owns(one, one.rang_at)),
            default=None,
        )

    def talked_for(self, wish: PastWish) -> datetime | None:
        """When agent and customer first talked for it."""
        return min(
            (
                one.answered_at
                for one in self.attempts
                if one.answered_at and wish.owns(one, one.answered_at)
            ),
            default=None,
        )


class Span(NamedTuple):
    """From `start` to before `end`, both aware: whole days of the zone by its clock, of 23, 24 or
    25 hours."""

    start: datetime
    end: datetime
    zone: tzinfo

    def has(self, instant: datetime | None) -> bool:
        return instant is not None and self.start <= instant < self.end


def span_of(first: date, last: date, zone: str) -> Span:
    """Of these days and all between, by the clock of the IANA zone."""
    clock = ZoneInfo(zone)
    start = datetime.combine(first, time(), clock)
    end = datetime.combine(last + timedelta(days=1), time(), clock)
    utc = ZoneInfo("UTC")
    return Span(start.astimezone(utc), end.astimezone(utc), clock)


def minutes_off(wish: PastWish, rang_at: datetime) -> int | None:
    """Whole minutes from the promised time to the ring: below 0 before it, 0 within, above 0 after.
    By the minutes that clocks show: what was promised by 14:12 is in time until 14:13."""
    if wish.promised_from is None or wish.promised_to is None:
        return None
    shown = rang_at.replace(second=0, microsecond=0)
    if shown > wish.promised_to:
        return (shown - wish.promised_to) // MINUTE
    return min(0, (shown - wish.promised_from) // MINUTE)


def verdict(request: PastRequest, wish: PastWish, now: datetime) -> bool | None:
    """Was the promise kept? None: nobody can say yet, nothing was said, or it was taken back."""
    if wish.promised_to is None or wish.promised_from is None:
        return None
    return in_time(
        wish.promised_to,
        request.rang_for(wish),
        withdrawn=wish.withdrawn_at is not None,
        state=request.state,
        now=now,
    )


@dataclass(kw_only=True, slots=True)
class Figures:
    """Of the whole span, or of one queue, agent or hour of it.

    asked, withdrawn: wishes. ended: requests by the state in which they ended. due: promises that
    can be judged, of which `kept`. never: those due that no ring came for. offsets: of the promises
    that rang, in minutes (minutes_off). waits: from the wish to the first ring, connects: to the
    talk, of those as soon as possible. tries: requests that ended, by how often they were rung.
    talks: agent and customer bridged.
    """

    asked: int = 0
    withdrawn: int = 0
    ended: Counter[RequestState] = field(default_factory=Counter)
    due: int = 0
    kept: int = 0
    never: int = 0
    offsets: list[int] = field(default_factory=list)
    waits: list[timedelta] = field(default_factory=list)
    connects: list[timedelta] = field(default_factory=list)
    attempts: int = 0
    rings: int = 0
    dispositions: Counter[Disposition] = field(default_factory=Counter)
    tries: Counter[int] = field(default_factory=Counter)
    talks: list[timedelta] = field(default_factory=list)

    def add(self, other: "Figures") -> None:
        self.asked += other.asked
        self.withdrawn += other.withdrawn
        self.ended.update(other.ended)
        self.due += other.due
        self.kept += other.kept
        self.never += other.never
        self.offsets += other.offsets
        self.waits += other.waits
        self.connects += other.connects
        self.attempts += other.attempts
        self.rings += other.rings
        self.dispositions.update(other.dispositions)
        self.tries.update(other.tries)
        self.talks += other.talks

    @property
    def late(self) -> list[int]:
        """Minutes late, of the promises that rang too late."""
        return [one for one in self.offsets if one > 0]

    @property
    def early(self) -> int:
        return sum(one < 0 for one in self.offsets)

    @property
    def within(self) -> int:
        return self.offsets.count(0)

    @property
    def again(self) -> int:
        """Requests that were rung more than once."""
        return sum(count for rings, count in self.tries.items() if rings > 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """by_agent has attempts only: a promise is the company's. by_hour: 0 to 23 by the zone's clock;
    an hour that a day has twice counts both."""

    span: Span
    total: Figures
    by_queue: Mapping[str, Figures]
    by_agent: Mapping[str, Figures]
    by_hour: Mapping[int, Figures]


def report_of(requests: Iterable[PastRequest], span: Span, now: datetime) -> Report:
    """now: aware UTC, for what is still open."""
    cells = _Cells(span)
    for request in requests:
        for wish in request.wishes:
            _count_wish(cells, request, wish, now)
        for one in request.attempts:
            if span.has(one.claimed_at):
                _count_attempt(cells.at(request.queue, one.claimed_at), one)
                if one.agent:
                    _count_attempt(cells.agents.setdefault(one.agent, Figures()), one)
        if request.ended_at is not None and span.has(request.ended_at):
            end = cells.at(request.queue, request.ended_at)
            end.ended[request.state] += 1
            end.tries[request.rings] += 1
    return cells.report()


def _count_wish(cells: "_Cells", request: PastRequest, wish: PastWish, now: datetime) -> None:
    span = cells.span
    if span.has(wish.asked_at):
        asked = cells.at(request.queue, wish.asked_at)
        asked.asked += 1
        if wish.asap:
            _count_waits(asked, request, wish)
    if wish.withdrawn_at is not None and span.has(wish.withdrawn_at):
        cells.at(request.queue, wish.withdrawn_at).withdrawn += 1
    if wish.promised_from is None or not span.has(wish.promised_from):
        return
    kept = verdict(request, wish, now)
    if kept is None:
        return
    promised = cells.at(request.queue, wish.promised_from)
    promised.due += 1
    promised.kept += kept
    rang_at = request.rang_for(wish)
    off = minutes_off(wish, rang_at) if rang_at else None
    if off is None:
        promised.never += 1
    else:
        promised.offsets.append(off)


def _count_waits(asked: Figures, request: PastRequest, wish: PastWish) -> None:
    if (rang_at := request.rang_for(wish)) is not None:
        asked.waits.append(rang_at - wish.asked_at)
    if (talked_at := request.talked_for(wish)) is not None:
        asked.connects.append(talked_at - wish.asked_at)


def _count_attempt(figures: Figures, one: PastAttempt) -> None:
    figures.attempts += 1
    figures.rings += one.rang_at is not None
    if one.disposition is not None:
        figures.dispositions[one.disposition] += 1
    if one.answered_at is not None and one.ended_at is not None:
        figures.talks.append(one.ended_at - one.answered_at)


class _Cells:
    """Figures by queue and hour, from which the sums are made at the end."""

    def __init__(self, span: Span) -> None:
        self.span = span
        self.agents: dict[str, Figures] = {}
        self._cells: dict[tuple[str, int], Figures] = {}

    def at(self, queue: str, instant: datetime) -> Figures:
        key = (queue, instant.astimezone(self.span.zone).hour)
        found = self._cells.get(key)
        if found is None:
            found = self._cells[key] = Figures()
        return found

    def report(self) -> Report:
        total = Figures()
        queues: dict[str, Figures] = {}
        hours: dict[int, Figures] = {}
        for (queue, hour), cell in sorted(self._cells.items()):
            for sums in (
                total,
                queues.setdefault(queue, Figures()),
                hours.setdefault(hour, Figures()),
            ):
                sums.add(cell)
        return Report(
            span=self.span,
            total=total,
            by_queue=queues,
            by_agent=dict(sorted(self.agents.items())),
            by_hour=dict(sorted(hours.items())),
        )


def middle(values: Sequence[float]) -> float | None:
    """The median; of an even number, the mean of the two in the middle."""
    return median(values) if values else None


def most(values: Sequence[float], share: float = 0.9) -> float | None:
    """The smallest value that so many are not above (nearest rank)."""
    return sorted(values)[ceil(share * len(values)) - 1] if values else None


def seconds(spans: Sequence[timedelta]) -> list[float]:
    return [one.total_seconds() for one in spans]
