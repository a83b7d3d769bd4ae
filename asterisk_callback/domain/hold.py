"""A hold: somebody, or a restored backup, stopped all calls, or those of one callback queue."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

EVERYTHING = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """scope: a callback queue's name, or EVERYTHING. since: aware UTC. reason: for the company."""

    scope: str
    since: datetime
    actor: str
    reason: str = ""

    def __str__(self) -> str:
        what = f"calls of {self.scope!r} are" if self.scope else "all calls are"
        return f"{what} stopped by {self.actor}" + (f": {self.reason}" if self.reason else "")


def over(holds: Iterable[Hold], queue: str) -> Hold | None:
    """The hold that stops this callback queue, the widest first; None if it may dial."""
    stopping = [hold for hold in holds if hold.scope in (EVERYTHING, queue)]
    return min(stopping, key=lambda hold: hold.scope, default=None)
