"""Status: what the owner of a wish may read about it. Made for the page, the API and the CLI."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.errors import NotFound
from asterisk_callback.domain.expected import Expected
from asterisk_callback.domain.phone import mask
from asterisk_callback.domain.queue import CallbackQueue, Queues
from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.booking import hash_secret
from asterisk_callback.services.guard import Guard
from asterisk_callback.services.line import line_of
from asterisk_callback.services.ports import Store, Transaction
from asterisk_callback.services.promise import Kept, kept
from asterisk_callback.services.why import Reason, Why, explain
from asterisk_callback.services.withdraw import CALLED_OFF


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
    Reason.CONNECTING: PublicStatus.CALLING,
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
_IN_LINE = (RequestState.QUEUED, RequestState.OFFERED)
# What stands in the way then says nothing of how long it takes.
_SERVED = frozenset(
    {Reason.ALL_BUSY, Reason.IN_LINE, Reason.NEXT, Reason.AT_LIMIT, Reason.RINGING_AGENT}
)
_OF_AN_ATTEMPT = frozenset({Reason.RETRY, *_BY_REASON})


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """queue is None if it was taken out of the configuration. attempts: oldest first, and only
    those in which the customer's phone may have rung. position: 1 is next; None: not in line.

    due_at: not before, as far as this wish knows: the request itself may be due earlier, for
    another wish. expected: when its turn comes, while it is in line. by_company: it was the company
    that cancelled. gone_at: from then on there is no status page; None while the request is open.
    kept: what was said of when the call comes, and when it came. All instants are aware UTC.
    """

    wish: Wish
    request: Request
    queue: CallbackQueue | None
    public: PublicStatus
    why: Why
    position: int | None
    attempts: Sequence[Attempt]
    phone_masked: str
    due_at: datetime
    kept: Kept
    expected: Expected | None = None
    by_company: bool = False
    gone_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Statuses:
    """keep: how long a status page is still shown after the end."""

    store: Store
    queues: Queues
    guard: Guard | None = None
    keep: timedelta = timedelta(days=30)

    def by_secret(self, secret: str) -> Status:
        """Raises NotFound: unknown, expired and erased look the same."""
        with self.store.reading() as tx:
            status = self._status(tx, tx.wish_by_secret(hash_secret(secret)))
            if status.gone_at is not None and status.gone_at <= tx.now:
                raise _no_such_call()
            return status

    def by_public_id(self, public_id: str, scope: str) -> Status:
        """scope: whose wishes may be read. Raises NotFound, for those of others, too."""
        if not _PUBLIC_ID.fullmatch(public_id):
            raise _no_such_call()
        with self.store.reading() as tx:
            wish = tx.wish_by_public_id(public_id)
            return self._status(tx, wish if wish and wish.scope == scope else None)

    def _status(self, tx: Transaction, wish: Wish | None) -> Status:
        request = tx.request(wish.request_id) if wish else None
        if wish is None or request is None or wish.erased_at is not None:
            raise _no_such_call()
        queue = self.queues.get(request.queue)
        why = explain(tx, request, queue, self.guard)
        attempts = [one for one in tx.attempts_of(request.id) if _concerns(one, wish)]
        public = _BY_REASON.get(why.reason, _BY_STATE[request.state])
        due_at, ended_at = request.due_at, request.ended_at
        if why.reason in _OF_AN_ATTEMPT and not attempts:
            why, public = Why(reason=Reason.IN_LINE), PublicStatus.WAITING
        if not attempts and request.open and wish.due_at > tx.now:
            why, public = Why(reason=Reason.SCHEDULED, until=wish.due_at), PublicStatus.SCHEDULED
            due_at = wish.due_at
        if wish.withdrawn_at is not None:
            why, public = Why(reason=Reason.ENDED), PublicStatus.CANCELLED
            attempts, ended_at = [], wish.withdrawn_at
        in_line = public is PublicStatus.WAITING and request.state in _IN_LINE
        return Status(
            wish=wish,
            request=request,
            queue=queue,
            public=public,
            why=why,
            position=why.ahead + 1 if in_line else None,
            expected=_expected(tx, request, queue, why),
            kept=kept(tx, wish),
            attempts=attempts,
            phone_masked=mask(request.e164),
            due_at=due_at,
            by_company=_called_off(tx, wish),
            gone_at=ended_at + self.keep if ended_at else None,
        )


def _no_such_call() -> NotFound:
    return NotFound("There is no such call, or it was deleted.")


def _called_off(tx: Transaction, wish: Wish) -> bool:
    """Was it the company? The trail knows who cancelled, and when."""
    if wish.withdrawn_at is None:
        return False
    trail = tx.trail(wish.request_id)
    return any(one.event == CALLED_OFF and one.at == wish.withdrawn_at for one in trail)


def _expected(
    tx: Transaction, request: Request, queue: CallbackQueue | None, why: Why
) -> Expected | None:
    """When its turn comes, as far as anybody can say from what the line does."""
    if queue is None or why.reason not in _SERVED:
        return None
    # A call that stands in the Asterisk queue is itself among those that are counted there.
    ahead = why.ahead if request.state is not RequestState.IN_PROGRESS else -1
    return line_of(tx, queue).expected(ahead)


def _concerns(attempt: Attempt, wish: Wish) -> bool:
    """Attempts from before this wish are another's story: who joins learns of none (P12)."""
    return attempt.gate_at is not None and attempt.claimed_at >= wish.since
