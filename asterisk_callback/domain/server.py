"""An Asterisk server as the store knows it, and the dispatcher that serves it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class DispatcherIdentity:
    """A dispatcher: its name and the epoch of its lease."""

    name: str
    epoch: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerHealth:
    """What a dispatcher last said of its Asterisk server. alive_until: the end of its lease."""

    dispatcher: str
    server: str
    epoch: int
    ready: bool
    reason: str
    alive_until: datetime

    def alive(self, now: datetime) -> bool:
        """Does its lease still hold?"""
        return self.alive_until > now

    def ready_now(self, now: datetime) -> bool:
        """Could it place a call now? What one said whose lease has run out counts for nothing."""
        return self.ready and self.alive(now)
