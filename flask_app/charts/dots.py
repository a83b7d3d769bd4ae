"""Each call of today a dot, by minutes after its promised time began. Drawn as day_chart.py is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from asterisk_callback.domain.day_figures import DayFigures
from flask_app.charts.day import DayLabel
from flask_app.charts.svg import Dot, percent

# Columns of dots at most, and dots in one of them.
COLUMNS, ROWS = 20, 14
LOWEST, APART = 191, 12
# What lies outside is drawn at the end.
EARLIEST, LATEST = -15, 90
# Fewer than so many are not many.
SEVERAL = 3
_STEPS = (1, 2, 3, 5, 10)


@dataclass(frozen=True, kw_only=True, slots=True)
class StripChart:
    """band: where the promised time lies, x and width; None where calls had none that lasted."""

    title: str
    text: str
    band: tuple[str, str] | None
    dots: tuple[Dot, ...]
    labels: tuple[DayLabel, ...]


@dataclass(frozen=True, slots=True)
class _Scale:
    """Columns of `step` minutes from `start` on."""

    start: int
    step: int
    columns: int

    def column(self, minute: int) -> int:
        return min(self.columns - 1, max(0, (minute - self.start) // self.step))

    def middle(self, column: int) -> str:
        return percent((column + 0.5) / self.columns * 100)

    def edge(self, minute: float) -> float:
        place = (minute - self.start) / self.step / self.columns * 100
        return min(100.0, max(0.0, place))


def strip_chart(day: DayFigures) -> StripChart | None:
    """None while nobody was called today."""
    if not day.offsets:
        return None
    scale = _scale(day)
    kept = Counter(scale.column(minute) for minute, late in day.offsets if not late)
    late = Counter(scale.column(minute) for minute, late in day.offsets if late)
    most = max((kept + late).values())
    each = -(-most // ROWS)
    dots = [
        dot
        for column in range(scale.columns)
        for dot in _dots(scale.middle(column), -(-kept[column] // each), -(-late[column] // each))
    ]
    return StripChart(
        title=_title(day),
        text=_text(day, each),
        band=_band(scale, day.span),
        dots=tuple(dots),
        labels=_labels(scale),
    )


def _scale(day: DayFigures) -> _Scale:
    first = max(EARLIEST, min(0, day.offsets[0][0]))
    last = min(LATEST, max(day.span, day.offsets[-1][0] + 1, first + 8))
    step = next((one for one in _STEPS if (last - first) <= one * COLUMNS), _STEPS[-1])
    start = first // step * step
    return _Scale(start, step, -(-(last - start) // step))


def _band(scale: _Scale, span: int) -> tuple[str, str] | None:
    if span <= 0:
        return None
    left, right = scale.edge(0), scale.edge(span)
    return percent(left), percent(right - left)


def _dots(x: str, kept: int, late: int) -> Sequence[Dot]:
    kinds = ["kept"] * kept + ["late"] * late
    return [Dot(kind=kind, x=x, y=LOWEST - APART * n) for n, kind in enumerate(kinds[:ROWS])]


def _labels(scale: _Scale) -> tuple[DayLabel, ...]:
    every = 2 if scale.columns <= 16 else 4
    return tuple(
        DayLabel(
            x=scale.middle(column),
            text=f"{scale.start + column * scale.step} min",
            kind="odd" if column // every % 2 else "",
        )
        for column in range(0, scale.columns, every)
    )


def _title(day: DayFigures) -> str:
    """What is true of more than half of them, or, of what is late, of so many that it counts."""
    count, late = len(day.offsets), sum(is_late for _, is_late in day.offsets)
    inside = [minute for minute, is_late in day.offsets if not is_late]
    before = sum(minute < 0 for minute in inside)
    early = sum(0 <= minute <= day.span / 2 for minute in inside)
    if count == 1:
        return "One call so far"
    if late * 2 > count:
        return "Most calls come after the promised time"
    if late >= SEVERAL and late * 4 > count:
        return "Many calls come after the promised time"
    if before * 2 > count:
        return "Most calls come before the promised time"
    if early * 2 > count:
        return "Most calls come early in the promised time"
    if (len(inside) - before - early) * 2 > count:
        return "Most calls come towards the end of the promised time"
    return "Calls come all over the promised time" if not late else "Calls come early and late"


def _text(day: DayFigures, each: int) -> str:
    count, late = len(day.offsets), sum(is_late for _, is_late in day.offsets)
    dot = "Each dot is one" if each == 1 else f"Each dot is up to {each}"
    half = median(minute for minute, _ in day.offsets)
    said = [
        f"{dot} of today’s {_calls(count)}, by minutes after its promised time began",
        f"Half came within {_minutes(int(half) + 1)}"
        if half >= 0
        else "Half came before their promised time",
    ]
    if late == 1:
        said.append(f"One came late, by {_minutes(day.most_late)}")
    elif late:
        said.append(f"{late} came late, the latest by {_minutes(day.most_late)}")
    else:
        said.append("None came late")
    return ". ".join(said) + "."


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"


def _minutes(count: int) -> str:
    return "1 minute" if count == 1 else f"{count} minutes"
