"""Moving: another time for a wish, or as soon as possible. It gives up the place in line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asterisk_callback.domain import appointment
from asterisk_callback.domain.appointment import Appointment
from asterisk_callback.domain.calling_hours import of_customer, permitted_now
from asterisk_callback.domain.errors import NotPossible, NotPossibleForStaff
from asterisk_callback.domain.limits import MOST_MOVES
from asterisk_callback.domain.queue import CallbackQueue, Queues, find_queue
from asterisk_callback.domain.request import Request, RequestId
from asterisk_callback.domain.slots import slot_of
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.domain.wish import PromisedWindow, Wish, deciding, standing
from asterisk_callback.services.booking.places import check_open, check_time, take_place
from asterisk_callback.services.ports import Store, Transaction
from asterisk_callback.services.requests.following import follow_moved
from asterisk_callback.services.requests.locking import changeable, lock_of_wish, refuse_after_gate
from asterisk_callback.services.telling import customer as messages


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    wish: Wish
    request: Request


@dataclass(frozen=True, kw_only=True, slots=True)
class MoveService:
    store: Store
    queues: Queues
    home_zone: str

    def move(
        self,
        wish: Wish,
        scheduled_for: str | None,
        time_zone: str | None = None,
        *,
        actor: str = "customer",
    ) -> Moved:
        """scheduled_for: as in booking; None: as soon as possible. time_zone: its zone; None keeps
        the wish's own, else the company's. Returns after the commit.

        Only this wish moves: with others behind the same request, that follows the earliest. Moving
        to the time that it has changes nothing. Raises NotPossible when the phone may be ringing
        already or after the end, InvalidTime and its kin, UnknownQueue, StoreUnavailable.
        """
        with self.store.writing() as tx:
            request, old = lock_of_wish(tx, wish)
            refuse_after_gate(tx, request)
            queue = find_queue(self.queues, request.queue)
            new = self._move_one(tx, queue, request, old, scheduled_for, time_zone, actor)
            if new is old:
                return Moved(wish=old, request=request)
            if new.moves > MOST_MOVES:  # nothing of it is written
                raise NotPossible("The time was changed too often. Ask for a new call.")
            reason = f"moved by {actor}"
            request = follow_moved(tx, request, new, queue, actor=actor, reason=reason)
            return Moved(wish=new, request=request)

    def move_request(
        self, request_id: RequestId, scheduled_for: str | None, *, actor: str
    ) -> Request:
        """The company moves a request: every wish that stands behind it, judged as if its customer
        moved it, and each customer is told. Returns after the commit.

        Raises NotPossible once the phone may be ringing and after the end, InvalidTime and its kin,
        UnknownQueue, StoreUnavailable.
        """
        with self.store.writing() as tx:
            request = changeable(tx, request_id)
            queue = find_queue(self.queues, request.queue)
            those = standing(tx.wishes.of(request.id))
            if scheduled_for is None:
                _require_permitted(queue, request, those, tx.now)
            moved = [
                self._move_one(tx, queue, request, one, scheduled_for, None, actor) for one in those
            ]
            first = deciding(moved)
            if first is None or moved == those:
                return request
            reason = f"moved by {actor}"
            return follow_moved(tx, request, first, queue, actor=actor, reason=reason)

    def _move_one(
        self,
        tx: Transaction,
        queue: CallbackQueue,
        request: Request,
        old: Wish,
        scheduled_for: str | None,
        time_zone: str | None,
        actor: str,
    ) -> Wish:
        """The wish as it is now; the same object if it has this time already."""
        zone = time_zone or old.shown_zone(self.home_zone)
        chosen = _appointment(scheduled_for, zone, queue, tx.now)
        if _same(old, chosen):
            return old
        own_zone = old.own_zone or time_zone is not None
        said = _check(tx, queue, request, old, chosen, zone if own_zone else None)
        new = tx.wishes.change(old, _moved(old, chosen, zone, own_zone, said, tx.now))
        tx.trail.add(
            request.id, actor=actor, event=TrailEvent.MOVED, reason=f"wish {new.public_id}"
        )
        messages.moved(tx, new)
        return new


def _require_permitted(
    queue: CallbackQueue, request: Request, wishes: Sequence[Wish], now: datetime
) -> None:
    """It is the company that wants it now: what a customer's own wish permits does not count."""
    for one in (wish for wish in wishes if not wish.asap):
        if not permitted_now(queue, one.customer_zone, request.e164, now):
            raise NotPossibleForStaff(
                "It is too late, or too early, where this customer is. Choose a time."
            )


def _appointment(
    scheduled_for: str | None, zone: str, queue: CallbackQueue, now: datetime
) -> Appointment | None:
    appointment.zone(zone)
    if scheduled_for is None:
        return None
    window = appointment.BookingWindow(days_ahead=queue.slots.days_ahead)
    return appointment.appointment(scheduled_for, zone, now, window)


def _same(old: Wish, chosen: Appointment | None) -> bool:
    if chosen is None:
        return old.asap
    return not old.asap and (old.due_at, old.zone) == (chosen.instant, chosen.zone)


def _check(
    tx: Transaction,
    queue: CallbackQueue,
    request: Request,
    old: Wish,
    chosen: Appointment | None,
    own_zone: str | None,
) -> PromisedWindow | None:
    customer = of_customer(queue, own_zone, request.e164)
    if chosen is None:
        return check_open(tx, queue, customer, request.region)
    said = check_time(queue, customer, chosen.instant, tx.now)
    every, where = queue.slots.every, queue.hours.zone
    has_it = slot_of(old.due_at, every, where) == slot_of(chosen.instant, every, where)
    if old.asap or not has_it:
        take_place(tx, queue, customer, chosen.instant)
    return said


def _moved(
    old: Wish,
    chosen: Appointment | None,
    zone: str,
    own_zone: bool,
    said: PromisedWindow | None,
    now: datetime,
) -> Wish:
    return old.evolve(
        due_at=chosen.instant if chosen else now,
        asap=chosen is None,
        wall_time=chosen.wall_time if chosen else None,
        zone=zone if chosen or own_zone else None,
        own_zone=own_zone,
        tzdata=chosen.tzdata if chosen else None,
        promised_from=said.start if said else None,
        promised_to=said.end if said else None,
        moves=old.moves + 1,
        moved_at=now,
    )
