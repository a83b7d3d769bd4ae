"""What was promised and what came of it: the first ring of a wish, when a promise counts as kept,
and by how many minutes it was not. Pages, board, reports and consoles all ask here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from asterisk_callback.domain.appointment import MINUTE, whole_minute
from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.request import RequestState
from asterisk_callback.domain.wish import PromisedWindow, Wish


class PromiseOutcome(StrEnum):
    """kept: rung no later than promised. late: rung after it, or still waiting past it.
    not_reached: it ended without success. booked: its time is still to come."""

    KEPT = "kept"
    LATE = "late"
    NOT_REACHED = "not_reached"
    BOOKED = "booked"

    @property
    def due(self) -> bool:
        """Can the promise be judged already?"""
        return self is not PromiseOutcome.BOOKED


def is_own(wish: Wish, attempt: Attempt) -> bool:
    """Was this attempt of its request made for this wish? If it was claimed since the wish stands
    behind the request, and before it was withdrawn. Of others its customer is told nothing (P12).
    """
    gone = wish.withdrawn_at is not None and attempt.claimed_at >= wish.withdrawn_at
    return attempt.claimed_at >= wish.since and not gone


def own_attempts(wish: Wish, attempts: Iterable[Attempt]) -> list[Attempt]:
    """The attempts that were made for this wish, of all attempts of its request, in their order."""
    return [attempt for attempt in attempts if is_own(wish, attempt)]


def first_ring(wish: Wish, attempts: Iterable[Attempt]) -> datetime | None:
    """When the customer's phone first rang for what this wish was promised (aware UTC), answered or
    not; None: not yet. A ring before the wish was moved was for the earlier promise; one after it
    was withdrawn is another wish's, whoever it was claimed for. attempts: all of its request. The
    same rule for the database: store/expressions.py."""
    rings = (attempt.rang_at for attempt in own_attempts(wish, attempts))
    since, until = wish.moved_at or wish.since, wish.withdrawn_at
    own = (at for at in rings if at is not None and at >= since and (until is None or at < until))
    return min(own, default=None)


def minutes_off(window: PromisedWindow, instant: datetime) -> int:
    """Whole minutes from the promised time to the instant, by the minutes that clocks show: below 0
    before it, 0 within it, above 0 after it."""
    if window.start <= instant <= window.end:
        return 0  # Most are, and reports count hundreds of thousands.
    shown = whole_minute(instant)
    late = (shown - whole_minute(window.end)) // MINUTE
    return late if late > 0 else min(0, (shown - whole_minute(window.start)) // MINUTE)


def verdict(
    window: PromisedWindow,
    rang_at: datetime | None,
    *,
    withdrawn: bool,
    state: RequestState,
    now: datetime,
) -> PromiseOutcome | None:
    """What came of the promise; None: it was taken back before a ring, and counts nowhere.

    rang_at: the first ring (first_ring). state: of the request. All aware UTC. A ring before the
    promised time counts as kept.
    """
    if rang_at is not None:
        return _by(window, rang_at, PromiseOutcome.KEPT)
    if withdrawn:
        return None
    if state.ended_without_talk:
        return PromiseOutcome.NOT_REACHED
    if not state.is_open:
        return None
    return _by(window, now, PromiseOutcome.BOOKED)


def _by(window: PromisedWindow, instant: datetime, until_then: PromiseOutcome) -> PromiseOutcome:
    return PromiseOutcome.LATE if minutes_off(window, instant) > 0 else until_then


@dataclass(frozen=True, kw_only=True, slots=True)
class PromisedWish:
    """One wish that was told when the call comes. rang_at: its first ring. talked: it came to a
    talk. state: of its request. All aware UTC. many: how many wishes this is true of, while none of
    them was rung for; asked_at says nothing then."""

    queue: str
    asked_at: datetime
    asap: bool
    window: PromisedWindow
    state: RequestState
    withdrawn: bool
    rang_at: datetime | None
    talked: bool
    many: int = 1

    def verdict(self, now: datetime) -> PromiseOutcome | None:
        """Was the promise kept, whether or not the call came to a talk?"""
        return verdict(
            self.window, self.rang_at, withdrawn=self.withdrawn, state=self.state, now=now
        )

    def outcome(self, now: datetime) -> PromiseOutcome | None:
        """The verdict, but what ended without a talk was not reached, also where it was rung."""
        if self.state.ended_without_talk and not self.talked and not self.withdrawn:
            return PromiseOutcome.NOT_REACHED
        return self.verdict(now)
