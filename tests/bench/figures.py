"""What is measured, against what, and what has to be reached: one line for each figure."""

import itertools
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypedDict


class Figure(TypedDict):
    """value: the median of n measurements, peer: the median of those beside them; ratio: the median
    of each one's share of its neighbours'. spread: the least and the largest of what is judged."""

    value: float
    unit: str
    peer: float | None
    ratio: float | None
    n: int
    spread: tuple[float, float]
    goal: float
    met: bool


Figures = dict[str, Figure]


class Judged(Enum):
    """What of a figure the goal speaks of."""

    VALUE = "the value"
    RATIO = "the ratio to the peer"
    EXCESS = "what comes on top of the peer"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table, for each database that it is measured on.

    goal: the most that is good, or the least of it (`least`). peer: beside what it is measured.
    """

    unit: str
    goal: float
    judged: Judged = Judged.VALUE
    least: bool = False
    peer: str = "–"

    def reached(self, judged: float) -> bool:
        return judged >= self.goal if self.least else judged <= self.goal


BARE = "bare AMI client"
YES = "FastAGI server that says yes"
GROWING = ("claim", "gate", "reports", "form", "status", "availability", "board", "day report")
PEERS = ("pgqueuer", "procrastinate", "graphile-worker")
DISPATCHERS = (1, 2, 4)
SMALL, LARGE = 300, 1000
VIEW = "smallest Flask view"
CLIENTS, CROWD = (8, 32), 10_000
_RATIO, _EXCESS = Judged.RATIO, Judged.EXCESS


def _burst(count: int) -> Mapping[str, Line]:
    return {
        f"burst: last INVITE of {count}": Line("s", 1.5, _RATIO, peer=BARE),
        f"burst: reports of {count} written, p50": Line("ms", 500),
        f"burst: reports of {count} written, p99": Line("ms", 500),
        f"burst: claimed and not sent of {count}, beyond window and agents": Line("calls", 0),
    }


LINES: Mapping[str, Line] = {
    "calls: rate": Line("/s", 0.7, _RATIO, least=True, peer=BARE),
    "calls: dispatcher's processor a call": Line("ms", 4),
    "calls: database's processor a call": Line("ms", 3),
    "calls: statements a call": Line("statements", 8),
    "calls: commits a call": Line("commits", 1.5),
    "calls: statements of a lone call": Line("statements", 14),
    "calls: commits of a lone call": Line("commits", 4.5),
    "gate: agent picks up to INVITE, p50": Line("ms", 1.5, _RATIO, peer=YES),
    "gate: agent picks up to INVITE, p99": Line("ms", 1.5, _RATIO, peer=YES),
    **_burst(SMALL),
    **_burst(LARGE),
    "spread: due to INVITE, p50": Line("ms", 15, _EXCESS, peer=BARE),
    "spread: due to INVITE, p99": Line("ms", 60, _EXCESS, peer=BARE),
    **{
        f"lifecycle: {many} dispatchers against {peer}": Line(
            "/s", 1.0, _RATIO, least=True, peer=peer
        )
        for many in DISPATCHERS
        for peer in PEERS
    },
    "lifecycle: 4 dispatchers against 2": Line("/s", 1.0, _RATIO, least=True, peer="2 dispatchers"),
    **{f"growth: {what}": Line("ms", 1.2, _RATIO, peer="10,000 rows") for what in GROWING},
    **{
        f"growth: {what}, again and again": Line("ms", 1.2, _RATIO, peer="the first ten")
        for what in GROWING
    },
    **{
        f"web: {what} POST, {many} clients": Line("/s", 0.5, _RATIO, least=True, peer=VIEW)
        for many in CLIENTS
        for what in ("form", "api")
    },
    f"web: {CROWD} form POSTs at once, kept or refused": Line("of all", 1.0, least=True),
    "start: ready": Line("s", 2),
    "memory: at rest": Line("MB", 180),
    "memory: after pages": Line("MB", 180),
}
# SQLite needs a trip less for each statement, and so has more of them in a call.
SQLITE_LONE_STATEMENTS = 22
ON_SQLITE = "calls: statements of a lone call"


def line_of(name: str, database: str) -> Line:
    """Raises KeyError for a figure without a line: nothing is measured without a goal."""
    found = LINES[name]
    if name == ON_SQLITE and database == "SQLite":
        return Line(found.unit, SQLITE_LONE_STATEMENTS)
    return found


def figure(
    name: str, database: str, values: Sequence[float], peers: Sequence[float] = ()
) -> Figures:
    """The one figure by its full name. peers: of the same length, or none. Raises KeyError."""
    line = line_of(name, database)
    ratios = [one / peer for one, peer in zip(values, peers, strict=True)] if peers else []
    judged: Sequence[float] = values
    if line.judged is Judged.RATIO:
        judged = ratios
    elif line.judged is Judged.EXCESS:
        judged = [one - peer for one, peer in zip(values, peers, strict=True)]
    found = Figure(
        value=_round(statistics.median(values)),
        unit=line.unit,
        peer=_round(statistics.median(peers)) if peers else None,
        ratio=_round(statistics.median(ratios)) if ratios else None,
        n=len(values),
        spread=(_round(min(judged)), _round(max(judged))),
        goal=line.goal,
        met=line.reached(statistics.median(judged)),
    )
    return {f"{name}, {database}": found}


def beside(bare: Sequence[float]) -> list[float]:
    """Of measurements that stand between those of a peer: the mean of the two neighbours of each.
    One peer more than there are measurements."""
    return [(one + other) / 2 for one, other in itertools.pairwise(bare)]


def quantile(values: Sequence[float], part: float) -> float:
    """Raises ValueError if there is none."""
    if not values:
        raise ValueError("nothing was measured")
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def _round(value: float) -> float:
    return float(f"{value:.4g}")
