"""Status: what the owner of a wish may read about it. Made for the page, the API and the CLI."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.errors import NotFound
from asterisk_callback.domain.phone import mask
from asterisk_callback.domain.queue import CallbackQueue, Queues
from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.booking import hash_secret
from asterisk_callback.services.guard import Guard
from asterisk_callback.services.ports import Store, Transaction
from asterisk_callback.services.why import Reason, Why, explain


class PublicStatus(StrEnum):
    SCHEDULED = "scheduled"
    WAITING = "waiting"
    CALLING = "calling"
    TALKING = "talking"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"


_PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_BY_REASON = {
    Reason.DIALLING: PublicStatus.CALLING,
    Reason.CALLING: PublicStatus.CALLING,
    Reason.HANGING_UP: PublicStatus.CALLING,
    Reason.TALKING: PublicStatus.TALKING,
}
_BY_STATE = {
    RequestState.SCHEDULED: PublicStatus.SCHEDULED,
    RequestState.QUEUED: PublicStatus.WAITING,
    RequestState.OFFERED: PublicStatus.WAITING,
    RequestState.IN_PROGRESS: PublicStatus.WAITING,
    RequestState.COMPLETED: PublicStatus.COMPLETED,
    RequestState.FAILED: PublicStatus.FAILED,
    RequestState.CANCELLED: PublicStatus.CANCELLED,
    RequestState.EXPIRED: PublicStatus.EXPIRED,
}


_OF_AN_ATTEMPT = frozenset({Reason.RETRY, *_BY_REASON})


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """queue is None if it was taken out of the configuration. attempts: oldest first, and only
    those in which the customer's phone may have rung. position: 1 is next; None: not in line."""

    wish: Wish
    request: Request
    queue: CallbackQueue | None
    public: PublicStatus
    why: Why
    position: int | None
    attempts: Sequence[Attempt]
    phone_masked: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Statuses:
    store: Store
    queues: Queues
    guard: Guard | None = None

    def by_secret(self, secret: str) -> Status:
        """Raises NotFound: unknown, expired and erased look the same."""
        with self.store.reading() as tx:
            return self._status(tx, tx.wish_by_secret(hash_secret(secret)))

    def by_public_id(self, public_id: str, scope: str) -> Status:
        """scope: whose wishes may be read. Raises NotFound, for those of others, too."""
        if not _PUBLIC_ID.fullmatch(public_id):
            raise NotFound("There is no such call, or it was deleted.")
        with self.store.reading() as tx:
            wish = tx.wish_by_public_id(public_id)
            return self._status(tx, wish if wish and wish.scope == scope else None)

    def _status(self, tx: Transaction, wish: Wish | None) -> Status:
        request = tx.request(wish.request_id) if wish else None
        if wish is None or request is None:
            raise NotFound("There is no such call, or it was deleted.")
        queue = self.queues.get(request.queue)
        why = explain(tx, request, queue, self.guard)
        attempts = [one for one in tx.attempts_of(request.id) if _concerns(one, wish)]
        public = _BY_REASON.get(why.reason, _BY_STATE[request.state])
        if why.reason in _OF_AN_ATTEMPT and not attempts:
            why, public = Why(reason=Reason.IN_LINE), PublicStatus.WAITING
        position: int | None = None
        if request.state in (RequestState.QUEUED, RequestState.OFFERED):
            position = why.ahead + 1
        if wish.withdrawn_at is not None:
            public, position = PublicStatus.CANCELLED, None
            why, attempts = Why(reason=Reason.ENDED), []
        return Status(
            wish=wish,
            request=request,
            queue=queue,
            public=public,
            why=why,
            position=position,
            attempts=attempts,
            phone_masked=mask(request.e164),
        )


def _concerns(attempt: Attempt, wish: Wish) -> bool:
    """Attempts from before this wish are another's story: who joins learns of none (P12)."""
    return attempt.gate_at is not None and attempt.claimed_at >= wish.created_at
