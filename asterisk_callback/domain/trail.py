"""The trail: what was written down of a request."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from asterisk_callback.domain.attempt import AttemptId


class TrailEvent(StrEnum):
    """What happened to a request. The values are stored: none is ever changed."""

    REQUEST = "request"  # Made, or changed in a way that has no event of its own.
    ATTEMPT = "attempt"
    CALLED_NEXT = "called next"  # A supervisor put it first in line.
    REASSIGNED = "reassigned"  # To another queue, by a supervisor.
    RETRIED_NOW = "retried now"  # Without the pause, by a supervisor.
    JOINED = "joined"
    DETACHED = "detached"
    MOVED = "moved"
    RETIMED = "retimed"
    ERASED = "erased"
    CANCELLED_BY_COMPANY = "called_off"
    CONTINUED = "wished again"  # In another request, for what was wished during a talk.
    GATE_PASSED = "gate passed"
    GATE_REFUSED = "gate refused"
    OFFER = "offer"
    TAKEN = "taken"
    NUMBER_CHANGED = "number changed"
    NOT_CALLED = "not called"
    WRAPPED_UP = "wrapped up"
    CALLED_AGAIN = "called again"
    SUPPRESSED = "suppressed"


# Until 0.1 what a supervisor did was REQUEST, told by how its reason began. The trail only grows
# (P15), so such rows are read through this table; it is frozen.
_BEFORE = {
    "first in line": TrailEvent.CALLED_NEXT,
    "given to": TrailEvent.REASSIGNED,
    "tried again": TrailEvent.RETRIED_NOW,
}


def event_of(stored: str, old: str | None, reason: str) -> str:
    """Return what a row of the trail is about: a TrailEvent, or what a later version wrote."""
    if stored == TrailEvent.REQUEST and old is not None:
        given = (event for start, event in _BEFORE.items() if reason.startswith(start))
        return next(given, TrailEvent.REQUEST)
    return stored


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEntry:
    """One row of the trail that only grows (P15)."""

    at: datetime  # Aware UTC.
    actor: str
    event: str  # A TrailEvent, a hold's event, or what a later version wrote.
    old: str | None
    new: str | None
    reason: str
    attempt_id: AttemptId | None = None
