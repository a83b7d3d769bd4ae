"""Call me now: a customer whom we missed is free again, and skips the pause before the next try."""

from datetime import timedelta

from asterisk_callback.domain.calling_hours import of_customer
from asterisk_callback.domain.errors import NotPossible, QueueClosed
from asterisk_callback.domain.promise import is_own
from asterisk_callback.domain.queue import Queues, find_queue
from asterisk_callback.domain.request import Request, RequestState, state_for
from asterisk_callback.domain.retry import kept_for
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.booking.places import next_free
from asterisk_callback.services.ports import Store
from asterisk_callback.services.requests.locking import lock_of_wish, refuse_after_gate

# The page may be in a stranger's hands: a phone that has just rung is left alone for so long.
LEAST_PAUSE = timedelta(minutes=1)


def call_now(store: Store, queues: Queues, wish: Wish, *, actor: str = "customer") -> Request:
    """Makes the next try due now; who was in line before stays so. Doing it twice is no error, and
    who is in line already keeps the place.

    The tries stay counted: this rings nobody more often. Who asked to be called as soon as possible
    permits it for two more hours. Raises NotPossible while it rings, after the end, and before the
    first try of a chosen time; QueueClosed with other times.
    """
    with store.writing() as tx:
        request, current = lock_of_wish(tx, wish)
        refuse_after_gate(tx, request)
        if request.state is not RequestState.SCHEDULED:
            return request
        queue = find_queue(queues, request.queue)
        tried = [
            one.ended_at
            for one in tx.attempts.of(request.id)
            if one.gate_at and one.ended_at and is_own(current, one)
        ]
        if not tried:
            raise NotPossible("Your call is planned for a chosen time. Choose another one instead.")
        if not queue.hours.is_open(tx.now):
            customer = of_customer(queue, current.customer_zone, request.e164)
            raise QueueClosed(next_free=next_free(tx, queue, customer))
        wishes, rings = tx.wishes.of(request.id), request.rings
        kept = kept_for(wishes, queue.reactions, rings=rings, now=tx.now, asks=current)
        due_at = max(tx.now, max(tried) + LEAST_PAUSE, kept or tx.now)
        if due_at >= request.due_at:
            return request
        if current.asap:
            tx.wishes.change(current, current.evolve(due_at=tx.now))
        sooner = request.evolve(
            due_at=due_at,
            line_at=min(request.line_at, due_at),
            state=state_for(due_at, tx.now),
        )
        reason = f"called for by {actor}"
        return tx.requests.change(request, sooner, actor=actor, reason=reason)
