"""What happens to a callback request after an attempt: data per disposition, one function.

A queue may override any row; nothing here knows which queue it serves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from asterisk_callback.domain.attempt import Attempt, Disposition
from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.domain.wish import Wish


class Then(StrEnum):
    """The kind of reaction."""

    COMPLETE = "complete"
    FAIL = "fail"
    CANCEL = "cancel"
    RETRY = "retry"  # the customer was rung: again after a pause, at a new place in line
    BACK = "back"  # the customer was not rung: back in line at the same place


@dataclass(frozen=True, kw_only=True, slots=True)
class Reaction:
    """after: the pause before the next claim. limit: rings in all, over every disposition.

    repeated: the pause from the second such attempt in a row on; grows: double the pause with each
    one in a row, up to `repeated`. keep_place: a retry that does not lose its place in line.
    """

    then: Then
    after: timedelta = timedelta(0)
    limit: int | None = None
    repeated: timedelta | None = None
    grows: bool = False
    keep_place: bool = False


Reactions = Mapping[Disposition, Reaction]


def _seconds(value: int) -> timedelta:
    return timedelta(seconds=value)


def _minutes(value: int) -> timedelta:
    return timedelta(minutes=value)


DEFAULT: Reactions = {
    Disposition.ANSWERED: Reaction(then=Then.COMPLETE),
    Disposition.NO_AGENT: Reaction(then=Then.BACK, after=_seconds(5)),
    Disposition.AGENT_NO_ANSWER: Reaction(then=Then.BACK, after=_seconds(5)),
    Disposition.AGENT_REJECTED: Reaction(then=Then.BACK, after=_seconds(5)),
    # Who hangs up has said no: the others are rung at once, but only once at once.
    Disposition.AGENT_GONE: Reaction(then=Then.BACK, repeated=_seconds(30)),
    Disposition.REFUSED: Reaction(then=Then.BACK, after=_seconds(5), repeated=_seconds(30)),
    Disposition.BUSY: Reaction(then=Then.RETRY, after=_minutes(5), limit=3),
    Disposition.NO_ANSWER: Reaction(then=Then.RETRY, after=_minutes(15), limit=3),
    Disposition.MACHINE: Reaction(then=Then.RETRY, after=_minutes(60), limit=2),
    Disposition.REJECTED: Reaction(then=Then.FAIL),
    Disposition.ABANDONED: Reaction(then=Then.RETRY, after=_minutes(5), limit=3, keep_place=True),
    Disposition.INVALID_NUMBER: Reaction(then=Then.FAIL),
    Disposition.TRUNK_FAULT: Reaction(
        then=Then.BACK, after=_seconds(30), repeated=_minutes(10), grows=True
    ),
    Disposition.CONGESTION: Reaction(
        then=Then.BACK, after=_seconds(30), repeated=_minutes(10), grows=True
    ),
    Disposition.CANCELLED: Reaction(then=Then.CANCEL),
    Disposition.UNKNOWN: Reaction(then=Then.RETRY, after=_minutes(15), limit=3),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Brief:
    """Talks that end as they begin are none: a phone that picked up by itself, a line that broke.

    under: talks shorter than this are tried once more, `after` a pause, at most `times` in a row.
    """

    under: timedelta = timedelta(seconds=1)
    after: timedelta = timedelta(minutes=1)
    times: int = 1


def once_more(
    brief: Brief, talked: timedelta | None, earlier: Sequence[Attempt]
) -> Reaction | None:
    """What follows a talk of this length; None: the usual. earlier: the attempts before it."""
    if talked is None or talked >= brief.under:
        return None
    if in_a_row(Disposition.ANSWERED, earlier) >= brief.times:
        return None
    return Reaction(then=Then.RETRY, after=brief.after, keep_place=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Next:
    """The next state of the request, and for the open ones when it is due and its place in line."""

    state: RequestState
    due_at: datetime
    line_at: datetime


def react(
    request: Request, reaction: Reaction, *, rings: int, in_a_row: int, now: datetime
) -> Next:
    """What follows.

    rings: rings in all, the attempt that just ended included. in_a_row: attempts just before it
    that ended the same way. A try that would fall after `expires_at` ends the request now: failed
    if it was ever rung, else expired.
    """
    if reaction.then in _END:
        return Next(state=_END[reaction.then], due_at=request.due_at, line_at=request.line_at)
    if reaction.limit is not None and rings >= reaction.limit:
        return Next(state=RequestState.FAILED, due_at=request.due_at, line_at=request.line_at)
    due_at = now + _pause(reaction, in_a_row)
    if due_at >= request.expires_at:
        ended = RequestState.FAILED if rings else RequestState.EXPIRED
        return Next(state=ended, due_at=request.due_at, line_at=request.line_at)
    if reaction.then is Then.BACK:
        return Next(state=RequestState.QUEUED, due_at=due_at, line_at=request.line_at)
    line_at = request.line_at if reaction.keep_place else due_at
    return Next(state=RequestState.SCHEDULED, due_at=due_at, line_at=line_at)


def most_rings(reactions: Reactions) -> int:
    """The rings in all of a request that is tried again; 0: no limit."""
    limits = [one.limit for one in reactions.values() if one.then is Then.RETRY]
    return 0 if None in limits else max((one or 0 for one in limits), default=0)


def kept_for(
    wishes: Iterable[Wish],
    reactions: Reactions,
    *,
    rings: int,
    now: datetime,
    asks: Wish | None = None,
) -> datetime | None:
    """The chosen time of whoever opened the request, while it is still to come and the last ring is
    left: no wish that joined it uses that up before. A stranger could else have the number rung, or
    cancel while it rings, until nobody calls at that time. None: nothing to keep. asks: the wish
    whose owner wants the ring now, who may give their own time up."""
    first = min(wishes, key=lambda one: (one.since, one.id), default=None)
    if first is None or first.withdrawn_at is not None or first.due_at <= now:
        return None
    if asks is not None and asks.id == first.id:
        return None
    return first.due_at if rings == most_rings(reactions) - 1 else None


_END = {
    Then.COMPLETE: RequestState.COMPLETED,
    Then.FAIL: RequestState.FAILED,
    Then.CANCEL: RequestState.CANCELLED,
}


def in_a_row(disposition: Disposition, earlier: Sequence[Attempt]) -> int:
    """How many of the last ended attempts (oldest first) ended this way, without a break."""
    count = 0
    for attempt in reversed(earlier):
        if attempt.disposition is not disposition:
            break
        count += 1
    return count


def _pause(reaction: Reaction, in_a_row: int) -> timedelta:
    if reaction.grows:
        longest = reaction.repeated or reaction.after
        return min(reaction.after * (1 << min(in_a_row, 20)), longest)
    if in_a_row and reaction.repeated is not None:
        return reaction.repeated
    return reaction.after
