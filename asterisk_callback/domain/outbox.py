"""The rules of an outbox: when it is tried again, and when it is given up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class DeliveryOutcome(StrEnum):
    """How a row of the outbox ended."""

    SENT = "sent"
    DROPPED = "dropped"  # no longer true, or nobody left to tell
    LIMITED = "limited"  # this address got as many as it may in a day
    REFUSED = "refused"  # the far end will never take it
    GAVE_UP = "gave_up"
    OFF = "off"  # no mail is configured


# Somebody was to be told, and will not be.
LOST = (DeliveryOutcome.REFUSED, DeliveryOutcome.GAVE_UP)


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """When something that was not taken is tried again: after `first`, then after twice as long
    each time, at most `longest`; and after `give_up_after` no more, unless it still matters."""

    first: timedelta
    longest: timedelta
    give_up_after: timedelta

    def pause(self, tries: int) -> timedelta:
        """How long to wait after this number of failed tries."""
        doublings = min(max(tries - 1, 0), 20)
        return min(self.first * float(2**doublings), self.longest)

    def next_try(self, tries: int, now: datetime, after: timedelta | None = None) -> datetime:
        """When, after this number of failed tries. after: how long the far end wants to be left
        alone."""
        return now + max(self.pause(tries), after or timedelta())

    def rest_until(self, now: datetime, after: timedelta | None = None) -> datetime:
        """Until when a channel is left alone that took nothing, whatever waits for it: one thing
        that failed often makes no other wait longer. after: as for next_try."""
        return now + max(self.first, after or timedelta())

    def is_over(self, queued_at: datetime, now: datetime) -> bool:
        """It is old news by now. queued_at: since when it was to be told."""
        return now - queued_at >= self.give_up_after


# Who gets a message two days late is misled by it.
TO_CUSTOMERS = RetrySchedule(timedelta(minutes=1), timedelta(hours=6), timedelta(hours=48))
# In notify mode nobody else knows of the wish: while it is open, it is told however late.
TO_TEAMS = RetrySchedule(timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=48))
# While an alarm stands, it is told however late.
TO_OPERATORS = RetrySchedule(timedelta(seconds=10), timedelta(minutes=10), timedelta(hours=48))
