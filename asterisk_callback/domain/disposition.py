"""How an attempt ended, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Disposition(StrEnum):
    """The system's verdict on an attempt that ended."""

    ANSWERED = "answered"  # agent and customer were bridged
    NO_AGENT = "no_agent"  # the Asterisk queue ended without anybody to ring
    AGENT_NO_ANSWER = "agent_no_answer"  # agents were rung, none answered
    AGENT_REJECTED = "agent_rejected"  # agents declined
    AGENT_GONE = "agent_gone"  # the agent hung up before the customer was dialled
    REFUSED = "refused"  # the gate said no
    BUSY = "busy"
    NO_ANSWER = "no_answer"  # it rang, nobody answered
    MACHINE = "machine"
    REJECTED = "rejected"  # the customer declined the call
    ABANDONED = "abandoned"  # the agent gave up while it rang; or they answered, and no agent came
    INVALID_NUMBER = "invalid_number"
    TRUNK_FAULT = "trunk_fault"  # the line's fault, not the customer's
    CONGESTION = "congestion"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"  # past the gate, and the outcome was lost: counts as a ring


class Then(StrEnum):
    """The kind of reaction."""

    COMPLETE = "complete"
    FAIL = "fail"
    CANCEL = "cancel"
    RETRY = "retry"  # the customer was rung: again after a pause, at a new place in line
    BACK = "back"  # the customer was not rung: back in line at the same place


@dataclass(frozen=True, kw_only=True, slots=True)
class Reaction:
    """after: the pause before the next claim. limit: rings in all, over every disposition.

    repeated: the pause from the second such attempt in a row on; grows: double the pause with each
    one in a row, up to `repeated`. keep_place: a retry that does not lose its place in line.
    """

    then: Then
    after: timedelta = timedelta(0)
    limit: int | None = None
    repeated: timedelta | None = None
    grows: bool = False
    keep_place: bool = False


Reactions = Mapping[Disposition, Reaction]


def _seconds(value: int) -> timedelta:
    return timedelta(seconds=value)


def _minutes(value: int) -> timedelta:
    return timedelta(minutes=value)


DEFAULT: Reactions = {
    Disposition.ANSWERED: Reaction(then=Then.COMPLETE),
    Disposition.NO_AGENT: Reaction(then=Then.BACK, after=_seconds(5)),
    Disposition.AGENT_NO_ANSWER: Reaction(then=Then.BACK, after=_seconds(5)),
    Disposition.AGENT_REJECTED: Reaction(then=Then.BACK, after=_seconds(5)),
    # Who hangs up has said no: the others are rung at once, but only once at once.
    Disposition.AGENT_GONE: Reaction(then=Then.BACK, repeated=_seconds(30)),
    Disposition.REFUSED: Reaction(then=Then.BACK, after=_seconds(5), repeated=_seconds(30)),
    Disposition.BUSY: Reaction(then=Then.RETRY, after=_minutes(5), limit=3),
    Disposition.NO_ANSWER: Reaction(then=Then.RETRY, after=_minutes(15), limit=3),
    Disposition.MACHINE: Reaction(then=Then.RETRY, after=_minutes(60), limit=2),
    Disposition.REJECTED: Reaction(then=Then.FAIL),
    Disposition.ABANDONED: Reaction(then=Then.RETRY, after=_minutes(5), limit=3, keep_place=True),
    Disposition.INVALID_NUMBER: Reaction(then=Then.FAIL),
    Disposition.TRUNK_FAULT: Reaction(
        then=Then.BACK, after=_seconds(30), repeated=_minutes(10), grows=True
    ),
    Disposition.CONGESTION: Reaction(
        then=Then.BACK, after=_seconds(30), repeated=_minutes(10), grows=True
    ),
    Disposition.CANCELLED: Reaction(then=Then.CANCEL),
    Disposition.UNKNOWN: Reaction(then=Then.RETRY, after=_minutes(15), limit=3),
}
