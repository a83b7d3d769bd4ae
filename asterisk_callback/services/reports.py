"""Reports: the figures of a span of days and the callback requests behind them, and both as tables
for programs and spreadsheets.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from io import StringIO
from itertools import islice
from typing import Any

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.phone import mask
from asterisk_callback.domain.promise import minutes_off
from asterisk_callback.domain.queue import Names
from asterisk_callback.domain.report import (
    Counting,
    InvalidSpan,
    Report,
    ReportPeriod,
    span_of,
)
from asterisk_callback.domain.report_data import (
    ReportedRequest,
    ReportedWish,
    ReportFigures,
    middle,
    most,
)
from asterisk_callback.domain.request import RequestState
from asterisk_callback.domain.wish import PromisedWindow, representative
from asterisk_callback.store import SqlStore
from asterisk_callback.store.transaction import SqlTransaction

# So many days at most: 100,000 requests in them take three to four seconds of a core.
MOST_DAYS = 400
# Up to so many days are found by indexes of instants, more by reading whole tables.
FEW_DAYS = 31
# Requests are read so many at a time: all of a year would not fit into a small machine.
AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Reports:
    """zone: the company's, by whose clock days begin."""

    store: SqlStore
    zone: str

    def report(self, first: date, last: date, names: Names = None) -> Report:
        """Of the days from `first` to `last`, both included. names: of these callback queues; None:
        of all, also of those that are no longer in the configuration.

        Raises InvalidSpan for days that are too many, or in the wrong order; StoreUnavailable.
        """
        span = self.span(first, last)
        with self.store.reading() as tx:
            _prepare(tx, first, last)
            counting = Counting(span, tx.now)
            counting.wishes(tx.reports.wish_lines(names, span.start, span.end))
            counting.attempts(tx.reports.attempt_lines(names, span.start, span.end))
            counting.ends(tx.reports.end_lines(names, span.start, span.end))
        return counting.report()

    def requests(self, first: date, last: date, names: Names = None) -> Iterator[ReportedRequest]:
        """Each request of which something happened on these days, by id, as it is when it comes to
        be read: no transaction stays open while somebody fetches the rows. Which they are is looked
        up at once. Raises as `report`; StoreUnavailable also on the way."""
        span = self.span(first, last)
        with self.store.reading() as tx:
            _prepare(tx, first, last)
            ids = tx.reports.request_ids(names, span.start, span.end)
        return self._each(ids)

    def _each(self, ids: Sequence[int]) -> Iterator[ReportedRequest]:
        for start in range(0, len(ids), AT_ONCE):
            with self.store.reading() as tx:
                tx.prefer_indexes()
                found = tx.reports.requests(ids[start : start + AT_ONCE])
            yield from found

    def span(self, first: date, last: date) -> ReportPeriod:
        """Raises InvalidSpan."""
        if last < first:
            raise InvalidSpan("the last day of a report can't be before its first")
        if (last - first).days >= MOST_DAYS:
            raise InvalidSpan(f"a report has at most {MOST_DAYS} days")
        try:
            return span_of(first, last, self.zone)
        except OverflowError:
            raise InvalidSpan("a report can't end on the last day of all times") from None


def _prepare(tx: SqlTransaction, first: date, last: date) -> None:
    if (last - first).days < FEW_DAYS:
        tx.prefer_indexes()


# A cell that begins with one of these signs, full-width ones too, is a formula for spreadsheets
# (OWASP, CSV injection). Where a spreadsheet separates by semicolons or tabs, as it does in half of
# Europe, or takes no heed of our quotation marks, a new cell begins behind each of these and behind
# a line's end, within a text, too; blanks and quotation marks before the sign are passed over.
_FORMULA = re.compile(
    r"((?:\A|[;\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029])[\s\"']*)(?=[=+\-@＝＋－＠﹦﹢﹣﹫])"
)
_QUANTILES = (("p10", 0.1), ("p50", 0.5), ("p90", 0.9))
# Lines sent at a time: one by one each would be a packet of its own.
_AT_ONCE = 500
_ENDS = tuple(state for state in RequestState if not state.is_open)
# What is counted, its name, and its figures.
Group = tuple[str, str, dict[str, Any]]
REQUEST_COLUMNS = (
    "request", "queue", "number", "topic", "state", "asked_at", "due_at", "promised_from",
    "promised_to", "first_rang_at", "minutes_off", "seconds_to_ring", "talked_at",
    "seconds_to_talk", "rings", "attempts", "last_disposition", "agent", "ended_at",
)  # fmt: skip


def flat(figures: ReportFigures) -> dict[str, Any]:
    """Each figure of docs/reports.md by its name. None: there was nothing to count."""
    off = figures.offsets
    late, sizes = sorted(figures.late), sorted([abs(one) for one in off])
    waits, connects = sorted(figures.waits), sorted(figures.connects)
    ended, tries = sum(figures.tries.values()), figures.tries
    rung = sum(rings * count for rings, count in tries.items())
    return {
        "wishes_asked": figures.asked,
        "wishes_withdrawn": figures.withdrawn,
        **{f"requests_{state}": figures.ended[state] for state in _ENDS},
        "promises_due": figures.due,
        "promises_kept": figures.kept,
        "promises_kept_share": _share(figures.kept, figures.due),
        "promises_never_rung": figures.never,
        "minutes_late_median": middle(late),
        "minutes_late_p90": most(late),
        "rung_within": figures.within,
        "rung_early": figures.early,
        "rung_late": len(late),
        "rung_within_share": _share(figures.within, len(off)),
        "minutes_off_median": middle(sizes),
        **_of_estimates(sorted(figures.estimates)),
        "seconds_to_ring_median": middle(waits),
        "seconds_to_ring_p90": most(waits),
        "seconds_to_talk_median": middle(connects),
        "seconds_to_talk_p90": most(connects),
        **of_attempts(figures),
        "rings_per_request": round(rung / ended, 2) if ended else None,
        "requests_rung_again": figures.again,
        "requests_rung_again_share": _share(figures.again, ended),
    }


def _of_estimates(off: Sequence[int]) -> dict[str, Any]:
    """How good the expected time was, for those who asked for a call as soon as possible. off: in
    order."""
    inside = off.count(0)
    return {
        "expected_rung": len(off),
        "expected_inside": inside,
        "expected_early": sum(one < 0 for one in off),
        "expected_late": sum(one > 0 for one in off),
        "expected_inside_share": _share(inside, len(off)),
        **{f"expected_minutes_off_{name}": most(off, share) for name, share in _QUANTILES},
    }


def of_agent(figures: ReportFigures) -> dict[str, Any]:
    """promises: those whose first ring was in one of the agent's calls."""
    late = sorted(figures.late)
    return {
        "promises_rung": figures.due,
        "promises_kept": figures.kept,
        "promises_late": len(late),
        "promises_kept_share": _share(figures.kept, figures.due),
        "minutes_late_median": middle(late),
        **of_attempts(figures),
    }


def of_attempts(figures: ReportFigures) -> dict[str, Any]:
    return {
        "attempts": figures.attempts,
        "rings": figures.rings,
        "talks": len(figures.talks),
        "talk_seconds_median": middle(sorted(figures.talks)),
        **{f"disposition_{one}": figures.dispositions[one] for one in Disposition},
    }


def groups(report: Report) -> list[Group]:
    """What is counted (all, queue, agent, day, hour), its name, and its figures."""
    return [
        ("all", "", flat(report.total)),
        *(("queue", name, flat(one)) for name, one in report.by_queue.items()),
        *(("agent", name, of_agent(one)) for name, one in report.by_agent.items()),
        *(("day", str(day), flat(one)) for day, one in report.by_day.items()),
        *(("hour", f"{hour:02}", flat(one)) for hour, one in report.by_hour.items()),
    ]


def as_data(report: Report) -> dict[str, Any]:
    """For JSON. since, until: ISO 8601 in the company's zone, `until` is the first instant after.
    rings_of_requests: how many requests that ended were rung so often."""
    zone, tries = report.span.zone, sorted(report.total.tries.items())
    data: dict[str, Any] = {
        "since": _moment(report.span.start, zone),
        "until": _moment(report.span.end, zone),
        "all": flat(report.total),
        "rings_of_requests": {str(rings): count for rings, count in tries},
        "queue": {},
        "agent": {},
        "day": {},
        "hour": {},
    }
    for kind, name, figures in groups(report)[1:]:
        data[kind][name] = figures
    return data


def figures_csv(report: Report) -> str:
    """One row for each figure of each group."""
    rows = [
        (kind, name, figure, "" if value is None else value)
        for kind, name, figures in groups(report)
        for figure, value in figures.items()
    ]
    return _csv(("by", "name", "figure", "value"), rows)


def requests_csv(requests: Iterable[ReportedRequest], zone: tzinfo, *, full: bool) -> Iterator[str]:
    """One line for each request, after the one with the columns' names, many lines at a time. zone:
    of all times, which are ISO 8601 with offset. full: whole telephone numbers (P17: for
    administrators only)."""
    header: Sequence[str] = REQUEST_COLUMNS
    rows = (_request(one, zone, full) for one in requests)
    while (some := list(islice(rows, _AT_ONCE))) or header:
        yield _csv(header, some)
        header = ()


def _request(one: ReportedRequest, zone: tzinfo, full: bool) -> Sequence[Any]:
    wish = representative(one.wishes)
    last = one.attempts[-1] if one.attempts else None
    return (
        one.id,
        one.queue,
        one.e164 if full else mask(one.e164),
        one.topic,
        one.state.value,
        _moment(wish.asked_at if wish else one.created_at, zone),
        _moment(wish.due_at if wish else None, zone),
        _moment(wish.promised_from if wish else None, zone),
        _moment(wish.promised_to if wish else None, zone),
        _moment(wish.rang_at if wish else None, zone),
        _off(wish) if wish else None,
        _seconds(wish.rang_at, wish) if wish else None,
        _moment(wish.talked_at if wish else None, zone),
        _seconds(wish.talked_at, wish) if wish else None,
        one.rings,
        len(one.attempts),
        last.disposition.value if last and last.disposition else None,
        last.agent if last else None,
        _moment(one.ended_at, zone),
    )


def _off(wish: ReportedWish) -> int | None:
    window = PromisedWindow.of(wish.promised_from, wish.promised_to)
    return None if window is None or wish.rang_at is None else minutes_off(window, wish.rang_at)


def _seconds(instant: datetime | None, wish: ReportedWish) -> int | None:
    """By whole seconds of the clock, as the figures have it."""
    if instant is None:
        return None
    return int(instant.timestamp()) - int(wish.asked_at.timestamp())


def _share(part: int, whole: int) -> float | None:
    """Of 1, to four digits."""
    return round(part / whole, 4) if whole else None


def _moment(instant: datetime | None, zone: tzinfo) -> str:
    return instant.astimezone(zone).isoformat(timespec="seconds") if instant else ""


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    out = StringIO()
    writer = csv.writer(out)
    if header:
        writer.writerow(header)
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return out.getvalue()


def _cell(value: Any) -> Any:
    """An apostrophe before a sign that a spreadsheet would run makes it a text, wherever in the
    text it thinks that a cell begins. Our own numbers stay numbers."""
    if not isinstance(value, str):
        return "" if value is None else value
    begins = "'" if value.startswith(("\t", "\r")) else ""
    return begins + _FORMULA.sub(r"\1'", value)
