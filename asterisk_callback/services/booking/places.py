"""Places: which chosen times may be booked, and who gets the last place of a slot.

Counted are the standing wishes of open requests that chose a time in the slot, each by itself,
also where two of them share a request: else a stranger could tell from a full slot whether a number
has a call in it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from asterisk_callback.domain.errors import InvalidTime, QueueClosed, QueueFull, SlotTaken
from asterisk_callback.domain.opening_hours import Hours
from asterisk_callback.domain.queue import CallbackQueue
from asterisk_callback.domain.slots import nearest, slot_of, starts, window
from asterisk_callback.domain.wish import PromisedWindow
from asterisk_callback.services.ports import Transaction
from asterisk_callback.services.status.line import line_of

Place = tuple[datetime, int | None]
# So many other times are offered in place of one that can't be had.
OFFERED = 3


def check_time(
    queue: CallbackQueue, customer: Sequence[Hours], instant: datetime, now: datetime
) -> PromisedWindow:
    """The slot's time, which is what can be said of when the call comes. Raises InvalidTime unless
    this queue calls at that time, and the customer may be rung then.

    customer: the hours permitted there.
    """
    if queue.slots.notice and instant < queue.slots.earliest(now):
        raise InvalidTime(
            "This is too soon. Choose a time at least {minutes} minutes from now.",
            minutes=-(-queue.slots.notice // timedelta(minutes=1)),
        )
    if not queue.hours.is_open(instant):
        raise InvalidTime("We are closed at this time. Choose one of the times that we offer.")
    if not all(hours.is_open(instant) for hours in customer):
        raise InvalidTime(
            "This is outside the hours in which we may ring you. Choose a time between "
            "{start} and {end} where you are.",
            start=str(queue.permitted).partition("-")[0],
            end=str(queue.permitted).partition("-")[2],
        )
    return window(instant, queue.slots)


def take_place(
    tx: Transaction, queue: CallbackQueue, customer: Sequence[Hours], instant: datetime
) -> None:
    """Holds the slot until the end of the transaction, in which the wish is written.

    A counter's lock: taken after the request's row and the number. Raises SlotTaken with other
    times if it is full.
    """
    if queue.slots.capacity is None:
        return
    start = slot_of(instant, queue.slots.every, queue.hours.zone)
    tx.lock(f"slot:{queue.name}:{start.isoformat()}")
    refuse_full(tx, queue, customer, instant)


def refuse_full(
    tx: Transaction, queue: CallbackQueue, customer: Sequence[Hours], instant: datetime
) -> None:
    """Raises SlotTaken if the slot is full as far as can be seen without its lock."""
    if queue.slots.capacity is None:
        return
    start = slot_of(instant, queue.slots.every, queue.hours.zone)
    if (
        len(tx.wishes.booked_times(queue.name, start, start + queue.slots.every))
        < queue.slots.capacity
    ):
        return
    free = tuple(_free(tx, queue, customer))
    raise SlotTaken(nearest=nearest(instant, free, OFFERED))


def check_open(
    tx: Transaction, queue: CallbackQueue, customer: Sequence[Hours], region: str
) -> PromisedWindow | None:
    """When who joins the line now is called, as far as anybody can say. region: the country of
    their number. Raises QueueClosed or QueueFull, with other times, unless a wish
    for as soon as possible can be kept today."""
    if not queue.hours.is_open(tx.now):
        raise QueueClosed(next_free=next_free(tx, queue, customer))
    line = line_of(tx, queue, region)
    if line.full:
        raise QueueFull(next_free=next_free(tx, queue, customer))
    expected = line.expected()
    return PromisedWindow(expected.earliest, expected.latest) if expected else None


def places(tx: Transaction, queue: CallbackQueue, customer: Sequence[Hours]) -> Iterator[Place]:
    """The slots on offer now, in order, with their free places: 0 where it is full, None for any
    number."""
    rules, zone = queue.slots, queue.hours.zone
    since, until = rules.earliest(tx.now), rules.latest(tx.now)
    booked = tx.wishes.booked_times(queue.name, since - rules.every, until + rules.every)
    taken = Counter(slot_of(instant, rules.every, zone) for instant in booked)
    for start in starts(queue.hours, rules, since, until, tuple(customer)):
        yield start, None if rules.capacity is None else max(0, rules.capacity - taken[start])


def next_free(
    tx: Transaction, queue: CallbackQueue, customer: Sequence[Hours]
) -> tuple[datetime, ...]:
    """The next few that can be booked."""
    return tuple(islice(_free(tx, queue, customer), OFFERED))


def _free(tx: Transaction, queue: CallbackQueue, customer: Sequence[Hours]) -> Iterator[datetime]:
    return (start for start, free in places(tx, queue, customer) if free != 0)
