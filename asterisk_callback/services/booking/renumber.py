"""Another number for a wish. The old request goes on without it, or ends; the wish joins the open
request of the new number, or gets one of its own.

A new request rather than a changed one: the limits count requests by number, and each number that
is asked for must count.
"""

from dataclasses import dataclass

from asterisk_callback.domain import phone
from asterisk_callback.domain.appointment import Appointment
from asterisk_callback.domain.errors import NotPossible
from asterisk_callback.domain.limits import MOST_NUMBERS
from asterisk_callback.domain.phone import PhoneNumber
from asterisk_callback.domain.queue import CallbackQueue, Queues, find_queue
from asterisk_callback.domain.request import Request
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.booking.move import Moved
from asterisk_callback.services.booking.withdraw import leave
from asterisk_callback.services.calling.guard import Client, Guard
from asterisk_callback.services.ports import Store, Transaction
from asterisk_callback.services.requests.following import join, last_over
from asterisk_callback.services.requests.locking import lock_of_wish, refuse_after_gate
from asterisk_callback.services.requests.opening import open_for


@dataclass(frozen=True, kw_only=True, slots=True)
class RenumberService:
    store: Store
    queues: Queues
    guard: Guard

    def renumber(
        self, wish: Wish, typed: str, *, country: str | None = None, actor: str = "customer"
    ) -> Moved:
        """typed, country: as in booking. Time and place in line stay. Returns after the commit.

        The number that it has changes nothing. Raises InvalidNumber, NumberNotAllowed,
        LimitReached, NotPossible (the phone may be ringing, it has ended, or this is one number
        too many), UnknownQueue, StoreUnavailable.
        """
        with self.store.reading() as tx:
            seen = tx.requests.get(wish.request_id)
        queue = find_queue(self.queues, seen.queue if seen else "")
        rules = queue.number_rules(self.guard.rules)
        number = phone.parse(typed, rules, country=country)
        with self.store.writing() as tx:
            client = _client(wish)
            if client is not None and seen is not None and seen.e164 != number.e164:
                # Another number counts like another wish. Before the rows: booking's order.
                self.guard.check_client(tx, client)
            # No other request of this number can begin meanwhile.
            tx.lock(f"wish:{queue.name}:{number.e164}")
            other = _lock_in_order(tx, wish, queue, number)
            request, old = lock_of_wish(tx, wish)
            # First: else whoever has the link could find the number out while it rings.
            refuse_after_gate(tx, request)
            if request.e164 == number.e164:
                return Moved(wish=old, request=request)
            if old.numbers >= MOST_NUMBERS:
                raise NotPossible("The number was changed too often. Ask for a new call.")
            new = self._request(tx, queue, number, old, other, actor)
            changed = old.evolve(
                request_id=new.id,
                numbers=old.numbers + 1,
                former=f"{old.former or ''} {request.id}".strip(),
                joined_at=tx.now,
                after_attempt=last_over(tx, new),
            )
            moved = tx.wishes.change(old, changed)
            left = leave(tx, request, old, actor=actor)
            if any(left.said) and left.said == old.said:
                # They went along: whoever erases the wish leaves nothing of them behind.
                silent = left.evolve(name="", topic="", about="", email="")
                tx.requests.change(left, silent, actor=actor, reason="its texts went along")
            return Moved(wish=moved, request=new)

    def _request(
        self,
        tx: Transaction,
        queue: CallbackQueue,
        number: PhoneNumber,
        wish: Wish,
        other: Request | None,
        actor: str,
    ) -> Request:
        self.guard.check_request(tx, number, other, _client(wish))
        if other is not None:
            return join(tx, other, _appointment(wish), queue, actor)
        return open_for(tx, wish.call, queue, number.e164, number.region, actor=actor)


def _client(wish: Wish) -> Client | None:
    return Client(wish.address, wish.network) if wish.address is not None else None


def _lock_in_order(
    tx: Transaction, wish: Wish, queue: CallbackQueue, number: PhoneNumber
) -> Request | None:
    """Locks both rows, the older one first, so that two who swap numbers don't wait for each other.
    Returns the new number's open request."""
    other = tx.requests.open_for(queue.name, number.e164)
    if other is not None and other.id < wish.request_id:
        tx.requests.lock(other.id)
    tx.requests.lock(wish.request_id)
    if other is None:
        return None
    # It may have ended before its lock was had.
    other = tx.requests.lock(other.id)
    return other if other is not None and other.open else None


def _appointment(wish: Wish) -> Appointment | None:
    if wish.wall_time is None or wish.zone is None:
        return None
    return Appointment(
        instant=wish.due_at,
        wall_time=wish.wall_time,
        zone=wish.zone,
        tzdata=wish.tzdata or "",
    )
