"""Claim: the next requests in line become attempts, all that there is room for in one transaction
(P3, P6, P18)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from asterisk_callback.domain import calling_hours, pacing
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.gate import RefusalReason
from asterisk_callback.domain.hold import over
from asterisk_callback.domain.mode import ClaimedBy
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.queue import CallbackQueue, ClaimedCall
from asterisk_callback.domain.request import Request
from asterisk_callback.domain.server import DispatcherIdentity
from asterisk_callback.domain.trunk import Trunk
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.calling.guard import Guard, lock_of
from asterisk_callback.services.calling.starting import NewCall, start
from asterisk_callback.services.calling.trunks import Ways, ways
from asterisk_callback.services.ports import Store, Transaction
from asterisk_callback.services.requests.settling import settle_refusal

# A number that is on the line in another queue is tried again after this.
SAME_NUMBER = timedelta(seconds=5)
# So often those that were first in line are moved on in one go; the next round looks at the rest.
LOOKED_AT = 20


def claim(
    store: Store,
    me: DispatcherIdentity,
    queue: CallbackQueue,
    facts: QueueStatus,
    guard: Guard,
    most: int = 1,
) -> Sequence[ClaimedCall]:
    """Claims the next requests of this queue, `most` at most; none if there is no room, no line, or
    no request.

    Those that may not be called now are moved on, and the next are looked at: nobody waits because
    of somebody else's limit. Commits before it returns: what is sent to Asterisk is always known to
    the database. None, too, while the dispatcher's lease has run out; raises StaleWrite if it was
    replaced (P6).
    """
    if facts.logged_in == 0 or queue.mode.rules.claimed_by is not ClaimedBy.DISPATCHER:
        return ()
    for _ in range(LOOKED_AT):
        with store.writing() as tx:
            claimed, moved_on = _first_in_line(tx, me, queue, facts, guard, most)
        if claimed or not moved_on:
            return claimed
    return ()


def _first_in_line(
    tx: Transaction,
    me: DispatcherIdentity,
    queue: CallbackQueue,
    facts: QueueStatus,
    guard: Guard,
    most: int,
) -> tuple[Sequence[ClaimedCall], bool]:
    """The claims, and whether others were moved on instead."""
    if not leased(tx, me) or over(tx.holds.active(), queue.name) is not None:
        return (), False
    # One lock for all that share their agents: two of them would count on the same free one.
    tx.lock(f"claim:{min((queue.name, *queue.shares))}")
    count = min(most, _room(tx, queue, facts))
    count = min(count, guard.left(tx, queue)) if count else 0
    open_ways = ways(tx, queue, guard) if count else None
    if not open_ways:
        return (), False
    requests = tx.requests.lock_claimable(
        queue.name,
        count if open_ways.steady else 1,
        last=open_ways.failing,
        only=open_ways.only,
        but=open_ways.shut,
    )
    return _claim_all(tx, me, queue, requests, guard, open_ways)


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


def refusal(
    tx: Transaction, queue: CallbackQueue, request: Request, guard: Guard
) -> RefusalReason | None:
    """The gate's rules, asked before any agent is rung for nothing."""
    return _refusals(tx, queue, {request: tx.wishes.of(request.id)}, guard).get(request)


def _refusals(
    tx: Transaction, queue: CallbackQueue, requests: Mapping[Request, Sequence[Wish]], guard: Guard
) -> Mapping[Request, RefusalReason]:
    """The same for each of these requests that may not be called. requests: with their wishes."""
    late = [
        one
        for one, wishes in requests.items()
        if not calling_hours.allowed(queue, one, wishes, tx.now)
    ]
    rest = [one for one in requests if one not in late]
    tx.lock(*(lock_of(one.e164) for one in rest))
    no = guard.no_all(tx, [(queue, one.e164, None) for one in rest])
    refused = {one: reason for one, reason in zip(rest, no, strict=True) if reason is not None}
    return dict.fromkeys(late, RefusalReason.OUTSIDE_HOURS) | refused


def _claim_all(
    tx: Transaction,
    me: DispatcherIdentity,
    queue: CallbackQueue,
    requests: Sequence[Request],
    guard: Guard,
    open_ways: Ways,
) -> tuple[Sequence[ClaimedCall], bool]:
    wishes = tx.wishes.of_all([one.id for one in requests])
    refused = _refusals(tx, queue, {one: wishes[one.id] for one in requests}, guard)
    busy = tx.limits.busy([one.e164 for one in requests if one not in refused])
    calls: list[NewCall] = []
    moved_on = False
    for request in requests:
        if request in refused:
            settle_refusal(tx, request, refused[request], actor="claim", queue=queue)
            moved_on = True
        elif request.e164 in busy:
            put_off = request.evolve(due_at=tx.now + SAME_NUMBER)
            reason = "this number is on the line"
            tx.requests.change(request, put_off, actor="claim", reason=reason)
            moved_on = True
        elif (trunk := open_ways.choose(tx, request)) is not None:
            calls.append(_new_call(queue, request, wishes[request.id], trunk))
    return start(tx, me, queue, calls), moved_on


def _new_call(
    queue: CallbackQueue, request: Request, wishes: Sequence[Wish], trunk: Trunk
) -> NewCall:
    first = queue.mode.rules.customer_first
    return NewCall(
        request=request,
        wishes=wishes,
        trunk=trunk,
        mode=queue.mode,
        before_gate=timedelta(0) if first else queue.queue_for,
        e164=request.e164,
    )
