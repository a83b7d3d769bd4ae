"""Availability: what a queue can offer right now, for the form and the API."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from asterisk_callback.domain import appointment
from asterisk_callback.domain.calling_hours import customer_hours
from asterisk_callback.domain.expected_time import ExpectedRange
from asterisk_callback.domain.hold import HoldKind, over
from asterisk_callback.domain.queue import CallbackQueue, Queues, find_queue
from asterisk_callback.domain.slots import DayOfSlots, FreeSlot, by_day, slot
from asterisk_callback.services.booking.places import OFFERED, places
from asterisk_callback.services.ports import Store, Transaction
from asterisk_callback.services.status.line import line_of
from asterisk_callback.services.status.serving import Stop


class QueueState(StrEnum):
    """open: a wish for as soon as possible is taken. The others take only chosen times, but for
    `paused`: wishes are taken, and called when dialling goes on; and `not_offered`: none are."""

    OPEN = "open"
    CLOSED = "closed"
    FULL = "full"
    PAUSED = "paused"
    NOT_OFFERED = "not_offered"


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueAvailability:
    """zone: the reader's, in which days and wall times are. opens_at: when it opens next, if it is
    closed. expected: when who joins the line now is called; None where nobody can say. stop: why
    nobody is called just now; None where calls go out, or where only chosen times are taken.
    next_free: the next few slots that can be booked; days: all slots on offer, the full ones too.
    There are none where nothing can be booked."""

    queue: CallbackQueue
    state: QueueState
    zone: str
    opens_at: datetime | None
    expected: ExpectedRange | None
    stop: Stop | None
    next_free: tuple[FreeSlot, ...]
    days: tuple[DayOfSlots, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Availability:
    store: Store
    queues: Queues
    home_zone: str

    def of(
        self, queue_name: str, zone: str | None = None, *, moving: bool = False
    ) -> QueueAvailability:
        """zone: the reader's IANA zone, in which the permitted hours are judged; None: the
        company's. moving: for a wish that there is, which may be moved while no new ones are taken.
        Raises UnknownQueue, InvalidInput for an unknown zone, StoreUnavailable."""
        queue = find_queue(self.queues, queue_name)
        shown = zone or self.home_zone
        appointment.zone(shown)
        with self.store.reading() as tx:
            if not moving and over(tx.holds.active(HoldKind.INTAKE), queue.name) is not None:
                return _nothing(queue, shown, tx.now)
            customer = customer_hours((shown,), queue.permitted) if queue.permitted else ()
            slots = [slot(start, shown, free) for start, free in places(tx, queue, customer)]
            free = [one for one in slots if not one.full]
            line = line_of(tx, queue)
            state = _state(tx, queue, line.full)
            is_open = state is QueueState.OPEN
            return QueueAvailability(
                queue=queue,
                state=state,
                zone=shown,
                opens_at=_opens_at(queue, tx.now),
                expected=line.expected() if is_open else None,
                stop=line.stopped.stop if is_open and line.stopped else None,
                next_free=tuple(free[:OFFERED]),
                days=by_day(slots) if free else (),
            )


def _nothing(queue: CallbackQueue, zone: str, now: datetime) -> QueueAvailability:
    """No new wishes are taken."""
    return QueueAvailability(
        queue=queue,
        state=QueueState.NOT_OFFERED,
        zone=zone,
        opens_at=_opens_at(queue, now),
        expected=None,
        stop=None,
        next_free=(),
        days=(),
    )


def _state(tx: Transaction, queue: CallbackQueue, full: bool) -> QueueState:
    if not queue.hours.is_open(tx.now):
        return QueueState.CLOSED
    if over(tx.holds.active(), queue.name) is not None:
        return QueueState.PAUSED
    return QueueState.FULL if full else QueueState.OPEN


def _opens_at(queue: CallbackQueue, now: datetime) -> datetime | None:
    return None if queue.hours.is_open(now) else queue.hours.next_opening(now)
