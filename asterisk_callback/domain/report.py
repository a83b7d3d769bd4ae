"""The figures of a span of days: promises, waits, outcomes. docs/reports.md has each formula.

Each figure counts what happened within the span: a wish on the day it was made, a promise on the
day on which its promised time begins, an attempt on the day it was claimed, an end on its day.

Lines come from the store one after another and none is kept, so that a year of calls fits into
little memory. Their instants are whole seconds since 1970, UTC.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from asterisk_callback.domain.promise import PromiseOutcome, minutes_off, verdict
from asterisk_callback.domain.report_data import (
    PARTS,
    QUARTER,
    AttemptLine,
    EndLine,
    ReportFigures,
    WishLine,
)
from asterisk_callback.domain.wish import PromisedWindow

MINUTE = 60


class InvalidSpan(Exception):
    """Not days that a report can be made of; its sentence says which are."""


class ReportPeriod(NamedTuple):
    """From `start` to before `end`, both aware UTC: whole days of the zone by its clock, of 23, 24
    or 25 hours."""

    start: datetime
    end: datetime
    zone: tzinfo


def span_of(first: date, last: date, zone: str) -> ReportPeriod:
    """Of these days and all between, by the clock of the IANA zone."""
    clock = ZoneInfo(zone)
    start = datetime.combine(first, time(), clock)
    end = datetime.combine(last + timedelta(days=1), time(), clock)
    return ReportPeriod(start.astimezone(UTC), end.astimezone(UTC), clock)


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """by_agent: attempts by who had them, and of the promises those whose first ring was in one of
    their calls. by_day: those on which something happened. by_hour: 0 to 23 by the zone's clock; an
    hour that a day has twice counts both."""

    span: ReportPeriod
    total: ReportFigures
    by_queue: Mapping[str, ReportFigures]
    by_agent: Mapping[str, ReportFigures]
    by_day: Mapping[date, ReportFigures]
    by_hour: Mapping[int, ReportFigures]


class Counting:
    """The making of a report. now: aware UTC, for what is still open."""

    def __init__(self, span: ReportPeriod, now: datetime) -> None:
        self._span, self._now = span, now
        self._start, self._end = int(span.start.timestamp()), int(span.end.timestamp())
        self._cells: dict[tuple[str, int], ReportFigures] = {}
        self._days: dict[date, ReportFigures] = {}
        self._agents: dict[str, ReportFigures] = {}
        self._places: dict[tuple[str, int], tuple[ReportFigures, ReportFigures]] = {}

    def wishes(self, lines: Iterable[WishLine]) -> None:
        for one in _each_once(lines):
            if self._within(one.asked):
                for figures in self._at(one.queue, one.asked):
                    figures.asked += 1
                    if one.asap and one.rang is not None:
                        figures.waits.append(one.rang - one.asked)
                    if one.asap and one.talked is not None:
                        figures.connects.append(one.talked - one.asked)
            if one.withdrawn is not None and self._within(one.withdrawn):
                for figures in self._at(one.queue, one.withdrawn):
                    figures.withdrawn += 1
            start, end = one.promised_from, one.promised_to
            if start is not None and end is not None and self._within(start):
                self._promise(one, start, end)

    def _promise(self, one: WishLine, start: int, end: int) -> None:
        window = PromisedWindow(_moment(start), _moment(end))
        rang_at = None if one.rang is None else _moment(one.rang)
        withdrawn = one.withdrawn is not None
        judged = verdict(window, rang_at, withdrawn=withdrawn, state=one.state, now=self._now)
        if judged is None or not judged.due:
            return
        off = None if rang_at is None else minutes_off(window, rang_at)
        part = _part(start, end, one.rang) if off == 0 and one.rang is not None else None
        places = list(self._at(one.queue, start))
        if one.agent is not None and off is not None:
            places.append(self._agent(one.agent))
        for figures in places:
            figures.due += 1
            figures.kept += judged is PromiseOutcome.KEPT
            if off is None:
                figures.never += 1
                continue
            figures.offsets.append(off)
            if one.asap:
                figures.estimates.append(off)
                if part is not None:
                    figures.parts[part] += 1

    def attempts(self, lines: Iterable[AttemptLine]) -> None:
        for one in lines:
            cell, day = self._at(one.queue, one.claimed)
            for figures in (cell, day, self._agent(one.agent)) if one.agent else (cell, day):
                figures.attempts += 1
                figures.rings += one.rang
                if one.disposition is not None:
                    figures.dispositions[one.disposition] += 1
                if one.talk is not None:
                    figures.talks.append(one.talk)

    def ends(self, lines: Iterable[EndLine]) -> None:
        for one in lines:
            for figures in self._at(one.queue, one.ended):
                figures.ended[one.state] += one.requests
                figures.tries[one.rings] += one.requests

    def report(self) -> Report:
        total = ReportFigures()
        queues: dict[str, ReportFigures] = {}
        hours: dict[int, ReportFigures] = {}
        for (queue, hour), cell in sorted(self._cells.items()):
            total.add(cell)
            queues.setdefault(queue, ReportFigures()).add(cell)
            hours.setdefault(hour, ReportFigures()).add(cell)
        return Report(
            span=self._span,
            total=total,
            by_queue=queues,
            by_agent=dict(sorted(self._agents.items())),
            by_day=dict(sorted(self._days.items())),
            by_hour=dict(sorted(hours.items())),
        )

    def _within(self, instant: int) -> bool:
        return self._start <= instant < self._end

    def _at(self, queue: str, instant: int) -> tuple[ReportFigures, ReportFigures]:
        """Where it is counted: of its queue and hour, and of its day."""
        key = (queue, instant // QUARTER)
        if (found := self._places.get(key)) is None:
            shown = datetime.fromtimestamp(instant, self._span.zone)
            cell = self._cells.setdefault((queue, shown.hour), ReportFigures())
            day = self._days.setdefault(shown.date(), ReportFigures())
            found = self._places[key] = (cell, day)
        return found

    def _agent(self, name: str) -> ReportFigures:
        if (found := self._agents.get(name)) is None:
            found = self._agents[name] = ReportFigures()
        return found


def _each_once(lines: Iterable[WishLine]) -> Iterator[WishLine]:
    """One line a wish: with its first ring, whose agent it keeps, and its first talk."""
    held: WishLine | None = None
    for line in lines:
        if held is None or line.wish != held.wish:
            if held is not None:
                yield held
            held = line
        elif held.rang is None:
            held = line._replace(talked=line.talked if held.talked is None else held.talked)
        elif held.talked is None and line.talked is not None:
            held = held._replace(talked=line.talked)
    if held is not None:
        yield held


def _part(start: int, end: int, rang: int) -> int:
    """Of the range, all minutes of which belong to it: 0 for the first part."""
    first, last = start - start % MINUTE, end - end % MINUTE
    return (rang - first) * PARTS // (last + MINUTE - first)


def _moment(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, UTC)
