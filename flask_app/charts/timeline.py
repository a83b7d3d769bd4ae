"""The board's clock: each request as a line from asked to promised, all on one scale around now.

SVG without a viewBox, all x in percent, so that circles stay round at any width.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from asterisk_callback.domain.request import RequestState
from asterisk_callback.services.board.board import BoardRow
from flask_app.charts.svg import percent
from flask_app.shared.moments import ReaderClock

HALF_HOUR = timedelta(minutes=30)
SPAN = timedelta(minutes=110)
# Two labels nearer than this (percent) would overlap.
ROOM = 14.0


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeTick:
    x: str
    label: str
    strong: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestTimeline:
    """asked: None if it was before the scale's beginning. past: from the request to now, if it was
    made. late: from the window's end to now. missed: the window has ended."""

    asked: str | None
    past: tuple[str, str] | None
    window: tuple[str, str] | None
    late: tuple[str, str] | None
    missed: bool
    tries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TimeScale:
    """From the half hour before now, for nearly two hours."""

    now: datetime
    reader: ReaderClock

    @property
    def start(self) -> datetime:
        half = self.now.minute // 30 * 30
        return self.now.replace(minute=half, second=0, microsecond=0) - HALF_HOUR

    def place(self, instant: datetime) -> float:
        return min(100.0, max(0.0, (instant - self.start) / SPAN * 100))

    def x(self, instant: datetime) -> str:
        return percent(self.place(instant))

    @property
    def ticks(self) -> list[TimeTick]:
        here = self.place(self.now)
        halves = [self.start + n * HALF_HOUR for n in range(4)]
        apart = [one for one in halves if abs(self.place(one) - here) >= ROOM]
        marks = [TimeTick(x=self.x(one), label=self.reader.moment(one).clock) for one in apart]
        return [*marks, TimeTick(x=percent(here), label="now", strong=True)]

    def draw(self, row: BoardRow) -> RequestTimeline:
        wish = row.wish
        asked = wish.created_at if wish else row.request.created_at
        start = wish.promised_from if wish and wish.promised_from else row.request.due_at
        end = wish.promised_to if wish and wish.promised_to else start
        tried = row.request.rings > 0
        if tried:  # what was promised is over; what comes is the next try
            start = end = row.request.due_at
        left, right = self.place(start), self.place(end)
        width = max(right - left, 2.5)
        # Nothing is drawn as promised of which nothing was said.
        said = tried or row.request.state is RequestState.SCHEDULED or (wish and wish.promised_to)
        shown = said and left < 100 and right > 0
        rung = [one.rang_at for one in row.attempts]
        return RequestTimeline(
            asked=self.x(asked) if asked >= self.start else None,
            past=(self.x(asked), self.x(self.now)),
            window=(percent(min(left, 100 - width)), percent(width)) if shown else None,
            late=(percent(right), self.x(self.now)) if row.minutes_late else None,
            missed=bool(row.minutes_late),
            tries=tuple(self.x(at) for at in rung if at is not None and at >= self.start),
        )
