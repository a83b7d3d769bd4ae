"""Cancelling: a customer withdraws a wish, or the company cancels a callback request.

Before the gate a cancel is final at its commit. After it the customer's phone may be ringing: the
call is hung up first, and the end of the call makes the request cancelled.
"""

from asterisk_callback.domain.errors import NotFound
from asterisk_callback.domain.request import Request, RequestState, state_for
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.domain.wish import Wish, WithdrawnBy, deciding, standing
from asterisk_callback.services.ports import Store, Transaction
from asterisk_callback.services.requests.ending import (
    ask_to_hang_up,
    call_off,
    end,
    refuse_if_over,
)
from asterisk_callback.services.requests.locking import open_attempt
from asterisk_callback.services.telling import customer


def withdraw(store: Store, wish: Wish, *, actor: str = "customer") -> Request:
    """The customer cancels this wish. Doing it twice is no error.

    If other wishes stand behind the same request, this one is only detached. Raises NotPossible
    while they talk and after it ended otherwise.
    """
    with store.writing() as tx:
        request = _locked(tx, wish)
        mine = [one for one in tx.wishes.of(request.id) if one.id == wish.id]
        if mine and not standing(mine):
            return request
        customer.cancelled(tx, mine, by_customer=True)
        tx.wishes.withdraw(wish.id)
        return leave(tx, request, wish, actor=actor)


def leave(tx: Transaction, request: Request, wish: Wish, *, actor: str) -> Request:
    """The request goes on without this wish, or ends if there is no other. Raises NotPossible."""
    rest = deciding(other for other in tx.wishes.of(request.id) if other.id != wish.id)
    if rest is None:
        return end(tx, request, actor=actor)
    # Word for word what a wish without others is told: nobody learns of them (P12).
    refuse_if_over(request, open_attempt(tx, request.id))
    tx.trail.add(request.id, actor=actor, event=TrailEvent.DETACHED, reason="one wish withdrawn")
    if request.said == wish.said != rest.said:  # whoever calls need not ask for who has gone
        spoken = dict(zip(("name", "topic", "about"), rest.said, strict=True))
        new = request.evolve(**spoken, email=rest.email, locale=rest.locale)
        request = tx.requests.change(request, new, actor=actor, reason="whose wish it is now")
    return _later(tx, request, rest, actor)


def cancel(
    store: Store, request: Request, *, actor: str, reason: str = "by the company"
) -> Request:
    """The company cancels the request, whatever wishes stand behind it; who asked is told of it.

    reason: for the trail. Raises NotPossible."""
    with store.writing() as tx:
        locked = tx.requests.lock(request.id)
        if locked is None:
            raise NotFound("There is no such callback request.")
        return call_off_request(tx, locked, actor=actor, reason=reason)


def call_off_request(
    tx: Transaction, request: Request, *, actor: str, reason: str, tell: bool = True
) -> Request:
    """The same for a request whose row the caller holds. tell: who asked gets a message of it."""
    ended = end(tx, request, actor=actor)
    tx.trail.add(request.id, actor=actor, event=TrailEvent.CANCELLED_BY_COMPANY, reason=reason)
    wishes = tx.wishes.of(request.id)
    if tell:
        customer.cancelled(tx, wishes, by_customer=False)
    for wish in wishes:
        tx.wishes.withdraw(wish.id, WithdrawnBy.COMPANY)
    return ended


def _locked(tx: Transaction, wish: Wish) -> Request:
    """The request that answers for the wish now: one made during a talk moves on at its end, and a
    page may have been read before."""
    current = tx.wishes.by_public_id(wish.public_id) or wish
    request = tx.requests.lock(current.request_id)
    if request is None:
        raise NotFound("There is no such callback request.")
    return request


def _later(tx: Transaction, request: Request, rest: Wish, actor: str) -> Request:
    """The earlier wish has gone: the request falls back to the earliest that still stands, also out
    of an attempt: called off before its gate, else hung up, and then `settle` finds the later wish.
    Only ever later, so a pause between rings stands. Its end stays: joining moved that out."""
    if rest.due_at <= request.due_at:
        return request
    if request.state is RequestState.IN_PROGRESS:
        attempt = open_attempt(tx, request.id)
        if attempt is None or rest.due_at <= tx.now:
            return request
        if attempt.gate_at is not None:
            ask_to_hang_up(tx, attempt, actor)
            return request
        call_off(tx, attempt, actor=actor, reason="an earlier wish was withdrawn before the gate")
    elif request.state is RequestState.OFFERED:
        if rest.due_at <= tx.now:
            return request
        tx.offers.withdraw_for(request.id)
    elif not request.state.is_waiting:
        return request
    later = request.evolve(
        due_at=rest.due_at,
        line_at=rest.due_at,
        wall_time=rest.wall_time,
        zone=rest.zone,
        tzdata=rest.tzdata,
        state=state_for(rest.due_at, tx.now),
    )
    return tx.requests.change(request, later, actor=actor, reason="an earlier wish was withdrawn")
