"""Calling: "Call back" was pressed; the offer becomes an attempt in one transaction (P3, P6)."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from asterisk_callback.domain.console import ConsoleRules, Offer, OfferOutcome
from asterisk_callback.domain.errors import InvalidInput
from asterisk_callback.domain.gate import RefusalReason
from asterisk_callback.domain.hold import over
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.phone import judge
from asterisk_callback.domain.queue import CallbackQueue, ClaimedCall, Queues
from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.domain.server import DispatcherIdentity
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.domain.trunk import Trunk
from asterisk_callback.services.calling.claim import leased, refusal
from asterisk_callback.services.calling.guard import Guard
from asterisk_callback.services.calling.starting import NewCall, start
from asterisk_callback.services.calling.trunks import ways
from asterisk_callback.services.console.current import still_theirs
from asterisk_callback.store import SqlStore
from asterisk_callback.store.transaction import SqlTransaction

log = logging.getLogger(__name__)

# Pressed longer ago than this, and the agent no longer expects their phone to ring.
PATIENCE = timedelta(seconds=15)
TOO_LATE = "The calling service did not answer in time, so nobody was called. Try again."


@dataclass(frozen=True, kw_only=True, slots=True)
class CallBackService:
    store: SqlStore
    queues: Queues
    guard: Guard
    rules: ConsoleRules = field(default_factory=ConsoleRules)

    def asked(self, server: str) -> Sequence[Offer]:
        """The offers of this server's queues whose agents wait for their phone to ring."""
        with self.store.reading() as tx:
            return [
                one
                for one in tx.offers.open()
                if one.asked_at is not None and self._queue_of(tx, one, server) is not None
            ]

    def claim(self, me: DispatcherIdentity, offer: Offer) -> ClaimedCall | None:
        """The attempt, to be sent once. None if it may not be: the offer then says why, and stays
        with the agent. Commits before it returns. Raises StaleWrite if this dispatcher was
        replaced (P6), StoreUnavailable."""
        with self.store.writing() as tx:
            if not leased(tx, me):
                return None
            request = tx.requests.lock(offer.request_id)
            current = tx.offers.get(offer.id)
            queue = self.queues.get(request.queue) if request else None
            if request is None or queue is None or current is None or not current.open:
                return None
            if current.asked_at is None or request.state is not RequestState.OFFERED:
                return None
            if not still_theirs(tx, queue, current):
                return None  # the sweep takes it from them
            sentence = self._refusal(tx, queue, request, current)
            if sentence is not None:
                tx.offers.change(current, current.evolve(asked_at=None, refusal=sentence))
                reason = f"offer {current.id}: {sentence}"
                tx.trail.add(request.id, actor="claim", event=TrailEvent.NOT_CALLED, reason=reason)
                return None
            trunk = _trunk(tx, queue, request, current, self.guard)
            return _claim(tx, me, queue, request, current, trunk or queue.trunk)

    def _queue_of(self, tx: SqlTransaction, offer: Offer, server: str) -> CallbackQueue | None:
        request = tx.requests.get(offer.request_id)
        queue = self.queues.get(request.queue) if request else None
        return queue if queue is not None and queue.server == server else None

    def _refusal(
        self, tx: SqlTransaction, queue: CallbackQueue, request: Request, offer: Offer
    ) -> str | None:
        """Why it can't be called now, in words for the agent: the gate's rules, asked before their
        phone rings for nothing."""
        assert offer.asked_at is not None and offer.number is not None
        if tx.now - offer.asked_at > PATIENCE:
            return TOO_LATE
        hold = over(tx.holds.active(), queue.name)
        if hold is not None:
            return RefusalReason.HELD.rule.agent
        if not self.rules.members.allow(offer.member):
            return f"Calls may not go to {offer.member}. Ask an administrator for another phone."
        if _trunk(tx, queue, request, offer, self.guard) is None:
            return "The outside line has a fault and rests for a moment. Try again soon."
        called = request.evolve(e164=offer.number)
        no = self.guard.reached(tx, queue) or refusal(tx, queue, called, self.guard)
        if no is not None:
            return no.rule.agent
        if tx.limits.busy([offer.number]):
            return "Somebody is on a call with this number right now."
        return None


def _trunk(
    tx: SqlTransaction, queue: CallbackQueue, request: Request, offer: Offer, guard: Guard
) -> Trunk | None:
    """By which trunk the number that the agent chose can be called just now, if by any."""
    assert offer.number is not None
    try:
        region = judge(offer.number, queue.number_rules(guard.rules)).region
    except InvalidInput:
        return queue.trunk  # the guard refuses it, and says why
    called = request.evolve(e164=offer.number, region=region)
    return ways(tx, queue, guard).choose(tx, called)


def _claim(
    tx: SqlTransaction,
    me: DispatcherIdentity,
    queue: CallbackQueue,
    request: Request,
    offer: Offer,
    trunk: Trunk,
) -> ClaimedCall:
    user = tx.accounts.get(offer.user_id)
    actor = user.actor if user else offer.member
    assert offer.number is not None
    call = NewCall(
        request=request,
        wishes=tx.wishes.of(request.id),
        trunk=trunk,
        mode=DeliveryMode.PREVIEW,
        before_gate=queue.preview.own_for,
        e164=offer.number,
        member=offer.member,
        agent=user.name if user else offer.member,
        reason=f", by {actor}",
    )
    (claimed,) = start(tx, me, queue, [call])
    called = offer.evolve(
        ended_at=tx.now, outcome=OfferOutcome.CALLED, number=None, attempt_id=claimed.attempt.id
    )
    tx.offers.change(offer, called)
    return claimed
