"""One try to deliver, for each audience alike: what came of it, and who is left alone now."""

import logging
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from asterisk_callback.services.telling.channel import Never, TransportError, TryLater, Unclear

log = logging.getLogger(__name__)

News = TypeVar("News")

# What may have been taken each time is sent so often at most.
UNCLEAR_TRIES = 3


class OurFault(TryLater):
    """It could not be composed or sent for a fault of ours: later it may be fixed."""

    name = "our-fault"


def deliver(send: Callable[[News], None], news: News, what: str) -> TransportError | None:
    """Sends it. Returns what kept it from being taken, or None. what: named in the log.

    A fault of ours in one thing must not keep the others back, so nothing else is raised.
    """
    try:
        send(news)
    except TransportError as error:
        return error
    except Exception as error:
        log.exception("%s could not be made", what)
        return OurFault(type(error).__name__)
    return None


def is_hopeless(error: TransportError, tries: int) -> bool:
    """Is it never tried again? tries: so far."""
    unclear = isinstance(error, Unclear) and tries >= UNCLEAR_TRIES
    return unclear or isinstance(error, Never)


@dataclass(frozen=True, slots=True)
class Rest:
    """until: aware UTC. why: what the far end said, or what kept us from reaching it."""

    until: datetime
    why: str


@dataclass(slots=True)
class Rests:
    """Channels that are left alone for now: a far end that takes nothing is asked by one thing of
    all that waits for it. They are named by any key."""

    _by_channel: dict[Hashable, Rest] = field(default_factory=dict)

    def begin(self, channel: Hashable, rest: Rest) -> None:
        self._by_channel[channel] = rest

    def end(self, channel: Hashable) -> None:
        self._by_channel.pop(channel, None)

    def of(self, channel: Hashable, now: datetime) -> Rest | None:
        """None: it may be asked."""
        rest = self._by_channel.get(channel)
        return rest if rest is not None and rest.until > now else None
