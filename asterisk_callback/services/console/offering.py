"""Offering: a request in line of a queue in preview mode goes to the console of a free agent.

Refusing, or not answering, is no try of the customer's: the request goes to the next agent, and
when nobody is left, back to its place in line.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asterisk_callback.domain.account import User, UserId
from asterisk_callback.domain.console import Offer, OfferOutcome
from asterisk_callback.domain.errors import CallbackError
from asterisk_callback.domain.hold import over
from asterisk_callback.domain.mode import OfferPolicy
from asterisk_callback.domain.queue import CallbackQueue, Queues
from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.domain.server import DispatcherIdentity
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.services.calling.claim import LOOKED_AT, leased, refusal
from asterisk_callback.services.calling.guard import Guard
from asterisk_callback.services.calling.trunks import ways
from asterisk_callback.services.console.current import still_theirs
from asterisk_callback.services.requests.settling import settle_refusal
from asterisk_callback.services.status.serving import able_agents, at_consoles
from asterisk_callback.store import SqlStore
from asterisk_callback.store.transaction import SqlTransaction

log = logging.getLogger(__name__)

# Whoever passed a request on is asked again after this, if nobody else is there.
REST = timedelta(seconds=60)
_LET_GO = frozenset(
    {OfferOutcome.PASSED_ON, OfferOutcome.TIMED_OUT, OfferOutcome.AWAY, OfferOutcome.DROPPED}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferService:
    store: SqlStore
    queues: Queues
    guard: Guard

    def sweep(self, me: DispatcherIdentity) -> int:
        """Ends the offers whose time is over, whose console was closed or whose request is no
        longer to be offered. Returns how many. Raises StaleWrite if this dispatcher was replaced
        (P6), StoreUnavailable."""
        with self.store.reading() as tx:
            stale = [one for one in tx.offers.open() if self._over(tx, one) is not None]
        return sum(self._end(me, one) for one in stale)

    def next_instant(self) -> datetime | None:
        """When an offer's time is over next; aware UTC. What is over is the sweep's."""
        with self.store.reading() as tx:
            ends = [one.answer_by for one in tx.offers.open()]
            return min((end for end in ends if end > tx.now), default=None)

    def offer(self, me: DispatcherIdentity, queue: CallbackQueue, free: Collection[str]) -> bool:
        """Offers the first in line of this queue that may be called now. free: the phones that
        Asterisk lists as free. False if there is nobody to offer, or nobody to offer it to.

        Raises StaleWrite if this dispatcher was replaced (P6), StoreUnavailable.
        """
        for _ in range(LOOKED_AT):
            found = self._offer_first(me, queue, free)
            if not isinstance(found, Request):
                return found
        return False

    def _offer_first(
        self, me: DispatcherIdentity, queue: CallbackQueue, free: Collection[str]
    ) -> bool | Request:
        """The request instead, if it was moved on because it may not be called now."""
        with self.store.writing() as tx:
            # Alone: two dispatchers would choose the same agent.
            tx.lock("offer")
            if not leased(tx, me) or over(tx.holds.active(), queue.name) is not None:
                return False
            agents = self._agents(tx, queue, free)
            if not agents or self.guard.reached(tx, queue) is not None:
                return False
            if not ways(tx, queue, self.guard):
                return False
            for request in tx.requests.lock_claimable(queue.name, LOOKED_AT):
                chosen = _whose_turn(tx, queue, request, agents)
                if not chosen:
                    continue
                # Only now: it locks the number, and no two are to be locked at once.
                no = refusal(tx, queue, request, self.guard)
                if no is not None:
                    return settle_refusal(tx, request, no, actor="offer", queue=queue)
                _offer(tx, queue, request, chosen)
                return True
        return False

    def _agents(
        self, tx: SqlTransaction, queue: CallbackQueue, free: Collection[str]
    ) -> list[User]:
        """Who can be offered something: at an open console, with a free phone, nothing in hand;
        those first who were offered nothing for the longest time."""
        last = tx.offers.last_offered_at()
        found = able_agents(tx, queue, free, at_consoles(tx, queue))
        return sorted(found, key=lambda user: (user.id in last, last.get(user.id), user.id))

    def _over(self, tx: SqlTransaction, offer: Offer) -> OfferOutcome | None:
        """How this offer has ended by now, if it has."""
        request = tx.requests.get(offer.request_id)
        away = offer.user_id not in tx.consoles.open_users()
        if offer.cancelled_at is not None:
            return OfferOutcome.CANCELLED if away or tx.now >= offer.answer_by else None
        if request is None or request.state is not RequestState.OFFERED:
            return OfferOutcome.WITHDRAWN
        if tx.now >= offer.answer_by:
            return OfferOutcome.TIMED_OUT
        queue = self.queues.get(request.queue)
        if queue is None or not queue.mode.rules.offered:
            # Another dispatcher may know better: a second server's, or one that was started with
            # another configuration. Its time ends it in any case.
            return None
        if not still_theirs(tx, queue, offer):
            return OfferOutcome.WITHDRAWN
        # Pressed "Call back", and closed the console before a dispatcher saw it: no call either.
        return OfferOutcome.AWAY if away else None

    def _end(self, me: DispatcherIdentity, seen: Offer) -> bool:
        with self.store.writing() as tx:
            if not leased(tx, me):
                return False
            request = tx.requests.lock(seen.request_id)
            offer = tx.offers.get(seen.id)
            if request is None or offer is None or not offer.open:
                return False
            end = self._over(tx, offer)
            if end is None:
                return False
            try:
                put_away(tx, request, offer, end, actor="clock")
            except CallbackError:
                # One bad row must not keep the others on their consoles for ever.
                log.exception("offer %d could not be ended", offer.id)
                return False
            return True


def put_away(
    tx: SqlTransaction, request: Request, offer: Offer, end: OfferOutcome, *, actor: str
) -> Request:
    """Ends an offer; the request goes back to its place in line unless another console has it. The
    caller holds the request's row."""
    tx.offers.change(offer, offer.evolve(ended_at=tx.now, outcome=end, number=None, asked_at=None))
    others = [one for one in tx.offers.of(request.id) if one.open]
    if request.state is not RequestState.OFFERED or others:
        tx.trail.add(request.id, actor=actor, event=TrailEvent.OFFER, reason=_said(offer, end))
        return request
    back = request.evolve(state=RequestState.QUEUED)
    return tx.requests.change(request, back, actor=actor, reason=_said(offer, end))


def _said(offer: Offer, end: OfferOutcome) -> str:
    return f"offer {offer.id}: {end.replace('_', ' ')}"


def _whose_turn(
    tx: SqlTransaction, queue: CallbackQueue, request: Request, agents: Sequence[User]
) -> list[User]:
    """Who is offered this request now: those who did not let it go yet; then those who have had a
    rest since. Whose call came to nothing through no doing of theirs needs none."""
    last: dict[UserId, datetime] = {}
    dropped = {one.id for one in tx.attempts.of(request.id) if one.dropped_at is not None}
    for one in tx.offers.of(request.id):
        let_go = one.outcome in _LET_GO or one.attempt_id in dropped
        if let_go and one.ended_at is not None:
            last[one.user_id] = one.ended_at
    fresh = [user for user in agents if user.id not in last]
    rested = [user for user in agents if user.id in last and last[user.id] <= tx.now - REST]
    found = fresh or sorted(rested, key=lambda user: last[user.id])
    return found if queue.preview.offer_to is OfferPolicy.ALL else found[:1]


def _offer(
    tx: SqlTransaction, queue: CallbackQueue, request: Request, users: Sequence[User]
) -> None:
    for user in users:
        assert user.member is not None
        tx.offers.add(
            request_id=request.id,
            user_id=user.id,
            member=user.member,
            offered_at=tx.now,
            answer_by=tx.now + queue.preview.offer_for,
        )
    names = ", ".join(user.login for user in users)
    offered = request.evolve(state=RequestState.OFFERED)
    tx.requests.change(request, offered, actor="offer", reason=f"offered to {names}")
