"""The rules of an outbox: when it is tried again, and when it is given up."""

from datetime import datetime, timedelta
from enum import StrEnum

from asterisk_callback.domain.customer_message import Message


class Outcome(StrEnum):
    """How a row of the outbox ended."""

    SENT = "sent"
    DROPPED = "dropped"  # no longer true, or nobody left to tell
    LIMITED = "limited"  # this address got as many as it may in a day
    REFUSED = "refused"  # the mail server will never take it
    GAVE_UP = "gave_up"
    OFF = "off"  # no mail is configured


# For so long a message is tried again; then it is old news.
GIVE_UP_AFTER = timedelta(hours=48)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)


def pause(tries: int, longest: timedelta = _LONGEST_PAUSE) -> timedelta:
    """How long to wait after so many tries in vain: a minute, doubled each time, at most 6 h."""
    doublings = min(max(tries - 1, 0), 20)
    return min(_FIRST_PAUSE * float(2**doublings), longest)


def too_old(message: Message, now: datetime) -> bool:
    return now - message.due_at >= GIVE_UP_AFTER
