"""Charts of reports: bars, dots and ranges, drawn on the server.

SVG without a viewBox: x in percent, so that circles stay round at any width, y in pixels. What a
colour says is said by the order and by words, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from asterisk_callback.domain.report_data import PARTS, ReportFigures
from flask_app.charts.svg import Dot, percent

# The chart's own measures, as board.css has its height. Percent on the left are for the numbers.
TOP, BASE, LEFT = 28, 232, 9.0
# So many labels below the bars; every second one goes where it is narrow.
MOST_LABELS = 8
KINDS = ("kept", "late", "missed")
# Of the dots: pixels from one to the next, and how many fit above each other.
STEP, HIGHEST = 12, 13
STRIP_BASE = 200
# Minutes outside of the range that was said; the last column has all that is more.
OUTSIDE = (2, 5, 10, 20)
OUTSIDE_NAMES = ("1–2", "3–5", "6–10", "11–20", "over 20")
COLUMNS = 2 * len(OUTSIDE_NAMES) + PARTS


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """kind: the class of its colour."""

    kind: str
    x: str
    width: str
    y: float
    height: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    x: str
    y: float
    text: str
    minor: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Bars:
    """grid: the lines, with their number."""

    boxes: Sequence[Box]
    grid: Sequence[Label]
    labels: Sequence[Label]


def bars(columns: Sequence[tuple[str, Sequence[int]]]) -> Bars:
    """columns: name, and how many promises were kept, late, never rung. These are put on each
    other in this order."""
    top = _round_up(max((sum(counts) for _, counts in columns), default=0))
    pitch = (100 - LEFT) / max(1, len(columns))
    step = ceil(len(columns) / MOST_LABELS)
    boxes: list[Box] = []
    labels: list[Label] = []
    for nth, (name, counts) in enumerate(columns):
        left = LEFT + nth * pitch
        boxes += _stack(left + pitch * 0.16, pitch * 0.68, counts, top)
        if nth % step == 0:
            middle = percent(left + pitch / 2)
            labels.append(Label(x=middle, y=252, text=name, minor=nth // step % 2 == 1))
    marks = (0, top // 2, top)
    grid = [Label(x="0", y=_y(mark, top), text=f"{mark:,}") for mark in marks]
    return Bars(boxes=boxes, grid=grid, labels=labels)


def _stack(left: float, width: float, counts: Sequence[int], top: int) -> list[Box]:
    found, below = [], 0
    for kind, count in zip(KINDS, counts, strict=True):
        if count:
            high, low = _y(below + count, top), _y(below, top)
            # A gap between two parts, so that they are told apart without colour.
            height = max(1.5, low - high - (1.5 if below else 0))
            box = Box(kind=kind, x=percent(left), width=percent(width), y=high, height=height)
            found.append(box)
        below += count
    return found


def _y(value: int, top: int) -> float:
    return round(BASE - (BASE - TOP) * value / top, 1)


def _round_up(most: int) -> int:
    """To an even number that is easily read: 2, 4, 10, 20, 40, 100, …"""
    size = 1
    while True:
        for one in (2, 4, 10):
            if one * size >= most:
                return one * size
        size *= 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Strip:
    """Calls by when they came: before the range that was said, within it, after it. worth: how many
    calls a dot may be, at most. table: the columns, with their numbers."""

    dots: Sequence[Dot]
    labels: Sequence[Label]
    worth: int
    table: Sequence[tuple[str, int]]
    band: tuple[str, str]


def strip(figures: ReportFigures) -> Strip:
    counts = _by_column(figures)
    worth = max(1, ceil(max(counts) / HIGHEST))
    dots = [
        Dot(kind=_kind(column), x=_x(column), y=STRIP_BASE - 9 - STEP * nth)
        for column, count in enumerate(counts)
        for nth in range(ceil(count / worth))
    ]
    names = _column_names()
    side = len(OUTSIDE_NAMES)
    short = [one.replace("over ", ">") for one in OUTSIDE_NAMES]
    below = [*reversed(short), *[""] * PARTS, *short]
    labels = [
        Label(x=_x(column), y=220, text=text, minor=True)
        for column, text in enumerate(below)
        if text
    ]
    return Strip(
        dots=dots,
        labels=labels,
        worth=worth,
        table=list(zip(names, counts, strict=True)),
        band=(percent(100 * side / COLUMNS), percent(100 * PARTS / COLUMNS)),
    )


def _by_column(figures: ReportFigures) -> list[int]:
    """Early (the earliest first), the parts of the range, late."""
    early, late = [0] * len(OUTSIDE_NAMES), [0] * len(OUTSIDE_NAMES)
    for off in figures.estimates:
        if off:
            side = early if off < 0 else late
            side[sum(abs(off) > most for most in OUTSIDE)] += 1
    return [*reversed(early), *figures.parts, *late]


def _column_names() -> list[str]:
    nth = ("first", "second", "third", "fourth", "last")
    return [
        *(f"{one} min before it" for one in reversed(OUTSIDE_NAMES)),
        *(f"in its {one} fifth" for one in nth),
        *(f"{one} min after it" for one in OUTSIDE_NAMES),
    ]


def _kind(column: int) -> str:
    side = len(OUTSIDE_NAMES)
    return "early" if column < side else "kept" if column < side + PARTS else "late"


def _x(column: int) -> str:
    return percent(100 * (column + 0.5) / COLUMNS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """A line from the wish to the time within which nine of ten were there, with a mark at the
    median. Both in percent of the longest line."""

    half: str
    most: str


def reach(half: float | None, most: float | None, longest: float) -> Reach | None:
    if half is None or most is None:
        return None
    whole = max(longest, 1)
    return Reach(half=percent(97 * half / whole), most=percent(97 * most / whole))
