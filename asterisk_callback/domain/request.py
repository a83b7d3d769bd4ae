"""A callback request: one customer's wish to be called by one callback queue, and the one table of
what may become of it. The store refuses anything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NewType

from asterisk_callback.domain.errors import IllegalTransition

RequestId = NewType("RequestId", int)


class RequestState(StrEnum):
    """Where a callback request stands. The table of moves between them is `transitions.TABLE`."""

    SCHEDULED = "scheduled"  # waits for its due_at: a chosen time, or the pause before a retry
    QUEUED = "queued"  # due: waits in line for an agent
    OFFERED = "offered"  # preview mode: on an agent's console
    IN_PROGRESS = "in_progress"  # an attempt is open
    COMPLETED = "completed"  # agent and customer talked
    FAILED = "failed"  # rings used up, or a cause that no retry fixes
    CANCELLED = "cancelled"  # by the customer or the company
    EXPIRED = "expired"  # its time passed without a ring

    @property
    def is_open(self) -> bool:
        """A call may still come of it."""
        return self not in (
            RequestState.COMPLETED,
            RequestState.FAILED,
            RequestState.CANCELLED,
            RequestState.EXPIRED,
        )

    @property
    def is_waiting(self) -> bool:
        """No agent and no call has it: it can be moved or completed by a write alone."""
        return self in (RequestState.SCHEDULED, RequestState.QUEUED)

    @property
    def is_in_line(self) -> bool:
        """It has a place in line. One on a console keeps its place until a call begins."""
        return self in (RequestState.QUEUED, RequestState.OFFERED)

    @property
    def is_due(self) -> bool:
        """Its time has come: it is in line, or on the way to an agent."""
        return self.is_open and self is not RequestState.SCHEDULED

    @property
    def is_changeable(self) -> bool:
        """It can be moved, renumbered or given away, until its phone may ring."""
        return self.is_open and self is not RequestState.OFFERED

    @property
    def may_expire(self) -> bool:
        """Its time may pass. While an attempt is open, the attempt decides."""
        return self.is_open and self is not RequestState.IN_PROGRESS

    @property
    def ended_without_talk(self) -> bool:
        """We gave it up: nobody talked, and nobody took the wish back."""
        return self in (RequestState.FAILED, RequestState.EXPIRED)

    @property
    def can_be_asked_again(self) -> bool:
        """It ended, and its customer may still want a call."""
        return self.ended_without_talk or self is RequestState.CANCELLED


def state_for(due_at: datetime, now: datetime) -> RequestState:
    """The state of a waiting request that is due at `due_at` (both aware UTC)."""
    return RequestState.QUEUED if due_at <= now else RequestState.SCHEDULED


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One callback request. All instants are aware UTC; `wall_time` and `zone` are the customer's.

    due_at: not before. line_at: the place in line (the original time of the wish; a retry gets a
    new one). expires_at: the end of the promise. rings: attempts so far that rang the customer.
    about: the customer's own note. note: the system's last remark.
    """

    id: RequestId
    queue: str
    e164: str
    region: str
    state: RequestState
    created_at: datetime
    due_at: datetime
    line_at: datetime
    expires_at: datetime
    wall_time: str | None = None
    zone: str | None = None
    tzdata: str | None = None
    name: str = ""
    topic: str = ""
    about: str = ""
    email: str = ""
    locale: str = "en"
    rings: int = 0
    note: str = ""
    ended_at: datetime | None = None

    def __post_init__(self) -> None:
        for field in ("created_at", "due_at", "line_at", "expires_at"):
            require_aware(getattr(self, field), field)

    @property
    def open(self) -> bool:
        return self.state.is_open

    @property
    def said(self) -> tuple[str, str, str]:
        """What the customer told whoever calls; others who wished for it are behind its wishes."""
        return self.name, self.topic, self.about

    def evolve(self, **changes: Any) -> "Request":
        return replace(self, **changes)


def require_aware(moment: datetime, field: str) -> None:
    """Raises ValueError for a naive datetime: a time without a zone is a guess."""
    if moment.tzinfo is None:
        raise ValueError(f"{field} must carry a time zone")


TABLE: Mapping[RequestState, frozenset[RequestState]] = MappingProxyType(
    {
        # released · moved to another time · withdrawn · its time passed (failed if it was rung
        # before) · a bridge whose report came late
        RequestState.SCHEDULED: frozenset(
            {
                RequestState.QUEUED,
                RequestState.SCHEDULED,
                RequestState.CANCELLED,
                RequestState.EXPIRED,
                RequestState.FAILED,
                RequestState.COMPLETED,
            }
        ),
        # claimed · offered to a console · put off by a rule · moved · withdrawn · its time passed ·
        # ended by a rule that the claim asked before any agent was rung · a late bridge
        RequestState.QUEUED: frozenset(
            {
                RequestState.IN_PROGRESS,
                RequestState.OFFERED,
                RequestState.QUEUED,
                RequestState.SCHEDULED,
                RequestState.CANCELLED,
                RequestState.EXPIRED,
                RequestState.FAILED,
                RequestState.COMPLETED,
            }
        ),
        # accepted · refused or timed out · moved · withdrawn · its time passed (failed if it was
        # rung before) · a late bridge
        RequestState.OFFERED: frozenset(
            {
                RequestState.IN_PROGRESS,
                RequestState.QUEUED,
                RequestState.SCHEDULED,
                RequestState.CANCELLED,
                RequestState.EXPIRED,
                RequestState.FAILED,
                RequestState.COMPLETED,
            }
        ),
        # talked · not rung: back in line · retry later · rings used up · withdrawn · too late
        RequestState.IN_PROGRESS: frozenset(
            {
                RequestState.COMPLETED,
                RequestState.QUEUED,
                RequestState.SCHEDULED,
                RequestState.FAILED,
                RequestState.CANCELLED,
                RequestState.EXPIRED,
            }
        ),
        RequestState.COMPLETED: frozenset(),
        # a bridge whose report came late: they did talk, and that is the truth
        RequestState.FAILED: frozenset({RequestState.COMPLETED}),
        RequestState.CANCELLED: frozenset({RequestState.COMPLETED}),
        RequestState.EXPIRED: frozenset({RequestState.COMPLETED}),
    }
)


def check(old: RequestState, new: RequestState) -> None:
    """Raises IllegalTransition unless the table has a row from `old` to `new`."""
    if new not in TABLE[old]:
        raise IllegalTransition(f"a callback request can't go from {old} to {new}")
