"""What queues.conf says of an Asterisk queue and no event of AMI does.

Asked in our own dialplan, which needs no right: an Originate to CONTEXT_FACTS, answered by a
UserEvent. A realtime queue is not in the file, so nothing is known of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from asterisk_callback.telephony import aside, contract

Event = Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueRules:
    """rings_idle_only: ringinuse=no is known, so that whoever is on a call is not rung (Asterisk's
    default is yes). wrap_up: seconds after a call of this queue in which its agent is not rung."""

    rings_idle_only: bool = False
    wrap_up: int = 0


UNKNOWN = QueueRules()


def question(asterisk_queue: str, instance: str = "") -> aside.Fields:
    """The Originate's fields. instance: our name among several."""
    channel = f"Local/{contract.EXTEN_FACTS}@{contract.CONTEXT_FACTS}/n"
    return aside.lines(channel, instance, f"{contract.VAR_QUEUE}={asterisk_queue}")


def answer(event: Event) -> tuple[str, QueueRules, int] | None:
    """The queue's name, its rules and Asterisk's clock (Unix seconds); None for other events."""
    if event.get("UserEvent") != contract.EVENT_FACTS:
        return None
    rules = QueueRules(
        # As app_queue reads it: whatever is not a yes is a no (ast_true).
        rings_idle_only=_is_no(event.get("RingInUse", "")),
        wrap_up=number(event.get("WrapUp", "")),
    )
    return event.get("Queue", ""), rules, number(event.get("Now", ""))


def _is_no(text: str) -> bool:
    return bool(text) and text.lower() not in ("yes", "true", "y", "t", "1", "on")


def number(text: str) -> int:
    """What Asterisk counts; 0 for what is no number."""
    return int(text) if text.isascii() and text.isdigit() else 0
