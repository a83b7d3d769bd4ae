"""What stands on an agent's console: the offer, from its arrival until it is put away; the wrap-up,
which is what the agent says of a call once it is over; and what an admin sets for both.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NewType

from asterisk_callback.domain.account import UserId
from asterisk_callback.domain.attempt import AttemptId
from asterisk_callback.domain.queue_member import MemberRules
from asterisk_callback.domain.request import RequestId

OfferId = NewType("OfferId", int)


class OfferOutcome(StrEnum):
    """What became of an offer. None of these is a try of the customer's."""

    PASSED_ON = "passed_on"  # the agent refused it
    TIMED_OUT = "timed_out"  # nobody answered it, or it was taken and then nothing happened
    AWAY = "away"  # the console was closed
    ELSEWHERE = "elsewhere"  # a colleague took it first
    WITHDRAWN = "withdrawn"  # the request is no longer to be offered
    DROPPED = "dropped"  # the agent put it back in line
    CANCELLED = "cancelled"  # the agent ended the request without a call
    CALLED = "called"  # it became an attempt


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """One offer to one agent. All instants are aware UTC.

    member: the agent's phone, as Asterisk's queues know it. answer_by: until then it can be taken;
    once taken, until then it must have been called. number: as E.164, chosen at "Call back", and
    asked_at: when that was. refusal: why "Call back" came to nothing, a sentence for the agent.
    cancelled_at: the agent ended the request; the offer stays until it is dropped.
    """

    id: OfferId
    request_id: RequestId
    user_id: UserId
    member: str
    offered_at: datetime
    answer_by: datetime
    taken_at: datetime | None = None
    number: str | None = None
    asked_at: datetime | None = None
    refusal: str = ""
    cancelled_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: OfferOutcome | None = None
    attempt_id: AttemptId | None = None

    @property
    def open(self) -> bool:
        return self.ended_at is None

    def evolve(self, **changes: Any) -> "Offer":
        return replace(self, **changes)


LONGEST_NOTE = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class WrapUp:
    """code: one of the configured wrap-up codes, "" for none. again: the request of the call that
    was agreed on. never: this number is not to be called again. at: aware UTC."""

    attempt_id: AttemptId
    user_id: UserId
    at: datetime
    code: str = ""
    note: str = ""
    again: RequestId | None = None
    never: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsoleRules:
    """wrap_up_codes: what an agent can say of a call. wrap_up_for: how long after it they are
    offered nothing new. cancel_reasons: why a request ends without a call. tell_cancelled: is the
    customer told of that, unless the agent decides otherwise? members: the phones that may be rung
    as an agent's own."""

    wrap_up_codes: tuple[str, ...] = ("Solved", "Needs a follow-up", "Wrong person", "Voicemail")
    wrap_up_for: timedelta = timedelta(seconds=60)
    cancel_reasons: tuple[str, ...] = (
        "Already solved",
        "Asked twice",
        "Wrong department",
        "Not a real request",
    )
    tell_cancelled: bool = True
    members: MemberRules = field(default_factory=MemberRules)
