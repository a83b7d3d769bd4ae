"""Reports as tables: the figures for programs and spreadsheets, and one row for each request."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from io import StringIO
from typing import Any

from asterisk_callback.domain.attempt import Disposition
from asterisk_callback.domain.phone import mask
from asterisk_callback.domain.report import (
    Figures,
    PastRequest,
    PastWish,
    Report,
    middle,
    minutes_off,
    most,
    seconds,
)
from asterisk_callback.domain.request import RequestState

# A cell that begins so is a formula for spreadsheets (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ENDS = (
    RequestState.COMPLETED,
    RequestState.FAILED,
    RequestState.CANCELLED,
    RequestState.EXPIRED,
)
REQUEST_COLUMNS = (
    "request", "queue", "number", "topic", "state", "asked_at", "due_at", "promised_from",
    "promised_to", "first_rang_at", "minutes_off", "seconds_to_ring", "talked_at",
    "seconds_to_talk", "rings", "attempts", "last_disposition", "agent", "ended_at",
)  # fmt: skip


def flat(figures: Figures) -> dict[str, Any]:
    """Each figure of docs/reports.md by its name. None: there was nothing to count."""
    late, sizes = figures.late, [abs(one) for one in figures.offsets]
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
        "rung_within_share": _share(figures.within, len(figures.offsets)),
        "minutes_off_median": middle(sizes),
        "seconds_to_ring_median": middle(seconds(figures.waits)),
        "seconds_to_ring_p90": most(seconds(figures.waits)),
        "seconds_to_talk_median": middle(seconds(figures.connects)),
        "seconds_to_talk_p90": most(seconds(figures.connects)),
        **of_attempts(figures),
        "rings_per_request": round(rung / ended, 2) if ended else None,
        "requests_rung_again": figures.again,
        "requests_rung_again_share": _share(figures.again, ended),
    }


def of_attempts(figures: Figures) -> dict[str, Any]:
    """Those that an agent has, too."""
    return {
        "attempts": figures.attempts,
        "rings": figures.rings,
        "talks": len(figures.talks),
        "talk_seconds_median": middle(seconds(figures.talks)),
        **{f"disposition_{one}": figures.dispositions[one] for one in Disposition},
    }


def groups(report: Report) -> list[tuple[str, str, dict[str, Any]]]:
    """What is counted (all, queue, agent, hour), its name, and its figures."""
    return [
        ("all", "", flat(report.total)),
        *(("queue", name, flat(one)) for name, one in report.by_queue.items()),
        *(("agent", name, of_attempts(one)) for name, one in report.by_agent.items()),
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


def requests_csv(requests: Iterable[PastRequest], zone: tzinfo, *, full: bool) -> str:
    """One row for each request. zone: of all times, which are ISO 8601 with offset. full: whole
    telephone numbers (P17: for administrators only)."""
    return _csv(REQUEST_COLUMNS, [_request(one, zone, full) for one in requests])


def _request(one: PastRequest, zone: tzinfo, full: bool) -> Sequence[Any]:
    wish = _deciding(one.wishes)
    rang_at = one.rang_for(wish) if wish else None
    talked_at = one.talked_for(wish) if wish else None
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
        _moment(rang_at, zone),
        minutes_off(wish, rang_at) if wish and rang_at else None,
        _seconds(rang_at, wish),
        _moment(talked_at, zone),
        _seconds(talked_at, wish),
        one.rings,
        len(one.attempts),
        last.disposition.value if last and last.disposition else None,
        last.agent if last else None,
        _moment(one.ended_at, zone),
    )


def _deciding(wishes: Sequence[PastWish]) -> PastWish | None:
    """The earliest that stands, or of all if none does."""
    standing = [one for one in wishes if one.withdrawn_at is None]
    return min(standing or wishes, key=lambda one: one.due_at, default=None)


def _seconds(instant: datetime | None, wish: PastWish | None) -> int | None:
    if instant is None or wish is None:
        return None
    return int((instant - wish.asked_at) / timedelta(seconds=1))


def _share(part: int, whole: int) -> float | None:
    """Of 1, to four digits."""
    return round(part / whole, 4) if whole else None


def _moment(instant: datetime | None, zone: tzinfo) -> str:
    return instant.astimezone(zone).isoformat(timespec="seconds") if instant else ""


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return out.getvalue()


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would run begins with an apostrophe, which makes it a text. Our own
    numbers stay numbers."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
