"""May this request be called now, and when else? (P9) Asked by the claim, the gate, and whatever
plans a next try: opening hours of the queue, and permitted hours where the customer is."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from asterisk_callback.domain.calling_hours import customer_hours, zones_of
from asterisk_callback.domain.opening_hours import Hours, next_open
from asterisk_callback.domain.queue import CallbackQueue
from asterisk_callback.domain.request import Request
from asterisk_callback.domain.wish import Wish, deciding, standing
from asterisk_callback.services.ports import Transaction

# Who asks for a call as soon as possible permits it for so long, whatever the clock says there.
ASAP_PERMITS = timedelta(hours=2)


def allowed(
    tx: Transaction, queue: CallbackQueue, request: Request, alone: Wish | None = None
) -> bool:
    """Is the queue open now, and may the customer be rung? alone: as in next_allowed."""
    if not queue.hours.is_open(tx.now):
        return False
    return next_allowed(tx, queue, request, tx.now, alone) == tx.now


def next_allowed(
    tx: Transaction,
    queue: CallbackQueue,
    request: Request,
    at: datetime,
    alone: Wish | None = None,
) -> datetime | None:
    """The first instant from `at` on at which the request may be called; None if there is none
    within the next year. alone: judged as if no other wish stood behind the request."""
    opens = queue.hours.next_opening(at)
    if opens is None or queue.permitted is None:
        return opens
    wishes = [alone] if alone else tx.wishes_of(request.id)
    if opens < _asap_until(standing(wishes)):
        return opens
    decides = deciding(wishes)
    own = decides.customer_zone if decides is not None else None
    return next_open([queue.hours, *of_customer(queue, own, request.e164)], at)


def permitted_now(queue: CallbackQueue, own_zone: str | None, e164: str, now: datetime) -> bool:
    """May the customer be rung now, and as long as a wish for as soon as possible permits it? Asked
    where it is the company that wants such a call, which by itself permits nothing."""
    customer = of_customer(queue, own_zone, e164)
    until = now + ASAP_PERMITS - timedelta(minutes=1)
    return all(hours.is_open(now) and hours.is_open(until) for hours in customer)


def of_customer(queue: CallbackQueue, own_zone: str | None, e164: str) -> tuple[Hours, ...]:
    """The hours in which this customer may be rung, all at once.

    own_zone: what the browser or the API said; without it every zone in which the number may be
    must permit, and the queue's own where that is not known.
    """
    if queue.permitted is None:
        return ()
    zones = (own_zone,) if own_zone else zones_of(e164, queue.home) or (queue.hours.zone,)
    return customer_hours(zones, queue.permitted)


def _asap_until(wishes: Iterable[Wish]) -> datetime:
    ends = [wish.due_at + ASAP_PERMITS for wish in wishes if wish.asap]
    return max(ends, default=datetime.min.replace(tzinfo=UTC))
