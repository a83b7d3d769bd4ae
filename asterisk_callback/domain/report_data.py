"""What reports count of some days, the sums of it (docs/reports.md has each formula), and the
callback requests that they list: what was asked and how it came out.
"""

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import NamedTuple

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.request import RequestState

# The range that was said is looked at in so many equal parts.
PARTS = 5


def _numbers() -> "array[int]":
    """A list of integers in eight bytes each: a report may have hundreds of thousands."""
    return array("q")


def _parts() -> list[int]:
    return [0] * PARTS


@dataclass(kw_only=True, slots=True)
class ReportFigures:
    """Of the whole span, or of one queue, agent, day or hour of it. Times are whole seconds.

    asked, withdrawn: wishes. ended: requests by the state in which they ended. due: promises that
    can be judged, of which `kept`. never: those due that no ring came for. offsets: of the promises
    that rang, in minutes (report.minutes_off). estimates: of those among them that were for as soon
    as possible, so that the time was expected and not chosen; parts: how many of these rang in the
    first, second, … part of the range. waits: from the wish to the first ring, connects: to the
    talk, of those as soon as possible. tries: requests that ended, by how often they were rung.
    talks: how long agent and customer were bridged.
    """

    asked: int = 0
    withdrawn: int = 0
    ended: Counter[RequestState] = field(default_factory=Counter)
    due: int = 0
    kept: int = 0
    never: int = 0
    offsets: "array[int]" = field(default_factory=_numbers)
    estimates: "array[int]" = field(default_factory=_numbers)
    parts: list[int] = field(default_factory=_parts)
    waits: "array[int]" = field(default_factory=_numbers)
    connects: "array[int]" = field(default_factory=_numbers)
    attempts: int = 0
    rings: int = 0
    dispositions: Counter[Disposition] = field(default_factory=Counter)
    tries: Counter[int] = field(default_factory=Counter)
    talks: "array[int]" = field(default_factory=_numbers)

    def add(self, other: "ReportFigures") -> None:
        self.asked += other.asked
        self.withdrawn += other.withdrawn
        self.ended.update(other.ended)
        self.due += other.due
        self.kept += other.kept
        self.never += other.never
        self.offsets += other.offsets
        self.estimates += other.estimates
        self.parts = [mine + theirs for mine, theirs in zip(self.parts, other.parts, strict=True)]
        self.waits += other.waits
        self.connects += other.connects
        self.attempts += other.attempts
        self.rings += other.rings
        self.dispositions.update(other.dispositions)
        self.tries.update(other.tries)
        self.talks += other.talks

    @property
    def late(self) -> list[int]:
        """Minutes late, of the promises that rang too late."""
        return [one for one in self.offsets if one > 0]

    @property
    def early(self) -> int:
        return sum(one < 0 for one in self.offsets)

    @property
    def within(self) -> int:
        return self.offsets.count(0)

    @property
    def again(self) -> int:
        """Requests that were rung more than once."""
        return sum(count for rings, count in self.tries.items() if rings > 1)


def middle(values: Sequence[int]) -> float | None:
    """The median of what is in order; of an even number, the mean of the two in the middle."""
    if not values:
        return None
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2


def most(values: Sequence[int], share: float = 0.9) -> int | None:
    """The smallest value that so many are not above (nearest rank), of what is in order."""
    return values[ceil(share * len(values)) - 1] if values else None


class ReportedAttempt(NamedTuple):
    agent: str | None
    disposition: Disposition | None


class ReportedWish(NamedTuple):
    """One wish, and what it was told. rang_at, talked_at: the first ring and the first talk that
    were its own. All aware UTC."""

    id: int
    asked_at: datetime
    due_at: datetime
    promised_from: datetime | None
    promised_to: datetime | None
    withdrawn_at: datetime | None
    rang_at: datetime | None
    talked_at: datetime | None

    @property
    def stands(self) -> bool:
        return self.withdrawn_at is None


class ReportedRequest(NamedTuple):
    """One callback request with its wishes and attempts, both oldest first."""

    id: int
    queue: str
    e164: str
    topic: str
    state: RequestState
    created_at: datetime
    ended_at: datetime | None
    rings: int
    wishes: Sequence[ReportedWish]
    attempts: Sequence[ReportedAttempt]


# Clocks differ from UTC by whole quarters of an hour: within one they show one hour of one day.
QUARTER = 900


class WishLine(NamedTuple):
    """A wish with one of the attempts that were for it, or without; a wish's lines follow each
    other, in the order of the attempts. rang, talked: what the attempt did for it, if anything;
    agent: who had it."""

    wish: int
    queue: str
    state: RequestState
    asap: bool
    asked: int
    promised_from: int | None
    promised_to: int | None
    withdrawn: int | None
    rang: int | None
    talked: int | None
    agent: str | None


class AttemptLine(NamedTuple):
    """talk: how long agent and customer were bridged, in seconds."""

    queue: str
    claimed: int
    agent: str | None
    rang: bool
    disposition: Disposition | None
    talk: int | None


class EndLine(NamedTuple):
    """Requests that ended within the quarter of an hour that begins at `ended`."""

    queue: str
    ended: int
    state: RequestState
    rings: int
    requests: int
