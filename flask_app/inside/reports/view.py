"""The view model of the reports' page: figures against targets, charts with what they find."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.report import Report
from asterisk_callback.domain.report_data import ReportFigures
from asterisk_callback.services import reports
from flask_app.charts.report import Bars, Reach, Strip, bars, reach, strip
from flask_app.charts.svg import percent
from flask_app.inside.figure import TIME_TO_CALL, Figure
from flask_app.inside.reports import words
from flask_app.shared import languages

# More days than these are drawn as weeks.
MOST_DAYS_DRAWN = 45
# What a bar of the chart of promises is, by the word before its name.
BARS = {"at": "hour", "on": "day", "in the week from": "week"}
BY_PROMISES = (
    "wishes_asked", "promises_due", "promises_kept", "promises_kept_share", "minutes_late_median",
    "promises_never_rung", "rings", "talks",
)  # fmt: skip
BY_EXPECTED = (
    "expected_rung", "expected_inside_share", "expected_early", "expected_late",
    "expected_minutes_off_p10", "expected_minutes_off_p50", "expected_minutes_off_p90",
)  # fmt: skip
BY_AGENT = (
    "attempts", "rings", "talks", "talk_seconds_median", "promises_kept", "promises_late",
    "minutes_late_median",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """first: the head of the first column. rows: name and cells, as they are read."""

    first: str
    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """id: of the page's elements. title: the finding. text: the numbers."""

    id: str
    title: str
    text: str
    bars: Bars
    table: Table


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitsShown:
    """rows: queue, its line, and the median and nine of ten to the ring and to the talk."""

    title: str
    text: str
    rows: Sequence[tuple[str, Reach | None, str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcomes:
    """rows: how attempts ended, how many, and the bar's width."""

    title: str
    text: str
    rows: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Accuracy:
    """tables: of queues and of hours."""

    title: str
    text: str
    strip: Strip
    tables: Sequence[Table]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportView:
    days: str
    figures: Sequence[Figure]
    promises: Sequence[Chart]
    accuracy: Accuracy
    waits: WaitsShown
    outcomes: Outcomes
    queues: Table
    agents: Table
    all: Table


def report_view(report: Report, first: date, last: date, titles: Mapping[str, str]) -> ReportView:
    """first, last: the days that were asked for. titles: of callback queues by name; one that left
    the configuration goes by its name."""
    data = reports.as_data(report)
    queues = [(titles.get(name, name), one) for name, one in data["queue"].items()]
    hours = [(f"{int(name)}:00", one) for name, one in data["hour"].items()]
    days = (
        f"{_day(first, year=True)}"
        if first == last
        else f"{_day(first)} to {_day(last, year=True)}"
    )
    by_hour = _chart("hours", "at", _whole_hours(report, hours), hours, days)
    promises = [by_hour] if first == last else [_by_day(report, first, last, days), by_hour]
    return ReportView(
        days=days,
        figures=_figures(data["all"]),
        promises=promises,
        accuracy=_accuracy(report.total, data["all"], queues, hours),
        waits=_waits(data["all"], queues),
        outcomes=_outcomes(data["all"]),
        queues=_table("Queue", BY_PROMISES, queues),
        agents=_table("Agent", BY_AGENT, list(data["agent"].items())),
        all=_all(data["all"]),
    )


def _day(day: date, *, year: bool = False) -> str:
    return languages.short_date(day, year=year)


def _figures(data: words.Data) -> tuple[Figure, ...]:
    late, ended = data["minutes_late_median"], data["requests_completed"]
    over = ended + data["requests_failed"] + data["requests_expired"]
    return (
        _share("Promises kept", data["promises_kept"], data["promises_due"], words.PROMISES),
        _share(
            "Within expected time", data["expected_inside"], data["expected_rung"], words.EXPECTED
        ),
        _time("Time to call", data["seconds_to_ring_median"], goal=TIME_TO_CALL),
        _time("Time to talk", data["seconds_to_talk_median"], goal=None),
        _share("Reached", ended, over, words.REACHED),
        Figure(
            name="Late by",
            value="–" if late is None else words.value("minutes_late", late),
            unit="" if late is None else " min",
            verdict="None was late"
            if late is None
            else f"{data['rung_late']:,} late, half by less",
            off=late is not None,
            bar=percent(min(100.0, (late or 0) * 10)),
        )
        if data["promises_due"]
        else Figure(name="Late by", value="–", verdict="No call yet"),
    )


def _share(name: str, part: int, whole: int, goal: int) -> Figure:
    share = words.whole_percent(part, whole)
    if share is None:
        return Figure(name=name, value="–", verdict="No call yet")
    return Figure(
        name=name,
        value=str(share),
        unit="%",
        bar=percent(share),
        goal=percent(goal),
        verdict=f"{part:,} of {whole:,}. Target: {goal}%",
        off=share < goal,
    )


def _time(name: str, seconds: float | None, goal: int | None) -> Figure:
    """goal: minutes. Its mark stands at two thirds of the rail, as on the board."""
    if seconds is None:
        return Figure(name=name, value="–", verdict="No call yet")
    value, _, unit = words.minutes(seconds).partition(" ")
    whole = round(seconds / 60)
    bar = percent(min(100.0, whole / (goal or TIME_TO_CALL) * 67))
    if goal is None:
        return Figure(name=name, value=value, unit=f" {unit}", bar=bar, verdict="Half talk by then")
    return Figure(
        name=name,
        value=value,
        unit=f" {unit}",
        bar=bar,
        goal="67%",
        verdict=f"Target: at most {goal} min",
        off=whole > goal,
    )


def _chart(
    key: str, at: str, columns: Sequence[tuple[str, ReportFigures]], rows: Any, days: str
) -> Chart:
    """at: the word before a bar's name; it says what a bar is, too."""
    what = BARS[at]
    title, text = words.of_bars(rows, what, at=at, days=days)
    drawn = bars([(name, _outcome(one)) for name, one in columns])
    table = _table(what.capitalize(), BY_PROMISES, rows)
    return Chart(id=key, title=title, text=text, bars=drawn, table=table)


def _outcome(one: ReportFigures) -> tuple[int, int, int]:
    """Kept, late, never rung."""
    return one.kept, one.due - one.kept - one.never, one.never


def _whole_hours(report: Report, named: Sequence[Any]) -> list[tuple[str, ReportFigures]]:
    """Without gaps, from the first hour that has something to the last."""
    if not named:
        return []
    first, last = min(report.by_hour), max(report.by_hour)
    none = ReportFigures()
    return [(f"{hour}:00", report.by_hour.get(hour, none)) for hour in range(first, last + 1)]


def _by_day(report: Report, first: date, last: date, days: str) -> Chart:
    """By weeks, if there are many."""
    count = (last - first).days + 1
    weekly = count > MOST_DAYS_DRAWN
    found: dict[date, ReportFigures] = {}
    for n in range(count):
        day = first + timedelta(days=n)
        start = max(first, day - timedelta(days=day.weekday())) if weekly else day
        whole = found.setdefault(start, ReportFigures())
        if day in report.by_day:
            whole.add(report.by_day[day])
    named = [(languages.short_day(day), one) for day, one in found.items()]
    rows = [(_day(day), reports.flat(one)) for day, one in found.items()]
    return _chart("days", "in the week from" if weekly else "on", named, rows, days)


def _accuracy(total: ReportFigures, data: words.Data, queues: Any, hours: Any) -> Accuracy:
    drawn = strip(total)
    title, text = words.of_estimates(data, drawn.worth)
    rung = [[one for one in rows if one[1]["expected_rung"]] for rows in (queues, hours)]
    tables = [
        _table(*one) for one in (("Queue", BY_EXPECTED, rung[0]), ("Hour", BY_EXPECTED, rung[1]))
    ]
    return Accuracy(title=title, text=text, strip=drawn, tables=tables)


def _waits(data: words.Data, queues: Any) -> WaitsShown:
    title, text = words.of_waits(data)
    rung = [(name, one) for name, one in queues if one["seconds_to_ring_median"] is not None]
    longest = max((one["seconds_to_ring_p90"] for _, one in rung), default=0)
    rows = [
        (
            name,
            reach(one["seconds_to_ring_median"], one["seconds_to_ring_p90"], longest),
            _two(one, "seconds_to_ring"),
            _two(one, "seconds_to_talk"),
        )
        for name, one in rung
    ]
    return WaitsShown(title=title, text=text, rows=rows)


def _two(data: words.Data, name: str) -> str:
    half, most = data[f"{name}_median"], data[f"{name}_p90"]
    return "–" if half is None else f"{words.minutes(half)}, nine of ten {words.minutes(most)}"


def _outcomes(data: words.Data) -> Outcomes:
    title, text = words.of_outcomes(data)
    found = [(data[f"disposition_{one}"], one) for one in Disposition if data[f"disposition_{one}"]]
    found.sort(key=lambda pair: -pair[0])
    most = max((count for count, _ in found), default=1)
    rows = [(words.title(one), f"{n:,}", percent(100 * n / most)) for n, one in found]
    return Outcomes(title=title, text=text, rows=rows)


def _table(first: str, names: Sequence[str], rows: Sequence[tuple[str, words.Data]]) -> Table:
    return Table(
        first=first,
        heads=[words.title(name) for name in names],
        rows=[(key, [words.value(name, one[name]) for name in names]) for key, one in rows],
    )


def _all(data: words.Data) -> Table:
    """Dispositions that did not happen are left out."""
    shown = [
        (words.title(name, alone=True), [words.value(name, given)])
        for name, given in data.items()
        if given or not name.startswith("disposition_")
    ]
    return Table(first="Figure", heads=("Value",), rows=shown)
