"""A hold: somebody, or a restored backup, stopped something, in all or for one callback queue."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

EVERYTHING = ""


class HoldKind(StrEnum):
    """What is stopped. dialling: nobody is called. intake: callbacks are not offered, so no new
    wishes are taken; those that there are go on being called."""

    DIALLING = "dialling"
    INTAKE = "intake"


_WHAT = {HoldKind.DIALLING: "calls", HoldKind.INTAKE: "new wishes"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """scope: a callback queue's name, or EVERYTHING. since: aware UTC. reason: for the company."""

    scope: str
    since: datetime
    actor: str
    reason: str = ""
    kind: HoldKind = HoldKind.DIALLING

    def __str__(self) -> str:
        return f"{named(self.kind, self.scope)} are stopped by {self.actor}" + (
            f": {self.reason}" if self.reason else ""
        )


def named(kind: HoldKind, scope: str) -> str:
    """What a hold stops, in words: all calls, calls of 'sales', new wishes for 'sales'."""
    if not scope:
        return f"all {_WHAT[kind]}"
    return f"{_WHAT[kind]} {'of' if kind is HoldKind.DIALLING else 'for'} {scope!r}"


def over(holds: Iterable[Hold], queue: str) -> Hold | None:
    """The hold that stops this callback queue, the widest first; None if there is none. holds: all
    of one kind."""
    stopping = [hold for hold in holds if hold.scope in (EVERYTHING, queue)]
    return min(stopping, key=lambda hold: hold.scope, default=None)
