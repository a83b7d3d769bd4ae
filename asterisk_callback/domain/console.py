"""An offer: a callback request on an agent's console, from its arrival until it is put away."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NewType

from asterisk_callback.domain.account import UserId
from asterisk_callback.domain.attempt import AttemptId
from asterisk_callback.domain.queue_member import MemberRules
from asterisk_callback.domain.request import RequestId

OfferId = NewType("OfferId", int)


class OfferTo(StrEnum):
    """Whose consoles ring: that of the agent who has waited longest, or those of all free ones."""

    ONE = "one"
    ALL = "all"


class OfferEnd(StrEnum):
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
    outcome: OfferEnd | None = None
    attempt_id: AttemptId | None = None

    @property
    def open(self) -> bool:
        return self.ended_at is None

    def evolve(self, **changes: Any) -> "Offer":
        return replace(self, **changes)


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """How a callback queue in preview mode offers. offer_for: how long a console rings before the
    next one's turn. work_for: how long an agent may keep what they took without calling. own_for:
    how long the agent's own phone rings at "Call back". wrap_up_for: how long after a call they are
    offered nothing new, members: the phones that may be rung as an agent's own (both are set for
    all queues at once, and stand here for whoever asks who can serve this one)."""

    offer_to: OfferTo = OfferTo.ONE
    offer_for: timedelta = timedelta(seconds=20)
    work_for: timedelta = timedelta(minutes=10)
    own_for: timedelta = timedelta(seconds=20)
    wrap_up_for: timedelta = timedelta(seconds=60)
    members: MemberRules = field(default_factory=MemberRules)
