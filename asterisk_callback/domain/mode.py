"""How a callback queue's wishes are kept: data that an admin configures."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


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
