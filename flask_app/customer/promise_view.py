"""What a wish was promised, what came of it, and the picture of that."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from asterisk_callback.domain.disposition import short_words
from asterisk_callback.domain.expected_time import ExpectedRange
from asterisk_callback.domain.promise import first_ring, minutes_off
from asterisk_callback.domain.wish import PromisedWindow
from asterisk_callback.services.status.status import PublicStatus, Status
from flask_app.charts import promise_line
from flask_app.charts.promise_line import PromiseLine, PromiseLineInput, Stretch
from flask_app.shared import languages
from flask_app.shared.moments import Moment, Range, ReaderClock

# Who is called sooner than this is asked to keep the line free now.
SOON = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Promise:
    """promised: what we said; None where we could say nothing. expected: when the call comes as it
    looks now, None where nobody can say. called: when the phone first rang after that.

    minutes_late: of the call, or until now while it has not come; 0: in time. any_moment: the
    expected time has begun. soon: it ends within SOON. slipped: as it looks now the
    call comes after the promised time, or nobody can say when; unsure: the latter, while that time
    lasts.
    """

    promised: Range | None
    expected: Range | None
    called: Moment | None
    minutes_late: int
    any_moment: bool
    soon: bool
    slipped: bool
    unsure: bool
    line: PromiseLine | None


def promise(status: Status, reader: ReaderClock) -> Promise:
    """What the page says of times."""
    expected = _stretch(status.expected)
    promised = _promised(status)
    called = first_ring(status.wish, status.attempts)
    late = _late(status.wish.promised, called or _waits_until(status, reader))
    slipped = called is None and _slipped(status, promised)
    return Promise(
        promised=as_range(promised, reader),
        expected=as_range(expected, reader),
        called=reader.maybe(called),
        minutes_late=late,
        any_moment=expected is not None and expected[0] <= reader.this_minute,
        soon=expected is not None and expected[1] <= reader.this_minute + SOON,
        slipped=slipped,
        unsure=slipped and not late and status.comes is None,
        line=_line(status, reader, promised, called, slipped=slipped and not late),
    )


def _promised(status: Status) -> Stretch | None:
    window = status.wish.promised
    return (window.start, window.end) if window else None


def _stretch(time: ExpectedRange | None) -> Stretch | None:
    return (time.earliest, time.latest) if time is not None else None


def _slipped(status: Status, promised: Stretch | None) -> bool:
    if promised is None or status.public is not PublicStatus.WAITING:
        return False
    return status.comes is None or status.comes.earliest > promised[1]


def _waits_until(status: Status, reader: ReaderClock) -> datetime | None:
    return reader.this_minute if status.public.is_waiting else None


def _late(promised: PromisedWindow | None, reached: datetime | None) -> int:
    if promised is None or reached is None:
        return 0
    return max(0, minutes_off(promised, reached))


def _line(
    status: Status,
    reader: ReaderClock,
    promised: Stretch | None,
    called: datetime | None,
    *,
    slipped: bool,
) -> PromiseLine | None:
    """To the promised time, with the first ring after it; while that ring was not the last one, or
    the promised time can't be kept any more, to the next. None where there is nothing to draw: no
    time can be said, or no call came."""
    before = status.public.is_waiting
    another = before and (called is not None or promised is None or slipped)
    window = _stretch(status.comes) if another else promised
    if window is None or (not before and called is None):
        return None
    facts = PromiseLineInput(
        asked=status.wish.created_at,
        window=window,
        tries=tuple(
            (at, short_words(one.disposition)) for one in status.attempts if (at := one.rang_at)
        ),
        now=reader.this_minute if before else None,
        called=None if before else called,
    )
    return promise_line.draw(facts, reader.moment, rtl=languages.language().dir == "rtl")


def as_range(stretch: Stretch | None, reader: ReaderClock) -> Range | None:
    if stretch is None:
        return None
    return Range(start=reader.moment(stretch[0]), end=reader.moment(stretch[1]))
