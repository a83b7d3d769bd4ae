"""When a promise counts as kept: one rule for the board and for the reports."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from asterisk_callback.domain.request import RequestState

MINUTE = timedelta(minutes=1)
# Ended, and nobody talked.
IN_VAIN = (RequestState.FAILED, RequestState.EXPIRED)
# Ended, and nobody is owed a call any more.
OVER = (RequestState.CANCELLED, RequestState.COMPLETED)


def in_time(
    end: datetime,
    rang_at: datetime | None,
    *,
    withdrawn: bool,
    state: RequestState,
    now: datetime,
) -> bool | None:
    """Was, or is, the call there by `end`? None: nobody can say yet, or it was taken back.

    By whole minutes, as clocks show them, and as `end` is: by 14:12 lasts until 14:13. rang_at: the
    first ring, state: of the request. All aware UTC.
    """
    if rang_at is not None:
        return rang_at < end + MINUTE
    if withdrawn or state in OVER:
        return None
    if state in IN_VAIN:
        return False
    return False if now >= end + MINUTE else None


class Outcome(StrEnum):
    """kept: rung inside the promised time. late: rung after it, or still waiting past it.
    not_reached: it ended, and nobody talked. booked: its time is still to come."""

    KEPT = "kept"
    LATE = "late"
    NOT_REACHED = "not_reached"
    BOOKED = "booked"


@dataclass(frozen=True, kw_only=True, slots=True)
class Promised:
    """One wish that was told when the call comes. rang_at: the first ring after it was made.
    state: of its request. All aware UTC. many: how many wishes this is true of, while none of them
    was rung for; asked_at says nothing then."""

    queue: str
    asked_at: datetime
    asap: bool
    start: datetime
    end: datetime
    state: RequestState
    withdrawn: bool
    rang_at: datetime | None
    talked: bool
    many: int = 1

    def in_time(self, now: datetime) -> bool | None:
        """Was, or is, the promise kept? None: nobody can say yet, or it was taken back."""
        return in_time(self.end, self.rang_at, withdrawn=self.withdrawn, state=self.state, now=now)

    def outcome(self, now: datetime) -> Outcome | None:
        """None: it was taken back before it was due, and counts nowhere."""
        if self.state in IN_VAIN and not self.talked and not self.withdrawn:
            return Outcome.NOT_REACHED
        kept = self.in_time(now)
        if kept is not None:
            return Outcome.KEPT if kept else Outcome.LATE
        over = self.withdrawn or self.state in OVER
        return None if over else Outcome.BOOKED
