"""Claim: the next request in line becomes an attempt, one transaction each (P3, P6, P18)."""

from datetime import timedelta

from asterisk_callback.domain import calling_hours, pacing
from asterisk_callback.domain.attempt import Attempt, new_token
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.gate import RefusalReason
from asterisk_callback.domain.hold import over
from asterisk_callback.domain.languages import language_of
from asterisk_callback.domain.mode import ClaimedBy
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.queue import CallbackQueue, ClaimedCall
from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.domain.server import DispatcherIdentity
from asterisk_callback.domain.wish import deciding
from asterisk_callback.services.calling.guard import Guard
from asterisk_callback.services.calling.trunks import Ways, ways
from asterisk_callback.services.ports import Store, Transaction
from asterisk_callback.services.requests.settling import settle_refusal

# Whisper, gate and the set-up of the call, on top of the time in the Asterisk queue.
GATE_MARGIN = timedelta(seconds=45)
# A number that is on the line in another queue is tried again after this.
SAME_NUMBER = timedelta(seconds=5)
# So many of a line are moved on in one go; the round that follows looks at the rest.
LOOKED_AT = 20


def claim(
    store: Store, me: DispatcherIdentity, queue: CallbackQueue, facts: QueueStatus, guard: Guard
) -> ClaimedCall | None:
    """Claims the next request of this queue, or None if there is no room, no line, or no request.

    One that may not be called now is moved on, and the next is looked at: nobody waits because of
    somebody else's limit. Each has a transaction of its own, so that no two numbers are locked at
    once. Commits before it returns: what is sent to Asterisk is always known to the database.
    None, too, while the dispatcher's lease has run out; raises StaleWrite if it was replaced (P6).
    """
    if facts.logged_in == 0 or queue.mode.rules.claimed_by is not ClaimedBy.DISPATCHER:
        return None
    for _ in range(LOOKED_AT):
        found = _next(store, me, queue, facts, guard)
        if not isinstance(found, Request):
            return found
    return None


def _next(
    store: Store, me: DispatcherIdentity, queue: CallbackQueue, facts: QueueStatus, guard: Guard
) -> ClaimedCall | Request | None:
    """The first in line as a claim, or as the request that was moved on instead."""
    with store.writing() as tx:
        if not leased(tx, me) or over(tx.holds.active(), queue.name) is not None:
            return None
        # One lock for all that share their agents: two of them would count on the same free one.
        tx.lock(f"claim:{min((queue.name, *queue.shares))}")
        if _room(tx, queue, facts) == 0:
            return None
        if guard.reached(tx, queue, count_claimed=True) is not None:
            return None
        open_ways = ways(tx, queue, guard)
        if not open_ways:
            return None
        for request in tx.requests.lock_claimable(
            queue.name, 1, last=open_ways.failing, only=open_ways.only, but=open_ways.shut
        ):
            return _claim_one(tx, me, queue, request, guard, open_ways)
    return None


def _room(tx: Transaction, queue: CallbackQueue, facts: QueueStatus) -> int:
    """For how many more attempts there are agents."""
    if not queue.mode.rules.customer_first:
        return pacing.room(facts, tx.line.waiting_for_agent(queue.name))
    waiting = sum(tx.line.waiting_for_agent(name) for name in (queue.name, *queue.shares))
    return pacing.room_customer_first(facts, waiting, queue.first.keep_free)


def leased(tx: Transaction, me: DispatcherIdentity) -> bool:
    """Does this dispatcher's lease hold? Raises StaleWrite if another process has, or had, its
    name (P6): one without a row was replaced by a process that has left since."""
    mine = next((health for health in tx.servers.all() if health.dispatcher == me.name), None)
    if mine is None or mine.epoch != me.epoch:
        raise StaleWrite(f"dispatcher {me.name} was replaced by another process")
    return mine.alive(tx.now)


def _before_the_gate(queue: CallbackQueue) -> timedelta:
    """How long a call may take until it asks the gate, beside its set-up."""
    return timedelta(0) if queue.mode.rules.customer_first else queue.queue_for


def refusal(
    tx: Transaction, queue: CallbackQueue, request: Request, guard: Guard
) -> RefusalReason | None:
    """The gate's rules, asked before any agent is rung for nothing."""
    if not calling_hours.allowed(queue, request, tx.wishes.of(request.id), tx.now):
        return RefusalReason.OUTSIDE_HOURS
    return guard.no(tx, queue, request.e164)


def _claim_one(
    tx: Transaction,
    me: DispatcherIdentity,
    queue: CallbackQueue,
    request: Request,
    guard: Guard,
    open_ways: Ways,
) -> ClaimedCall | Request | None:
    no = refusal(tx, queue, request, guard)
    if no is not None:
        return settle_refusal(tx, request, no, actor="claim", queue=queue)
    if tx.limits.number_busy(request.e164):
        put_off = request.evolve(due_at=tx.now + SAME_NUMBER)
        reason = "this number is on the line"
        return tx.requests.change(request, put_off, actor="claim", reason=reason)
    trunk = open_ways.choose(tx, request)
    if trunk is None:
        return None
    attempt = tx.attempts.add(
        request_id=request.id,
        token=new_token(),
        server=queue.server,
        trunk=trunk.name,
        owner=me.name,
        epoch=me.epoch,
        e164=request.e164,
        claimed_at=tx.now,
        gate_by=tx.now + _before_the_gate(queue) + GATE_MARGIN,
        mode=queue.mode,
    )
    in_progress = request.evolve(state=RequestState.IN_PROGRESS)
    tx.requests.change(request, in_progress, actor=me.name, reason=f"attempt {attempt.id}")
    return claim_of(tx, queue, request, attempt)


def claim_of(
    tx: Transaction, queue: CallbackQueue, request: Request, attempt: Attempt
) -> ClaimedCall:
    """What is sent to Asterisk of a new attempt."""
    wish = deciding(tx.wishes.of(request.id))
    return ClaimedCall(
        attempt=attempt,
        queue=queue,
        waited=tx.now - request.created_at,
        language=language_of(request.locale),
        reference=wish.public_id if wish else "",
    )
