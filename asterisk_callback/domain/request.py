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
    FAILED = "failed"  # rings used up, or a cause that no retry mends
    CANCELLED = "cancelled"  # by the customer or the company
    EXPIRED = "expired"  # its time passed without a ring


ENDED = frozenset(
    {RequestState.COMPLETED, RequestState.FAILED, RequestState.CANCELLED, RequestState.EXPIRED}
)
OPEN = frozenset(RequestState) - ENDED


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
        return self.state in OPEN

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
