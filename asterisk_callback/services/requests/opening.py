"""Wishes made since the talk began were not answered by it: they get their own request."""

from collections.abc import Sequence

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.queue import CallbackQueue
from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.domain.wish import Wish, deciding
from asterisk_callback.services.ports import Transaction


def talk_of(tx: Transaction, request: Request) -> Attempt | None:
    """The last call of an open request in which they talk, or did: who joins now came after it."""
    answered = [one for one in tx.attempts_of(request.id) if one.gate_at and one.answered_at]
    return max(answered, key=lambda one: one.id, default=None)


def late_wishes(tx: Transaction, request: Request, talk: Attempt) -> Sequence[Wish]:
    """The standing wishes that came after a call had been answered: that one is not their own."""
    return [
        one
        for one in tx.wishes_of(request.id)
        if one.stands and one.after_attempt is not None and one.after_attempt >= talk.id
    ]


def open_again(
    tx: Transaction, done: Request, talk: Attempt, queue: CallbackQueue, *, actor: str
) -> Request | None:
    """The new request, if a wish that stands came after `talk` had begun (docs/decisions/0007).

    done: completed in this transaction, whose caller holds its row.
    """
    late = late_wishes(tx, done, talk)
    first = deciding(late)
    if first is None:
        return None
    request = tx.add_request(
        actor=actor,
        queue=done.queue,
        e164=done.e164,
        region=done.region,
        state=RequestState.QUEUED if first.due_at <= tx.now else RequestState.SCHEDULED,
        created_at=first.created_at,
        due_at=max(first.due_at, tx.now),
        line_at=first.due_at,
        expires_at=queue.keeps_until(max(tx.now, *(one.due_at for one in late))),
        wall_time=first.wall_time,
        zone=first.zone,
        tzdata=first.tzdata,
        name=first.name,
        topic=first.topic,
        about=first.about,
        email=first.email,
        locale=first.locale,
    )
    for wish in late:
        tx.change_wish(wish, wish.evolve(request_id=request.id, after_attempt=None))
    reason = f"what was wished during the talk goes on in request {request.id}"
    tx.write_trail(done.id, actor=actor, event="wished again", reason=reason)
    return request
