"""How a request is opened for a wish; and the one that wishes get which a talk did not answer."""

from collections.abc import Sequence
from datetime import datetime

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.queue import CallbackQueue
from asterisk_callback.domain.request import Request, state_for
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.domain.wish import Wish, WishedCall, deciding
from asterisk_callback.services.ports import Transaction


def open_for(
    tx: Transaction,
    wished: WishedCall,
    queue: CallbackQueue,
    e164: str,
    region: str,
    *,
    actor: str,
    asked_at: datetime | None = None,
    latest: datetime | None = None,
) -> Request:
    """A new request. What is due already is in line at once, by the time that was wished; it ends
    when the queue's time for it is over, counted from its time or from now.

    e164, region: the number that is called. asked_at: when it was asked for, if that was before
    this transaction. latest: the last time that other wishes for it have, which have their full
    time, too (P1). All aware UTC. Raises the database's error if this number has an open request in
    this queue (P3): the caller holds the lock of both.
    """
    due_at = max(wished.due_at, tx.now)
    return tx.requests.add(
        actor=actor,
        queue=queue.name,
        e164=e164,
        region=region,
        state=state_for(due_at, tx.now),
        created_at=asked_at or tx.now,
        line_at=wished.due_at,
        expires_at=queue.keeps_until(max(due_at, latest or due_at)),
        **wished.fields() | {"due_at": due_at},
    )


def talk_of(tx: Transaction, request: Request) -> Attempt | None:
    """The last call of an open request in which they talk, or did: who joins now came after it."""
    answered = [one for one in tx.attempts.of(request.id) if one.gate_at and one.answered_at]
    return max(answered, key=lambda one: one.id, default=None)


def late_wishes(wishes: Sequence[Wish], talk: Attempt) -> Sequence[Wish]:
    """The standing wishes that came after a call had been answered: that one is not their own."""
    return [
        one
        for one in wishes
        if one.stands and one.after_attempt is not None and one.after_attempt >= talk.id
    ]


def open_again(
    tx: Transaction,
    done: Request,
    wishes: Sequence[Wish],
    talk: Attempt,
    queue: CallbackQueue,
    *,
    actor: str,
) -> Request | None:
    """The new request, if a wish that stands came after `talk` had begun (docs/decisions/0007).

    done: completed in this transaction, whose caller holds its row. wishes: all of it.
    """
    late = late_wishes(wishes, talk)
    first = deciding(late)
    if first is None:
        return None
    request = open_for(
        tx,
        first.call,
        queue,
        done.e164,
        done.region,
        actor=actor,
        asked_at=first.created_at,
        latest=max(one.due_at for one in late),
    )
    for wish in late:
        tx.wishes.change(wish, wish.evolve(request_id=request.id, after_attempt=None))
    reason = f"what was wished during the talk goes on in request {request.id}"
    tx.trail.add(done.id, actor=actor, event=TrailEvent.CONTINUED, reason=reason)
    return request
