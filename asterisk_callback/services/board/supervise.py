"""What a supervisor does to one callback request. Each is judged again under the request's lock.

Giving to another queue is in reassign.py, moving in move.py, asking for an ended one once more in
ask_again.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from asterisk_callback.domain import typed
from asterisk_callback.domain.errors import (
    CallbackError,
    NotPossibleForStaff,
    StoreUnavailable,
)
from asterisk_callback.domain.queue import Queues
from asterisk_callback.domain.request import Request, RequestId, RequestState, state_for
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.domain.wish import deciding
from asterisk_callback.services.booking import withdraw
from asterisk_callback.services.booking.call_now import LEAST_PAUSE
from asterisk_callback.services.ports import Store
from asterisk_callback.services.requests.locking import changeable, open_attempt, unknown

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class NotCancelled:
    """One of many that could not be cancelled, and why."""

    id: RequestId
    why: str


def call_next(store: Store, request_id: RequestId, *, actor: str) -> Request:
    """Puts a request that is in line before all others of its queue. Twice is no error.

    Its tries, its hours and all limits stay as they are: it is only the first to be looked at.
    Raises NotPossible while its phone may be ringing, before its time and after its end.
    """
    with store.writing() as tx:
        request = changeable(tx, request_id)
        if request.state is not RequestState.QUEUED:
            raise NotPossibleForStaff("It is not in line now, so it can’t be put first.")
        first = next(iter(tx.requests.lock_claimable(request.queue, 1)), None)
        if first is None or first.id == request.id:
            return request
        line_at = min(request.line_at, first.line_at - _TICK)
        return tx.requests.change(
            request,
            request.evolve(line_at=line_at),
            actor=actor,
            reason=f"first in line: called next by {actor}",
            event=TrailEvent.CALLED_NEXT,
        )


def try_now(store: Store, queues: Queues, request_id: RequestId, *, actor: str) -> Request:
    """The next try of one that was rung in vain is due now, or a minute after the last ring. Twice
    is no error, nor for one that is in line already.

    The tries stay counted (P4), and so do the hours: nobody is rung when they may not be. Raises
    NotPossible while the phone may be ringing, before the first try, after the end, and while the
    queue is closed.
    """
    with store.writing() as tx:
        request = changeable(tx, request_id)
        if request.state is not RequestState.SCHEDULED:
            return request
        rung = [one.ended_at for one in tx.attempts.of(request.id) if one.gate_at and one.ended_at]
        if not rung:
            raise NotPossibleForStaff(
                "It was not tried yet: it waits for the time that was chosen. Move it."
            )
        wish = deciding(tx.wishes.of(request.id))
        if wish is not None and wish.due_at > tx.now:
            raise NotPossibleForStaff(
                "They chose another time since, and it has not come yet. Move it."
            )
        queue = queues.get(request.queue)
        if queue is None or not queue.hours.is_open(tx.now):
            raise NotPossibleForStaff("Its queue is closed now. It is tried when it opens.")
        due_at = max(tx.now, max(rung) + LEAST_PAUSE)
        if due_at >= request.due_at:
            return request
        sooner = request.evolve(
            due_at=due_at,
            line_at=min(request.line_at, due_at),
            state=state_for(due_at, tx.now),
        )
        return tx.requests.change(
            request,
            sooner,
            actor=actor,
            reason=f"tried again without a pause: asked by {actor}",
            event=TrailEvent.RETRIED_NOW,
        )


def cancel(store: Store, request_id: RequestId, reason: str, *, actor: str) -> Request:
    """The company cancels; whoever asked is told. reason: for the trail. Raises NotPossible
    and InvalidInput (reason)."""
    with store.reading() as tx:
        request = tx.requests.get(request_id)
        attempt = open_attempt(tx, request_id)
    if request is None:
        raise unknown()
    if not request.open:
        raise NotPossibleForStaff(f"It has ended: {request.state}.")
    if attempt is not None and attempt.answered_at is not None:
        raise NotPossibleForStaff("They are talking right now.")
    return withdraw.cancel(store, request, actor=actor, reason=typed.reason(reason))


def cancel_all(
    store: Store, ids: Iterable[RequestId], reason: str, *, actor: str
) -> Sequence[NotCancelled]:
    """Cancels each in a transaction of its own: one that can't be cancelled keeps no other from it.
    Returns those, in order. Raises InvalidInput (reason); then none was."""
    left, reason = [], typed.reason(reason)
    for one in ids:
        try:
            cancel(store, one, reason, actor=actor)
        except StoreUnavailable:
            left.append(NotCancelled(id=one, why="The database did not answer. Try it again."))
        except CallbackError as error:
            left.append(NotCancelled(id=one, why=error.sentence))
    return left
