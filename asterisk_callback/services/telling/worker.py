"""The worker: whatever is to be told to whomever is taken, tried and ended by this loop.

What is to be told is claimed for a while in one transaction, sent without any, and ended in a
second one. Whoever dies in between leaves a claim that ends by itself, and it goes out again under
the same id: a duplicate that a receiver can recognise, rather than a loss.

An audience (customers, teams, operators) says what is due and what is still true of it, and writes
down what came of it: in its own table, since each hangs on another parent (decision 0017).
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from asterisk_callback.services.telling.channel import ServerAway, TransportError
from asterisk_callback.services.telling.delivery import Rest, Rests, deliver, is_hopeless

log = logging.getLogger(__name__)

# Longer than one delivery may take (the channel's own deadline), so that no two do the same.
LEASE = timedelta(minutes=5)

Row = TypeVar("Row")
News = TypeVar("News")


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken(Generic[Row, News]):
    """A row that is claimed, with what it tells."""

    row: Row
    news: News
    send: Callable[[News], None]  # Raises a TransportError.
    what: str  # Named in the log.
    tries: int  # With this one.
    channel: Hashable  # What is left alone if it takes nothing.


class Worker(ABC, Generic[Row, News]):
    """Tells one audience, one thing after the other. A channel that hangs holds back what is told
    by this worker: each that must not wait for it has a worker of its own
    (bootstrap.outbox_threads)."""

    __slots__ = ()
    _rests: Rests  # Channels that are away, or asked to be left alone.

    def work_off(self) -> bool:
        """Tells what waits longest. True if there may be more. Raises StoreUnavailable; what was
        told and could not be ended is told once more."""
        taken = self._take()
        if not isinstance(taken, bool):
            self._deliver(taken)
            return True
        return taken

    @abstractmethod
    def _take(self) -> Taken[Row, News] | bool:
        """The next that is due, for this worker alone until the lease ends. False: there is none.
        True: one ended, or was put off, without being sent."""

    @abstractmethod
    def _sent(self, taken: Taken[Row, News]) -> None:
        """Ends what was taken by the far end."""

    @abstractmethod
    def _refused(self, taken: Taken[Row, News], why: str) -> None:
        """Ends what will never be taken."""

    @abstractmethod
    def _later(self, taken: Taken[Row, News], error: TransportError) -> datetime:
        """Puts it off, or gives it up. Returns until when (aware UTC) its channel rests, if it is
        the channel that takes nothing."""

    def _is_final(self, taken: Taken[Row, News], error: TransportError) -> bool:
        """Is it never tried again, although the error alone does not say so?"""
        return False

    def _is_of_channel(self, error: TransportError) -> bool:
        """Would the channel take nothing else either?"""
        return isinstance(error, ServerAway) or error.after is not None

    def _deliver(self, taken: Taken[Row, News]) -> None:
        error = deliver(taken.send, taken.news, taken.what)
        if error is None:
            self._rests.end(taken.channel)
            self._sent(taken)
            log.info("%s was sent", taken.what)
        elif is_hopeless(error, taken.tries) or self._is_final(taken, error):
            log.warning("%s will never be sent: %s", taken.what, error.sentence)
            self._refused(taken, error.sentence)
        else:
            log.warning("%s was not sent: %s", taken.what, error.sentence)
            until = self._later(taken, error)
            if self._is_of_channel(error):
                self._rests.begin(taken.channel, Rest(until, error.sentence))
