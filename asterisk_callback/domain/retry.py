"""What happens to a callback request after an attempt: data per disposition, one function.

A queue may override any row; nothing here knows which queue it serves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.disposition import Disposition, Reaction, Reactions, RetryAction
from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.domain.wish import Wish


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
    return Reaction(then=RetryAction.RETRY, after=brief.after, keep_place=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class NextStep:
    """The next state of the request, and for the open ones when it is due and its place in line."""

    state: RequestState
    due_at: datetime
    line_at: datetime


def react(
    request: Request, reaction: Reaction, *, rings: int, in_a_row: int, now: datetime
) -> NextStep:
    """What follows.

    rings: rings in all, the attempt that just ended included. in_a_row: attempts just before it
    that ended the same way. A try that would fall after `expires_at` ends the request now: failed
    if it was ever rung, else expired.
    """
    if reaction.then in _END:
        return NextStep(state=_END[reaction.then], due_at=request.due_at, line_at=request.line_at)
    if reaction.limit is not None and rings >= reaction.limit:
        return NextStep(state=RequestState.FAILED, due_at=request.due_at, line_at=request.line_at)
    due_at = now + _pause(reaction, in_a_row)
    if due_at >= request.expires_at:
        ended = RequestState.FAILED if rings else RequestState.EXPIRED
        return NextStep(state=ended, due_at=request.due_at, line_at=request.line_at)
    if reaction.then is RetryAction.BACK:
        return NextStep(state=RequestState.QUEUED, due_at=due_at, line_at=request.line_at)
    line_at = request.line_at if reaction.keep_place else due_at
    return NextStep(state=RequestState.SCHEDULED, due_at=due_at, line_at=line_at)


def most_rings(reactions: Reactions) -> int:
    """The rings in all of a request that is tried again; 0: no limit."""
    limits = [one.limit for one in reactions.values() if one.then is RetryAction.RETRY]
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
    if first is None or not first.stands or first.due_at <= now:
        return None
    if asks is not None and asks.id == first.id:
        return None
    return first.due_at if rings == most_rings(reactions) - 1 else None


_END = {
    RetryAction.COMPLETE: RequestState.COMPLETED,
    RetryAction.FAIL: RequestState.FAILED,
    RetryAction.CANCEL: RequestState.CANCELLED,
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
