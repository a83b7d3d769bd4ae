"""Asking once more for a request that ended without a talk: a new one, as soon as possible."""

from collections.abc import Sequence

from asterisk_callback.domain.calling_hours import permitted_now
from asterisk_callback.domain.errors import NotPossibleForStaff
from asterisk_callback.domain.keyed_hash import is_erased
from asterisk_callback.domain.request import Request, RequestId
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.booking.booking import Booking, BookingResult, Origin, Submission


def ask_again(booking: Booking, request_id: RequestId, *, scope: str, actor: str) -> BookingResult:
    """Booked by the same rules as a wish from the form, also while callbacks are not offered to
    others. scope: as in Origin. Raises NotPossible for one that is open, completed or erased, and
    what Booking.submit raises."""
    with booking.store.reading() as tx:
        found = tx.requests.get(request_id)
        wishes = tx.wishes.of(request_id)
        now = tx.now
    if found is None or not found.state.can_be_asked_again:
        raise NotPossibleForStaff(
            "Only one that failed, expired or was cancelled can be asked for again."
        )
    if is_erased(found.e164):
        raise NotPossibleForStaff(
            f"The number of callback request {found.id} was erased: nobody knows it."
        )
    zone = _zone_of(found, wishes)
    queue = booking.queues.get(found.queue)
    if queue is not None and not permitted_now(queue, zone, found.e164, now):
        raise NotPossibleForStaff(
            "It is too late, or too early, where this customer is. Choose a time."
        )
    return booking.submit(_the_same(found, zone), Origin(scope=scope, actor=actor, own=True))


def _zone_of(found: Request, wishes: Sequence[Wish]) -> str | None:
    """The own zone of the customer whose texts the request has; of nobody who joined them."""
    theirs = [one for one in wishes if one.erased_at is None and one.said == found.said]
    return next((one.customer_zone for one in theirs if one.customer_zone), None)


def _the_same(found: Request, zone: str | None) -> Submission:
    return Submission(
        time_zone=zone,
        phone=found.e164,
        queue=found.queue,
        name=found.name,
        topic=found.topic,
        about=found.about,
        email=found.email,
        locale=found.locale,
    )
