"""The promise line: you asked, we tried, now, and when we promised to call, as one picture.

The picture has no viewBox, so that circles stay round at any width: all x are percent. For a
right-to-left language the server writes 100 - x, and nothing is mirrored by style.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from flask_app.shared.moments import Moment

Stretch = tuple[datetime, datetime]

FIRST, LAST = 1.0, 99.0
# So many percent at least: of the way to the window, of the window, and of what is after it.
LEAST = (24.0, 9.0, 12.0)
# Two labels over the line need so much room between them.
ROOM = 24.0
# Nearer to an end than this, a label over the line grows away from that end.
EDGE = 14.0


@dataclass(frozen=True, kw_only=True, slots=True)
class PromiseLineInput:
    """What the line tells, aware UTC. asked: its start. window: when we said that we call.
    tries: when the customer's phone rang, each with the words for what came of it. now: None
    once the call has come. called: the ring that kept the promise, or was late for it."""

    asked: datetime
    window: Stretch
    tries: tuple[tuple[datetime, str], ...] = ()
    now: datetime | None = None
    called: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LineLabel:
    """kind names its words, or says that it has `words` of its own, in which the time is to be put.
    above: over the line, else under it. minor: may go if it is narrow."""

    kind: str
    x: str
    anchor: str
    at: Moment
    above: bool = False
    minor: bool = False
    strong: bool = False
    words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PromiseLine:
    """All x and widths in percent, as SVG writes them. late: from the window's end to now or the
    call, if that is after it."""

    start: str
    end: str
    reached: str
    window: str
    width: str
    late: tuple[str, str] | None
    tries: tuple[str, ...]
    now: str | None
    called: str | None
    labels: tuple[LineLabel, ...]


def draw(
    facts: PromiseLineInput, moment: Callable[[datetime], Moment], *, rtl: bool
) -> PromiseLine:
    """The picture for these facts, in the reader's time and direction."""
    opens, closes = facts.window
    opens, closes = max(opens, facts.asked), max(closes, facts.asked)
    reached = facts.called or facts.now or facts.asked
    x, (left, right) = _scale((facts.asked, opens, closes, reached))

    def mirrored(place: float) -> str:
        return _percent(100 - place if rtl else place)

    def at(instant: datetime) -> str:
        return mirrored(x(instant))

    ends = mirrored(FIRST), mirrored(LAST)
    return PromiseLine(
        start=ends[0],
        end=ends[1],
        reached=at(reached),
        window=mirrored(right if rtl else left),
        width=_percent(right - left),
        late=(mirrored(right), at(reached)) if reached > closes else None,
        tries=tuple(at(when) for when, _ in facts.tries if when != facts.called),
        now=at(facts.now) if facts.now else None,
        called=at(facts.called) if facts.called else None,
        labels=tuple(_labels(facts, x, at, ends, moment)),
    )


def _scale(
    instants: tuple[datetime, datetime, datetime, datetime],
) -> tuple[Callable[[datetime], float], tuple[float, float]]:
    """From an instant to its place, and the places of the window's ends: true to time between the
    marks, but no part so short that it can't be seen (a quarter of an hour, three days ahead)."""
    asked, opens, closes, reached = instants
    knots = [asked, opens, closes, *([reached] if reached > closes else [])]
    lengths = [(b - a).total_seconds() for a, b in pairwise(knots)]
    whole = sum(lengths) or 1.0
    wide = [
        max(length / whole * (LAST - FIRST), least if length or least == LEAST[1] else 0)
        for length, least in zip(lengths, LEAST, strict=False)
    ]
    shrink = (LAST - FIRST) / sum(wide)
    places = [FIRST]
    for one in wide:
        places.append(places[-1] + one * shrink)

    def x(instant: datetime) -> float:
        inside = min(max(instant, knots[0]), knots[-1])
        for a, b, xa, xb in zip(knots, knots[1:], places, places[1:], strict=False):
            if inside <= b and b > a:
                return xa + (xb - xa) * ((inside - a) / (b - a))
        return places[-1]

    return x, (places[1], places[2])


def _labels(
    facts: PromiseLineInput,
    x: Callable[[datetime], float],
    at: Callable[[datetime], str],
    ends: tuple[str, str],
    moment: Callable[[datetime], Moment],
) -> Iterator[LineLabel]:
    """Asked and promised under the line; over it now or the call, and the last try before."""
    yield LineLabel(kind="asked", x=ends[0], anchor="start", at=moment(facts.asked))
    main = facts.called or facts.now
    if main is None or main <= facts.window[1]:
        # Else the line ends elsewhere, and the page says in words what was promised.
        yield LineLabel(kind="window", x=ends[1], anchor="end", at=moment(facts.window[0]))
    if main is not None:
        kind = "called" if facts.called else "now"
        yield LineLabel(
            kind=kind, x=at(main), anchor=_anchor(x(main)), at=moment(main), above=True, strong=True
        )
    tries = [(when, words) for when, words in facts.tries if when != facts.called]
    if tries and _apart(tries[-1][0], main, x):
        when, words = tries[-1]
        yield LineLabel(
            kind="try",
            x=at(when),
            anchor=_anchor(x(when)),
            at=moment(when),
            above=True,
            minor=True,
            words=words,
        )


def _apart(one: datetime, other: datetime | None, x: Callable[[datetime], float]) -> bool:
    return other is None or abs(x(one) - x(other)) >= ROOM


def _anchor(x: float) -> str:
    return "start" if x < EDGE else "end" if x > 100 - EDGE else "middle"


def _percent(x: float) -> str:
    return f"{x:.2f}".rstrip("0").rstrip(".") + "%"
