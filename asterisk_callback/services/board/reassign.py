"""Giving a request to another callback queue: its wishes go along, and it keeps its place in line.

From then on hours, limits, trunk and reactions are those of the new queue, judged at the claim and
at the gate as for any of its requests. What was promised stays promised.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asterisk_callback.domain import calling_hours
from asterisk_callback.domain.errors import (
    InvalidInput,
    NotFound,
    NotPossible,
    NotPossibleForStaff,
    SlotTaken,
)
from asterisk_callback.domain.phone import judge
from asterisk_callback.domain.queue import CallbackQueue, Queues, find_queue
from asterisk_callback.domain.request import Request, RequestId, RequestState
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.domain.wish import standing
from asterisk_callback.services.board.supervise import NotCancelled
from asterisk_callback.services.booking.places import take_place
from asterisk_callback.services.calling.guard import Guard
from asterisk_callback.services.ports import Store, Transaction
from asterisk_callback.services.requests.ending import call_off
from asterisk_callback.services.requests.locking import changeable, open_attempt


@dataclass(frozen=True, kw_only=True, slots=True)
class ReassignService:
    store: Store
    queues: Queues
    guard: Guard

    def give(self, request_id: RequestId, to: str, *, actor: str) -> Request:
        """to: the name of the callback queue that has it from the commit on. Giving it to the one
        that has it changes nothing.

        Raises NotPossible, with why: its phone may be ringing, it has ended, this number has an
        open request there (P3), that queue may not ring it or has no place at its time, or the team
        was told of it. UnknownQueue, StoreUnavailable.
        """
        queue = find_queue(self.queues, to)
        with self.store.reading() as tx:
            seen = tx.requests.get(request_id)
        with self.store.writing() as tx:
            if seen is not None:
                # No other request of this number can begin there meanwhile. Before the row: the
                # order of booking.
                tx.lock(f"wish:{queue.name}:{seen.e164}")
            request = changeable(tx, request_id)
            if request.queue == queue.name:
                return request
            self._judge(tx, request, queue)
            return _give(tx, request, queue, actor)

    def give_all(self, queue: str, to: str, *, actor: str) -> tuple[int, Sequence[NotCancelled]]:
        """Gives all open requests of a callback queue, which need not be configured any more, to
        another, each in a transaction of its own. Returns how many were given, and those that could
        not be, with why; said again, it tries these again. Raises UnknownQueue, StoreUnavailable.
        """
        find_queue(self.queues, to)
        with self.store.reading() as tx:
            open_ones = tx.requests.open_of(queue)
        left = []
        for one in open_ones:
            try:
                self.give(one, to, actor=actor)
            except (NotPossible, NotFound) as error:
                left.append(NotCancelled(id=one, why=error.sentence))
        return len(open_ones) - len(left), left

    def _judge(self, tx: Transaction, request: Request, queue: CallbackQueue) -> None:
        """Raises NotPossibleForStaff unless this queue can take it."""
        old = self.queues.get(request.queue)
        if old is not None and not old.mode.rules.makes_calls:
            raise NotPossibleForStaff(
                f"The team of {old.title} was told of it and calls by itself."
            )
        other = tx.requests.open_for(queue.name, request.e164)
        if other is not None:
            raise NotPossibleForStaff(
                f"This number has an open call in {queue.title} already: request {other.id}. "
                "Cancel one of them."
            )
        try:
            judge(request.e164, queue.number_rules(self.guard.rules))
        except InvalidInput:
            raise NotPossibleForStaff(
                f"{queue.title} does not ring numbers of this country or kind."
            ) from None
        _take_places(tx, request, queue)


def _take_places(tx: Transaction, request: Request, queue: CallbackQueue) -> None:
    """The chosen times that are still to come need places in the new queue, too."""
    for wish in standing(tx.wishes.of(request.id)):
        if wish.asap or wish.due_at <= tx.now:
            continue
        customer = calling_hours.of_customer(queue, wish.customer_zone, request.e164)
        try:
            take_place(tx, queue, customer, wish.due_at)
        except SlotTaken:
            raise NotPossibleForStaff(
                f"{queue.title} has no place left at its time. Move it first."
            ) from None


def _give(tx: Transaction, request: Request, queue: CallbackQueue, actor: str) -> Request:
    reason = f"given to {queue.name} from {request.queue} by {actor}"
    state = request.state
    if state is RequestState.IN_PROGRESS:
        attempt = open_attempt(tx, request.id)
        if attempt is not None:
            call_off(tx, attempt, actor=actor, reason=reason)
        state = RequestState.QUEUED
    given = request.evolve(
        queue=queue.name, state=state, note="", expires_at=_kept_until(tx, request, queue)
    )
    event = TrailEvent.REASSIGNED
    return tx.requests.change(request, given, actor=actor, reason=reason, event=event)


def _kept_until(tx: Transaction, request: Request, queue: CallbackQueue) -> datetime:
    """Never sooner than before, and with the new queue's whole lifetime after it first opens."""
    due_at = max(tx.now, request.due_at)
    opens = calling_hours.next_allowed(queue, request, tx.wishes.of(request.id), due_at)
    if opens is None:
        raise NotPossibleForStaff(
            f"{queue.title} never calls at an hour at which this customer may be rung."
        )
    return max(request.expires_at, queue.keeps_until(opens))
