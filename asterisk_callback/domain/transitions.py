"""The one table of what may become of a callback request. The store refuses anything else."""

from collections.abc import Mapping
from types import MappingProxyType

from asterisk_callback.domain.errors import IllegalTransition
from asterisk_callback.domain.request import RequestState as S

TABLE: Mapping[S, frozenset[S]] = MappingProxyType(
    {
        # released · moved to another time · withdrawn · its time passed (failed if it was rung
        # before) · a bridge whose report came late
        S.SCHEDULED: frozenset(
            {S.QUEUED, S.SCHEDULED, S.CANCELLED, S.EXPIRED, S.FAILED, S.COMPLETED}
        ),
        # claimed · offered to a console · put off by a rule · moved · withdrawn · its time passed ·
        # ended by a rule that the claim asked before any agent was rung · a late bridge
        S.QUEUED: frozenset(
            {
                S.IN_PROGRESS,
                S.OFFERED,
                S.QUEUED,
                S.SCHEDULED,
                S.CANCELLED,
                S.EXPIRED,
                S.FAILED,
                S.COMPLETED,
            }
        ),
        # accepted · refused or timed out · moved · withdrawn · its time passed (failed if it was
        # rung before) · a late bridge
        S.OFFERED: frozenset(
            {
                S.IN_PROGRESS,
                S.QUEUED,
                S.SCHEDULED,
                S.CANCELLED,
                S.EXPIRED,
                S.FAILED,
                S.COMPLETED,
            }
        ),
        # talked · not rung: back in line · retry later · rings used up · withdrawn · too late
        S.IN_PROGRESS: frozenset(
            {S.COMPLETED, S.QUEUED, S.SCHEDULED, S.FAILED, S.CANCELLED, S.EXPIRED}
        ),
        S.COMPLETED: frozenset(),
        # a bridge whose report came late: they did talk, and that is the truth
        S.FAILED: frozenset({S.COMPLETED}),
        S.CANCELLED: frozenset({S.COMPLETED}),
        S.EXPIRED: frozenset({S.COMPLETED}),
    }
)


def check(old: S, new: S) -> None:
    """Raises IllegalTransition unless the table has a row from `old` to `new`."""
    if new not in TABLE[old]:
        raise IllegalTransition(f"a callback request can't go from {old} to {new}")
