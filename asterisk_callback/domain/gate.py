"""Why the gate may say no, and what each no makes of the callback request: one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from asterisk_callback.domain.disposition import Reaction, RetryAction
from asterisk_callback.domain.phone import PhoneNumber


class RefusalReason(StrEnum):
    """A refusal of the gate. The value is stored with the attempt, and stands in its story."""

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
    NOT_A_CALLING_QUEUE = "not-calling"  # since the claim the queue makes no calls any more
    TRUNK_GONE = "no-trunk"  # since the claim its trunk was taken out of the configuration
    SILENT = "no-gate"  # it did not say it: Asterisk asked, and heard nothing
    PER_SECOND = "per-second"  # a matter of a moment: the attempt stays, the gate is asked again

    @property
    def rule(self) -> "RefusalRule":
        """Its row of TABLE."""
        return TABLE[self]


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusalRule:
    """What follows a refusal, and who is told what of it."""

    agent: str  # The sentence for the agent who pressed "Call back". English: the inside speaks it.
    # What becomes of the request; None: the attempt had ended before, or stays open.
    reaction: Reaction | None = None
    # What the agent on the line hears: one of telephony.contract.PROMPTS.
    prompt: str = "not-now"


def _back(seconds: int = 0) -> Reaction:
    """Back in line at the same place, after a pause."""
    return Reaction(then=RetryAction.BACK, after=timedelta(seconds=seconds))


_OVER = "This call had ended before. Nobody was called."

TABLE: Mapping[RefusalReason, RefusalRule] = {
    RefusalReason.UNKNOWN: RefusalRule(agent=_OVER),
    RefusalReason.USED: RefusalRule(agent=_OVER),
    RefusalReason.ENDED: RefusalRule(agent=_OVER),
    RefusalReason.CANCELLED: RefusalRule(
        agent="The customer cancelled this call.", prompt="cancelled"
    ),
    RefusalReason.TOO_LATE: RefusalRule(
        agent="It took too long, so nobody was called.", reaction=_back(5)
    ),
    RefusalReason.SUPPRESSED: RefusalRule(
        agent="This number is never to be called.", reaction=Reaction(then=RetryAction.FAIL)
    ),
    RefusalReason.NOT_ALLOWED: RefusalRule(
        agent="This number may not be called.", reaction=Reaction(then=RetryAction.FAIL)
    ),
    # Nothing is planned outside the hours, so this is the next opening.
    RefusalReason.OUTSIDE_HOURS: RefusalRule(
        agent="This is outside the hours in which this number may be rung.", reaction=_back()
    ),
    RefusalReason.NUMBER_LIMIT: RefusalRule(
        agent="This number was called as often as it may be in a day.", reaction=_back(3600)
    ),
    RefusalReason.HOUR_LIMIT: RefusalRule(
        agent="As many calls as are allowed in an hour have been made. Try again later.",
        reaction=_back(300),
    ),
    RefusalReason.AT_ONCE: RefusalRule(
        agent="As many calls as are allowed at once are under way. Try again when one has ended.",
        reaction=_back(5),
    ),
    RefusalReason.HELD: RefusalRule(
        agent="Dialling is stopped. The board says why; the request keeps its place.",
        reaction=_back(5),
    ),
    # The request is the team's now, and keeps its place.
    RefusalReason.NOT_A_CALLING_QUEUE: RefusalRule(
        agent="This queue makes no calls any more; the team is told of its requests.",
        reaction=_back(5),
    ),
    RefusalReason.TRUNK_GONE: RefusalRule(
        agent="The trunk for this call was taken out of the configuration. Try again.",
        reaction=_back(5),
    ),
    RefusalReason.SILENT: RefusalRule(
        agent="The callback service did not answer. Nobody was called.", reaction=_back(5)
    ),
    RefusalReason.PER_SECOND: RefusalRule(
        agent="Too many calls began in this second. Try again in a moment."
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class GatePass:
    """The gate's yes: everything the dialplan needs for one ring, and nothing a user typed."""

    number: PhoneNumber
    dial_string: str
    caller_id: str
    ring_for: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class GateRefusal:
    reason: RefusalReason


Answer = GatePass | GateRefusal
