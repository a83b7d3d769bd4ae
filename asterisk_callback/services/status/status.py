"""Status: what the owner of a wish may read about it. Made for the page, the API and the CLI."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.errors import NotFound
from asterisk_callback.domain.expected_time import ExpectedRange
from asterisk_callback.domain.keyed_hash import hash_secret
from asterisk_callback.domain.phone import mask
from asterisk_callback.domain.promise import is_own
from asterisk_callback.domain.queue import CallbackQueue, Queues
from asterisk_callback.domain.request import Request, RequestState, state_for
from asterisk_callback.domain.wish import Wish, WithdrawnBy, deciding
from asterisk_callback.services.calling.guard import Guard
from asterisk_callback.services.ports import Store, Transaction
from asterisk_callback.services.status.facts import read_facts
from asterisk_callback.services.status.line import expected_for
from asterisk_callback.services.status.why import Reason, Why, explain


class PublicStatus(StrEnum):
    SCHEDULED = "scheduled"
    WAITING = "waiting"
    CALLING = "calling"
    TALKING = "talking"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"

    @property
    def is_waiting(self) -> bool:
        """The call has not begun yet."""
        return self in (PublicStatus.SCHEDULED, PublicStatus.WAITING)

    @property
    def is_over(self) -> bool:
        """No call comes of it any more."""
        return not self.is_waiting and self not in (PublicStatus.CALLING, PublicStatus.TALKING)


_PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_BY_REASON = {
    Reason.DIALLING: PublicStatus.CALLING,
    Reason.CALLING: PublicStatus.CALLING,
    Reason.CONNECTING: PublicStatus.CALLING,
    Reason.HANGING_UP: PublicStatus.CALLING,
    Reason.TALKING: PublicStatus.TALKING,
}
# It waits for a known instant, not for its turn.
_GOES_ON = (Reason.PUT_OFF, Reason.OUTSIDE_HOURS)
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """queue is None if it was taken out of the configuration. attempts: oldest first, and only
    those in which the customer's phone may have rung. position: 1 is next; None: not in line.

    due_at: not before, as far as this wish knows: the request itself may be due earlier, for
    another wish. expected: when its turn comes, while it is in line. told: it is the team's, who
    calls by itself. by_company: it was the company that cancelled. gone_at: from then on there is
    no status page; None while the request is open. All instants are aware UTC.
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
    expected: ExpectedRange | None = None
    told: bool = False
    by_company: bool = False
    gone_at: datetime | None = None

    @property
    def comes(self) -> ExpectedRange | None:
        """Return when the call comes, which page and API both say: the chosen time or the next try,
        when it goes on after a pause, or the expected time. None where nobody can say."""
        at = self.due_at if self.public is PublicStatus.SCHEDULED else None
        if self.why.reason in _GOES_ON:
            at = self.why.until
        return self.expected if at is None else ExpectedRange(earliest=at, latest=at)


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
            status = self._status(tx, tx.wishes.by_secret(hash_secret(secret)))
            if status.gone_at is not None and status.gone_at <= tx.now:
                raise _no_such_call()
            return status

    def by_public_id(self, public_id: str, scope: str) -> Status:
        """scope: whose wishes may be read. Raises NotFound, for those of others, too."""
        if not _PUBLIC_ID.fullmatch(public_id):
            raise _no_such_call()
        with self.store.reading() as tx:
            wish = tx.wishes.by_public_id(public_id)
            return self._status(tx, wish if wish and wish.scope == scope else None)

    def _status(self, tx: Transaction, wish: Wish | None) -> Status:
        request = tx.requests.get(wish.request_id) if wish else None
        if wish is None or request is None or wish.erased_at is not None:
            raise _no_such_call()
        queue = self.queues.get(request.queue)
        attempts = [one for one in tx.attempts.of(request.id) if one.gate_at and is_own(wish, one)]
        alone = request.open and not attempts and not _is_its_own(tx, request, wish)
        shown = _as_if_alone(request, wish, tx.now) if alone else request
        facts = read_facts(tx, shown, queue, self.guard, reader=wish, alone=alone)
        why = explain(facts)
        public = _BY_REASON.get(why.reason, _BY_STATE[shown.state])
        if public is PublicStatus.CALLING and not attempts:  # before the gate nobody is called yet
            why, public = Why(reason=Reason.IN_LINE), PublicStatus.WAITING
        ended_at = request.ended_at
        if not wish.stands:
            why, public = Why(reason=Reason.ENDED), PublicStatus.CANCELLED
            attempts, ended_at = [], wish.withdrawn_at
        told = _is_the_teams(shown, queue)
        in_line = not told and public is PublicStatus.WAITING and shown.state.is_in_line
        return Status(
            wish=wish,
            request=request,
            queue=queue,
            public=public,
            why=why,
            position=why.ahead + 1 if in_line else None,
            expected=expected_for(tx, facts, why),
            told=told,
            attempts=attempts,
            phone_masked=mask(request.e164),
            due_at=shown.due_at,
            by_company=wish.withdrawn_by is WithdrawnBy.COMPANY,
            gone_at=ended_at + self.keep if ended_at else None,
        )


def _is_the_teams(request: Request, queue: CallbackQueue | None) -> bool:
    """No call of ours comes. What an agent or a call had when the queue was set to notify goes on
    as before until they let it go."""
    waits = request.state.is_waiting or not request.open
    return queue is not None and not queue.mode.rules.makes_calls and waits


def _no_such_call() -> NotFound:
    return NotFound("There is no such call, or it was deleted.")


def _is_its_own(tx: Transaction, request: Request, wish: Wish) -> bool:
    """Is the request what it is because of this wish? Not if another is called first, and not after
    a call that may have rung for another (P12)."""
    if any(one.gate_at is not None for one in tx.attempts.of(request.id)):
        return False
    first = deciding(tx.wishes.of(request.id))
    return wish.due_at <= tx.now and first is not None and first.id == wish.id


def _as_if_alone(request: Request, wish: Wish, now: datetime) -> Request:
    """What a request of its own would be by now: nothing of it comes from another wish (P12)."""
    return request.evolve(
        state=state_for(wish.due_at, now),
        due_at=wish.due_at,
        line_at=wish.due_at,
        rings=0,
        note="",
    )
