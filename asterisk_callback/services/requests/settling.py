"""What an ended attempt makes of its callback request, written in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from asterisk_callback.domain import calling_hours
from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.disposition import (
    DEFAULT,
    Disposition,
    Reaction,
    Reactions,
    RetryAction,
)
from asterisk_callback.domain.gate import RefusalReason
from asterisk_callback.domain.queue import CallbackQueue, Queues
from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.domain.retry import (
    NextStep,
    in_a_row,
    kept_for,
    most_rings,
    once_more,
    react,
)
from asterisk_callback.domain.trunk import NUMBERS_TO_DOUBT_A_TRUNK
from asterisk_callback.domain.wish import Wish, deciding, standing
from asterisk_callback.services.ports import Transaction
from asterisk_callback.services.requests.ending import call_off
from asterisk_callback.services.requests.locking import open_attempt
from asterisk_callback.services.requests.opening import open_again
from asterisk_callback.services.telling import customer

# After a fault without a ring, where there is another trunk that was not tried yet.
BY_ANOTHER_TRUNK = timedelta(seconds=5)
# Why a request goes on after a talk (domain.retry.Brief).
GONE_AT_ONCE = "answered, and gone at once: once more"


@dataclass(frozen=True, kw_only=True, slots=True)
class EndedCall:
    """An attempt that has ended, and its request, whose row the caller holds. talked: how long they
    talked, where that is known."""

    request: Request
    attempt: Attempt
    talked: timedelta | None = None


@dataclass(frozen=True, slots=True)
class _History:
    """What is known of a request: all its attempts, the oldest first, and all its wishes."""

    attempts: Sequence[Attempt]
    wishes: Sequence[Wish]


def settle_all(tx: Transaction, ended: Sequence[EndedCall], queues: Queues, *, actor: str) -> None:
    """Moves requests on after their calls, by the reactions of their queues; none that has moved on
    already."""
    calls = [one for one in ended if one.request.state is RequestState.IN_PROGRESS]
    ids = [one.request.id for one in calls]
    attempts, wishes = tx.attempts.of_all(ids), tx.wishes.of_all(ids)
    known = [_History(attempts[one], wishes[one]) for one in ids]
    moves = [
        _move(tx, one, queues.get(one.request.queue), history)
        for one, history in zip(calls, known, strict=True)
    ]
    tx.requests.change_all(
        [(one.request, moved) for one, (moved, _) in zip(calls, moves, strict=True)],
        actor=actor,
        reasons=[reason for _, reason in moves],
    )
    for one, history, (moved, _) in zip(calls, known, moves, strict=True):
        customer.ended(tx, moved, history.wishes)
        customer.missed(tx, moved, one.attempt, history.wishes)
        if moved.state is RequestState.COMPLETED:
            queue = queues.get(moved.queue)
            _talked(tx, moved, history.wishes, one.attempt, queue, actor)


def _move(
    tx: Transaction, call: EndedCall, queue: CallbackQueue | None, known: _History
) -> tuple[Request, str]:
    """The request as it is after its call, and why. queue: whose hours the next try keeps to; None
    if it is not configured any more."""
    request, attempt = call.request, call.attempt
    assert attempt.disposition is not None
    reactions = queue.reactions if queue is not None else _QUEUE_GONE
    reaction, reason = reactions[_judged(tx, attempt, known.wishes)], str(attempt.disposition)
    earlier = [other for other in known.attempts if other.id != attempt.id]
    if queue is not None and _another_trunk(queue, request, attempt, earlier):
        reaction = replace(reaction, after=min(reaction.after, BY_ANOTHER_TRUNK), grows=False)
    rings = request.rings + attempt.rung
    row = in_a_row(attempt.disposition, earlier)
    # Pauses count from the end of the call, however late it is written down.
    now = attempt.ended_at or tx.now
    following = react(request, reaction, rings=rings, in_a_row=row, now=now)
    again = _again(queue, attempt, call.talked, earlier)
    if again is not None and following.state is RequestState.COMPLETED:
        second = react(request, again, rings=rings, in_a_row=0, now=now)
        if second.state.is_open:
            following, reason = second, GONE_AT_ONCE
    following = _own_time_kept(tx.now, request, following, reactions, rings, known.wishes)
    rung = request.evolve(rings=rings)
    return _moved(tx.now, rung, following, reason, queue, known.wishes), reason


def _own_time_kept(
    now: datetime,
    request: Request,
    following: NextStep,
    reactions: Reactions,
    rings: int,
    wishes: Sequence[Wish],
) -> NextStep:
    """Not before the time for which the last ring is kept; and what would have ended now for a wish
    that joined goes on for whoever opened the request."""
    failed, most = following.state is RequestState.FAILED, most_rings(reactions)
    if failed and rings < most:
        rings = most - 1
    own = kept_for(wishes, reactions, rings=rings, now=now)
    if own is None or not (failed or following.state is RequestState.SCHEDULED):
        return following
    pause = max(one.after for one in reactions.values() if one.then is RetryAction.RETRY)
    due_at = max(own, now + pause if failed else following.due_at)
    if due_at >= request.expires_at:
        return following
    return NextStep(state=RequestState.SCHEDULED, due_at=due_at, line_at=due_at)


def _another_trunk(
    queue: CallbackQueue, request: Request, attempt: Attempt, earlier: Sequence[Attempt]
) -> bool:
    """Did a line fail without a ring, and is there one that did not in the tries just before?"""
    if attempt.disposition is None or not attempt.disposition.rule.another_trunk:
        return False
    row = in_a_row(attempt.disposition, earlier) + 1
    failed = {one.trunk for one in [*earlier, attempt][-row:]}
    return not attempt.rung and any(
        trunk.name not in failed for trunk in queue.trunks_for(request.region)
    )


def _again(
    queue: CallbackQueue | None,
    attempt: Attempt,
    talked: timedelta | None,
    earlier: Sequence[Attempt],
) -> Reaction | None:
    """One more try after a talk that ended as it began, unless somebody called it off."""
    if queue is None or attempt.hangup_asked_at is not None or attempt.dropped_at is not None:
        return None
    return once_more(queue.brief, talked, earlier)


# The queue was taken out of the configuration while its call went on: what was said stands, and
# there is no next try.
_QUEUE_GONE = {
    disposition: reaction
    if reaction.then in (RetryAction.COMPLETE, RetryAction.CANCEL)
    else Reaction(then=RetryAction.FAIL)
    for disposition, reaction in DEFAULT.items()
}


def settle_refusal(
    tx: Transaction,
    request: Request,
    no: RefusalReason,
    *,
    actor: str,
    queue: CallbackQueue | None = None,
) -> Request:
    """Moves the request on after the gate, or the claim on its behalf, said no."""
    reaction = no.rule.reaction
    assert reaction is not None  # else the attempt stays, and is not settled
    following = react(request, reaction, rings=request.rings, in_a_row=0, now=tx.now)
    wishes, reason = tx.wishes.of(request.id), f"refused: {no}"
    moved = _moved(tx.now, request, following, reason, queue, wishes)
    tx.requests.change(request, moved, actor=actor, reason=reason)
    customer.ended(tx, moved, wishes)
    return moved


def complete_late(
    tx: Transaction,
    request: Request,
    old: Attempt,
    new: Attempt,
    *,
    actor: str,
    queue: CallbackQueue | None = None,
) -> Request:
    """A bridge whose report came after the attempt had been judged otherwise: they did talk.

    Another attempt that was begun meanwhile is called off; past its gate, it decides.
    """
    counted = request.evolve(rings=request.rings + (new.rung and not old.rung))
    attempt = open_attempt(tx, request.id)
    rings_now = attempt is not None and attempt.gate_at is not None
    if rings_now or request.state is RequestState.COMPLETED:
        if counted == request:
            return request
        return tx.requests.change(request, counted, actor=actor, reason="rang, reported late")
    if attempt is not None:
        call_off(tx, attempt, actor=actor, reason="answered before, reported late")
    done = counted.evolve(state=RequestState.COMPLETED, ended_at=tx.now)
    done = tx.requests.change(request, done, actor=actor, reason="answered, reported late")
    if request.open:  # else its wishes ended with it, and the number may have another request
        _talked(tx, done, tx.wishes.of(done.id), new, queue, actor)
    return done


def _talked(
    tx: Transaction,
    request: Request,
    wishes: Sequence[Wish],
    attempt: Attempt,
    queue: CallbackQueue | None,
    actor: str,
) -> None:
    """What was wished before is done, what was wished since is not."""
    if attempt.answered_at is not None and queue is not None:
        open_again(tx, request, wishes, attempt, queue, actor=actor)


def _judged(tx: Transaction, attempt: Attempt, wishes: Sequence[Wish]) -> Disposition:
    """A wrong number is the customer's only while the trunk works for others; and a cancel is no
    answer to a wish that came after it: a cancel leaves none standing, so one that stands did."""
    assert attempt.disposition is not None
    if attempt.disposition is Disposition.CANCELLED and standing(wishes):
        return Disposition.ABANDONED
    if attempt.disposition is not Disposition.INVALID_NUMBER:
        return attempt.disposition
    tail = tx.limits.trunk_history(attempt.server, attempt.trunk)
    if tail.numbers >= NUMBERS_TO_DOUBT_A_TRUNK:
        return Disposition.TRUNK_FAULT
    return attempt.disposition


def _not_before_the_wish(wishes: Sequence[Wish], following: NextStep) -> NextStep:
    """The wish for which this attempt was made may be gone: those that stand may be for later."""
    rest = deciding(wishes)
    if not following.state.is_open or rest is None or rest.due_at <= following.due_at:
        return following
    return NextStep(state=RequestState.SCHEDULED, due_at=rest.due_at, line_at=rest.due_at)


def _in_hours(
    queue: CallbackQueue, request: Request, wishes: Sequence[Wish], following: NextStep
) -> NextStep:
    """The next try falls into the hours in which we call, or there is none (P9)."""
    if not following.state.is_open:
        return following
    due_at = calling_hours.next_allowed(queue, request, wishes, following.due_at)
    if due_at == following.due_at:
        return following
    if due_at is None or due_at >= request.expires_at:
        ended = RequestState.FAILED if request.rings else RequestState.EXPIRED
        return NextStep(state=ended, due_at=request.due_at, line_at=request.line_at)
    kept = following.line_at != following.due_at
    line_at = following.line_at if kept else due_at
    return NextStep(state=following.state, due_at=due_at, line_at=line_at)


def _moved(
    now: datetime,
    request: Request,
    following: NextStep,
    reason: str,
    queue: CallbackQueue | None,
    wishes: Sequence[Wish],
) -> Request:
    following = _not_before_the_wish(wishes, following)
    if queue is not None:
        following = _in_hours(queue, request, wishes, following)
    return request.evolve(
        state=following.state,
        due_at=following.due_at,
        line_at=following.line_at,
        note=reason,
        ended_at=None if following.state.is_open else now,
    )
