"""The errors of the domain: each names one fact, what caused it and what fixes it.

`name` is stable and part of the API (it ends the `type` of a problem document); `field` names the
input that a user can correct, or is None. The sentence is written for the person who reads it; it
is kept as a template with its values, so that the edge can say it in the reader's language.
"""

from collections.abc import Sequence
from datetime import datetime

from asterisk_callback.domain.languages import N_


class CallbackError(Exception):
    """Base of every error that a user, an admin or an API client can act on."""

    name = "callback-error"
    field: str | None = None

    def __init__(self, template: str, **values: object) -> None:
        """template: an English sentence, with a {name} for each of the values, if there are any."""
        self.template, self.values = template, values
        self.sentence = template.format(**values) if values else template
        super().__init__(self.sentence)


class InvalidInput(CallbackError):
    """What a user typed can't be used; `field` says where."""

    name = "invalid-input"

    def __init__(self, field: str, template: str, **values: object) -> None:
        super().__init__(template, **values)
        self.field = field


class InvalidNumber(InvalidInput):
    """The text is not a telephone number that can be dialled."""

    name = "invalid-number"

    def __init__(self, template: str, **values: object) -> None:
        super().__init__("phone", template, **values)


class AmbiguousNumber(InvalidNumber):
    """Digits that are one number as they stand and another with a `+` in front. readings: both, in
    international writing, the one with the `+` first."""

    name = "ambiguous-number"

    def __init__(self, readings: Sequence[str]) -> None:
        super().__init__(
            N_(
                "Is that {first}? It could also be {second}. Choose one of them, or type the "
                "number with its + in front."
            ),
            first=readings[0],
            second=readings[1],
        )
        self.readings = tuple(readings)


class NumberNotAllowed(InvalidInput):
    """A number, but one that we do not ring (its kind, its country, or a suppression)."""

    name = "number-not-allowed"

    def __init__(self, template: str, **values: object) -> None:
        super().__init__("phone", template, **values)


class InvalidTime(InvalidInput):
    """The wished time is past, too far ahead, or does not exist on that day."""

    name = "invalid-time"

    def __init__(self, template: str, **values: object) -> None:
        super().__init__("scheduled_for", template, **values)


class SlotTaken(InvalidTime):
    """Somebody else has just booked the last place. nearest: other free times, aware UTC."""

    name = "slot-taken"

    def __init__(self, *, nearest: Sequence[datetime]) -> None:
        super().__init__(N_("This time has just been taken. Choose another one."))
        self.nearest = tuple(nearest)


class NotNow(InvalidTime):
    """As soon as possible can't be had. next_free: the next free times, aware UTC."""

    def __init__(self, template: str, *, next_free: Sequence[datetime]) -> None:
        super().__init__(template)
        self.next_free = tuple(next_free)


class QueueClosed(NotNow):
    name = "queue-closed"

    def __init__(self, *, next_free: Sequence[datetime]) -> None:
        super().__init__(
            N_("We are closed right now. Choose a time for your call."), next_free=next_free
        )


class QueueFull(NotNow):
    name = "queue-full"

    def __init__(self, *, next_free: Sequence[datetime]) -> None:
        super().__init__(
            N_(
                "So many people are in line that we could not call you today. "
                "Choose a time for your call."
            ),
            next_free=next_free,
        )


class NotOffered(CallbackError):
    """The company takes no new wishes just now, for this queue or for all."""

    name = "not-offered"

    def __init__(self) -> None:
        super().__init__(
            N_("We take no new requests for a call just now. Calls that were asked for still come.")
        )


class UnknownQueue(InvalidInput):
    """There is no callback queue of that name."""

    name = "unknown-queue"

    def __init__(self, template: str, **values: object) -> None:
        super().__init__("queue", template, **values)


class LimitReached(CallbackError):
    """Too many wishes for one number or from one address."""

    name = "limit-reached"

    def __init__(self, template: str, *, retry_after: int, **values: object) -> None:
        """`retry_after`: seconds until it is worth asking again (RFC 9110 section 10.2.3)."""
        super().__init__(template, **values)
        self.retry_after = retry_after


class IdempotencyConflict(CallbackError):
    """The same Idempotency-Key came with another body."""

    name = "idempotency-conflict"


class NotFound(CallbackError):
    """Unknown, expired and erased look the same to a stranger."""

    name = "not-found"


class NotPossible(CallbackError):
    """The callback request is in a state in which this can't be done any more."""

    name = "not-possible"


class IllegalTransition(CallbackError):
    """A programming error: the table of transitions has no such row. Never written."""

    name = "illegal-transition"


class StaleWrite(CallbackError):
    """A dispatcher that lost an attempt to another one tried to write to it (P6)."""

    name = "stale-write"


class Occupied(CallbackError):
    """The place of this installation, or of this dispatcher, is taken by another one that lives."""

    name = "occupied"


class DatabaseUnfit(CallbackError):
    """The database is of a kind, or of a version, on which this program can't work."""

    name = "database-unfit"


class StoreUnavailable(CallbackError):
    """The database does not answer in time; nothing was accepted."""

    name = "store-unavailable"


class NotPossibleForStaff(NotPossible):
    """What the company's own people read: the inside speaks English only."""
