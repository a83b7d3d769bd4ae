"""The trail: what was written down of a request."""

from dataclasses import dataclass
from datetime import datetime

from asterisk_callback.domain.attempt import AttemptId

# The event in the trail by which a customer is told that it was the company who cancelled.
CALLED_OFF = "called_off"


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEntry:
    """One row of the trail that only grows (P15). at: aware UTC."""

    at: datetime
    actor: str
    event: str
    old: str | None
    new: str | None
    reason: str
    attempt_id: AttemptId | None = None
