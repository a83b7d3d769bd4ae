"""A request follows its wishes: it is due with the earliest one that stands, and never sooner than
the pause after a call that may have rung (P4). The caller holds the request's row."""

from datetime import datetime, timedelta

from asterisk_callback.domain.appointment import Appointment
from asterisk_callback.domain.attempt import AttemptId
from asterisk_callback.domain.disposition import RetryAction
from asterisk_callback.domain.queue import CallbackQueue
from asterisk_callback.domain.request import Request, RequestState, state_for
from asterisk_callback.domain.retry import kept_for
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.domain.wish import Wish, deciding, standing
from asterisk_callback.services.ports import Transaction
from asterisk_callback.services.requests.ending import call_off
from asterisk_callback.services.requests.locking import open_attempt


def join(
    tx: Transaction,
    request: Request,
    appointment: Appointment | None,
    queue: CallbackQueue,
    actor: str,
) -> Request:
    """A second wish for the same number and queue: the earlier time wins, but not over the pause
    after a call that may have rung (P4). The end moves out, so that the later wish has its full
    time, too (P1)."""
    due_at = appointment.instant if appointment else tx.now
    tx.trail.add(request.id, actor=actor, event=TrailEvent.JOINED, reason="another wish joined")
    end = max(request.expires_at, queue.keeps_until(max(due_at, tx.now)))
    if end != request.expires_at:
        longer = request.evolve(expires_at=end)
        request = tx.requests.change(request, longer, actor=actor, reason="another wish, later end")
    due_at = max(due_at, end_of_pause(tx, request, queue) or due_at)
    if not request.state.is_waiting or due_at >= request.due_at:
        return request
    sooner = request.evolve(
        due_at=due_at,
        line_at=min(request.line_at, due_at),
        wall_time=appointment.wall_time if appointment else None,
        zone=appointment.zone if appointment else request.zone,
        tzdata=appointment.tzdata if appointment else None,
        state=state_for(due_at, tx.now),
    )
    return tx.requests.change(request, sooner, actor=actor, reason="another wish, sooner")


def follow_moved(
    tx: Transaction, request: Request, moved: Wish, queue: CallbackQueue, *, actor: str, reason: str
) -> Request:
    """The time of one of its wishes was changed, in this transaction. Another wish that is earlier
    now keeps its own time; a moved one gives up its place in line."""
    wishes = tx.wishes.of(request.id)
    rest = deciding(wishes)
    assert rest is not None
    last = max(wish.due_at for wish in standing(wishes))
    if rest.id != moved.id and rest.due_at <= request.due_at:
        # Its own time stays, and the moved one has its full time, too (P1).
        longer = request.evolve(expires_at=max(request.expires_at, queue.keeps_until(last)))
        return tx.requests.change(request, longer, actor=actor, reason=reason)
    due_at = max(rest.due_at, end_of_pause(tx, request, queue) or rest.due_at)
    if request.state in (RequestState.IN_PROGRESS, RequestState.OFFERED):
        if due_at <= tx.now:
            return request
        _call_off(tx, request, actor, reason)
        tx.offers.withdraw_for(request.id)
    followed = request.evolve(
        due_at=due_at,
        line_at=due_at,
        expires_at=queue.keeps_until(max(due_at, last)),
        wall_time=rest.wall_time,
        zone=rest.zone,
        tzdata=rest.tzdata,
        state=state_for(due_at, tx.now),
    )
    return tx.requests.change(request, followed, actor=actor, reason=reason)


def end_of_pause(tx: Transaction, request: Request, queue: CallbackQueue) -> datetime | None:
    """Before this no other wish brings the next ring forward; None if nobody was rung.

    The queue's longest pause, whatever the last ring came to: a report of it may still be late. Or
    the time for which the last ring is kept.
    """
    rung = [one.ended_at for one in tx.attempts.of(request.id) if one.gate_at and one.ended_at]
    retries = [one for one in queue.reactions.values() if one.then is RetryAction.RETRY]
    pauses = [max(one.after, one.repeated or one.after) for one in retries]
    if not rung:
        return None
    wishes = tx.wishes.of(request.id)
    end = max(rung) + max(pauses, default=timedelta(0))
    own = kept_for(wishes, queue.reactions, rings=request.rings, now=tx.now)
    return max(end, own or end)


def last_over(tx: Transaction, request: Request) -> AttemptId | None:
    """The last attempt that was answered by now, or passed its gate and is over: whoever joins now
    does so after that call, whatever the clock says (docs/decisions/0007)."""
    attempts = tx.attempts.of(request.id)
    over = [one.id for one in attempts if one.gate_at and (one.answered_at or not one.open)]
    return max(over, default=None)


def _call_off(tx: Transaction, request: Request, actor: str, reason: str) -> None:
    attempt = open_attempt(tx, request.id)
    if attempt is not None:
        call_off(tx, attempt, actor=actor, reason=reason)
