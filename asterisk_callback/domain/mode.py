"""How a callback queue's wishes are kept: data that an admin configures."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from asterisk_callback.domain.queue_member import MemberRules


class Mode(StrEnum):
    """The delivery mode of a callback queue, and of an attempt that was made in it."""

    AGENT_FIRST = "agent_first"  # an agent is on the line before the customer's phone rings
    CUSTOMER_FIRST = "customer_first"  # rung while an agent is free, then first in the queue
    PREVIEW = "preview"  # offered to an agent, who calls
    NOTIFY = "notify"  # no call: somebody is told


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerFirst:
    """What customer-first does with a customer who answered.

    confirm: they press 1 before they stand in the Asterisk queue. detect_machine: what an answering
    machine took gets the disposition `machine`; machine_message: sound file(s) played to it, none
    if empty. hold_for: how long they wait for an agent at most. priority: their place in the
    Asterisk queue (QUEUE_PRIO; live callers have 0). keep_free: so many free agents are left to
    live callers.
    """

    confirm: bool = False
    detect_machine: bool = False
    machine_message: str = ""
    hold_for: timedelta = timedelta(minutes=2)
    priority: int = 10
    keep_free: int = 0


class OfferTo(StrEnum):
    """Whose consoles ring: that of the agent who has waited longest, or those of all free ones."""

    ONE = "one"
    ALL = "all"


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
