"""The day by half hours: what became of the promises, and how many are still to come.

SVG without a viewBox: x in percent, y in pixels, so that text keeps its size at any width.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asterisk_callback.domain.day_figures import HALF_HOUR, DayFigures, HalfHour
from asterisk_callback.domain.promise import PromiseOutcome
from flask_app.charts.svg import percent
from flask_app.shared.moments import ReaderClock

# From the labels of the scale to the end, and from the ground up to the highest bar.
LEFT, WIDTH = 4.0, 96.0
GROUND, HEIGHT, GAP = 232.0, 204.0, 1.6
# Fewer half hours than this would be drawn as blocks.
LEAST = 12
_STACK = (
    (PromiseOutcome.KEPT, "kept"),
    (PromiseOutcome.LATE, "late"),
    (PromiseOutcome.NOT_REACHED, "missed"),
)
_DONE = tuple(outcome for outcome, _ in _STACK)
GOOD, FAIR = 95, 80
# One of so many is many.
MANY = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    kind: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DayLabel:
    """kind: odd and even ones leave where it is narrow."""

    x: str
    text: str
    kind: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruled:
    """A line of the scale at a height."""

    y: str
    text: str
    base: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class HourRow:
    """A row of the table: what the bars show, in figures."""

    start: str
    kept: int
    late: int
    missed: int
    booked: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DayChart:
    """title: the finding. text: its figures. now: where the line stands, None outside the chart;
    now_ends: its label stands before it."""

    title: str
    text: str
    bars: tuple[Bar, ...]
    rules: tuple[Ruled, ...]
    labels: tuple[DayLabel, ...]
    now: str | None
    now_ends: bool
    rows: tuple[HourRow, ...]


def day_chart(day: DayFigures, reader: ReaderClock) -> DayChart:
    """reader: in the company's zone, reading now."""
    hours = day.half_hours
    count = max(LEAST, len(hours))
    top = _top(max((sum(one.counts.values()) for one in hours), default=0))
    place = _place(hours[0].start, reader.now, count) if hours else None
    return DayChart(
        title=_title(day, reader),
        text=_text(day),
        bars=tuple(bar for n, one in enumerate(hours) for bar in _bars(n, one, count, top)),
        rules=tuple(_rule(value, top) for value in (0, top // 2, top)),
        labels=tuple(_labels(hours, count, reader)),
        now=percent(place) if place is not None else None,
        now_ends=place is not None and place > 80,
        rows=tuple(_row(one, reader) for one in hours),
    )


def _top(most: int) -> int:
    """The end of the scale: an even number, whose half has a line, too."""
    steps = (2, 4, 6, 10, 20, 30, 40, 60, 100)
    return next((one for one in steps if one >= most), -(-most // 100) * 100)


def _rule(value: int, top: int) -> Ruled:
    return Ruled(y=_y(GROUND - HEIGHT * value / top), text=str(value), base=value == 0)


def _place(start: datetime, now: datetime, count: int) -> float | None:
    """Where now stands, in percent of the whole width."""
    passed = (now - start) / HALF_HOUR
    return LEFT + WIDTH * passed / count if 0 <= passed <= count else None


def _bars(n: int, one: HalfHour, count: int, top: int) -> list[Bar]:
    """What happened, one on another, and on top of it, hollow, what is still to come."""
    width = WIDTH / count
    x, wide = percent(LEFT + width * (n + 0.16)), percent(width * 0.68)
    found, below = [], 0
    for outcome, kind in (*_STACK, (PromiseOutcome.BOOKED, "todo")):
        if not (counted := one.counts[outcome]):
            continue
        gap = GAP if below else 0.0
        height = HEIGHT * counted / top - gap
        y = GROUND - HEIGHT * (below + counted) / top
        if kind == "todo":  # its line lies outside of it
            y, height = y + 1, height - 2
        found.append(Bar(kind=kind, x=x, y=_y(y), width=wide, height=_y(max(1.0, height))))
        below += counted
    return found


def _labels(hours: Sequence[HalfHour], count: int, reader: ReaderClock) -> list[DayLabel]:
    """Every full hour, or every second one where they are many; each at its half hour's start."""
    step = 2 if count <= 26 else 4
    width = WIDTH / count
    return [
        DayLabel(
            x=percent(LEFT + width * n),
            text=reader.moment(hours[n].start).clock,
            kind=("", "odd", "even", "odd")[n // step % 4],
        )
        for n in range(0, len(hours), step)
    ]


def _row(one: HalfHour, reader: ReaderClock) -> HourRow:
    return HourRow(
        start=reader.moment(one.start).clock,
        kept=one.counts[PromiseOutcome.KEPT],
        late=one.counts[PromiseOutcome.LATE],
        missed=one.counts[PromiseOutcome.NOT_REACHED],
        booked=one.counts[PromiseOutcome.BOOKED],
    )


def _title(day: DayFigures, reader: ReaderClock) -> str:
    """By the share of promises that the board's first figure has; those who were rung in time and
    not reached broke none."""
    done = sum(day.count(one) for one in _DONE)
    if not done:
        return (
            "Nothing was due yet"
            if day.count(PromiseOutcome.BOOKED)
            else "No promise for today yet"
        )
    share = 100 * day.kept / day.due if day.due else 100
    if share >= GOOD:
        unreached = day.count(PromiseOutcome.NOT_REACHED)
        if unreached * MANY >= done:
            return "Promises were kept, but many were not reached"
        return "A good day so far"
    worst = max(day.half_hours, key=_broken)
    at = reader.moment(worst.start).clock
    others = any(one.counts[PromiseOutcome.KEPT] for one in day.half_hours if one is not worst)
    # One half hour has at least half of what went wrong: that is a dip and no bad day.
    if others and _broken(worst) * 2 >= done - day.count(PromiseOutcome.KEPT):
        good = "A good day" if share >= FAIR else "A hard day"
        return f"{good}, with a dip at {at}"
    if share < FAIR:
        return "Many promises were not kept today"
    late = day.count(PromiseOutcome.LATE)
    return "Some promises came late today" if late else "Some promises were not kept today"


def _broken(one: HalfHour) -> int:
    return one.counts[PromiseOutcome.LATE] + one.counts[PromiseOutcome.NOT_REACHED]


def _text(day: DayFigures) -> str:
    done, booked = sum(day.count(one) for one in _DONE), day.count(PromiseOutcome.BOOKED)
    said = [f"Callbacks by half hour. {done} so far"]
    if done:
        said[0] += (
            f": {day.count(PromiseOutcome.KEPT)} inside the promised time,"
            f" {day.count(PromiseOutcome.LATE)} late,"
            f" {day.count(PromiseOutcome.NOT_REACHED)} not reached"
        )
    if booked:
        said.append(f"{booked} {'more ' if done else ''}{'is' if booked == 1 else 'are'} booked")
    return ". ".join(said) + "."


def _y(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
