"""Why the gate may say no, and what each no makes of the callback request."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from asterisk_callback.domain.disposition import Reaction, Then
from asterisk_callback.domain.phone import PhoneNumber


class No(StrEnum):
    """A refusal of the gate. The value names the prompt that the agent hears."""

    UNKNOWN = "unknown"  # no such token
    USED = "used"  # this token has had its yes
    ENDED = "ended"  # the attempt was closed before
    TOO_LATE = "late"  # gate_by has passed
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"
    NOT_ALLOWED = "not-allowed"
    OUTSIDE_HOURS = "hours"  # of the queue, or of the customer
    NUMBER_LIMIT = "limit"
    HOUR_LIMIT = "full"
    AT_ONCE = "at-once"
    HELD = "held"  # somebody stopped dialling
    SILENT = "no-gate"  # it did not say it: Asterisk asked, and heard nothing
    PER_SECOND = "per-second"  # a matter of a moment: the attempt stays, the gate is asked again


# The rules that the claim asks too, so that no agent is rung for nothing, and what follows a no.
AFTER: Mapping[No, Reaction] = {
    No.TOO_LATE: Reaction(then=Then.BACK, after=timedelta(seconds=5)),
    No.SUPPRESSED: Reaction(then=Then.FAIL),
    No.NOT_ALLOWED: Reaction(then=Then.FAIL),
    # Nothing is planned outside the hours, so this is the next opening.
    No.OUTSIDE_HOURS: Reaction(then=Then.BACK),
    No.NUMBER_LIMIT: Reaction(then=Then.BACK, after=timedelta(hours=1)),
    No.HOUR_LIMIT: Reaction(then=Then.BACK, after=timedelta(minutes=5)),
    No.HELD: Reaction(then=Then.BACK, after=timedelta(seconds=5)),
    No.AT_ONCE: Reaction(then=Then.BACK, after=timedelta(seconds=5)),
    No.SILENT: Reaction(then=Then.BACK, after=timedelta(seconds=5)),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Passed:
    """The gate's yes: everything the dialplan needs for one ring, and nothing a user typed."""

    number: PhoneNumber
    dial_string: str
    caller_id: str
    ring_for: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    reason: No


Answer = Passed | Refused


SENTENCES = {
    No.HELD: "Dialling is stopped. The board says why; the request keeps its place.",
    No.OUTSIDE_HOURS: "This is outside the hours in which this number may be rung.",
    No.SUPPRESSED: "This number is never to be called.",
    No.NOT_ALLOWED: "This number may not be called.",
    No.NUMBER_LIMIT: "This number was called as often as it may be in a day.",
    No.HOUR_LIMIT: "As many calls as are allowed in an hour have been made. Try again later.",
    No.AT_ONCE: "As many calls as are allowed at once are under way. Try again when one has ended.",
}
