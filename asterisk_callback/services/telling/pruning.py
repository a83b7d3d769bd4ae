"""Pruning: what was told, and what agents asked of their phones, is deleted long after its end."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Protocol, cast

from asterisk_callback.store import SqlStore
from asterisk_callback.store.transaction import SqlTransaction

EVERY = 24 * 3600.0  # seconds


class Pruned(Protocol):
    """A repository whose rows go once they ended long ago."""

    def prune(self, after: int) -> int | None: ...


# By their names in the transaction.
QUEUES = ("messages", "team_notes", "alarm_notices", "member_orders")


@dataclass(kw_only=True, slots=True)
class Pruning:
    """Goes through each of the tables once a day. clock: in seconds, never set back."""

    store: SqlStore
    clock: Callable[[], float] = time.monotonic
    _left: Sequence[str] = field(default=(), init=False)
    _after: int = field(default=0, init=False)
    _next_at: float = field(default=0.0, init=False)

    def work_off(self) -> bool:
        """One small step, each in a transaction of its own. Always False: the others come first,
        and it has all day. Raises StoreUnavailable; then the step is taken again."""
        now = self.clock()
        if not self._left and now >= self._next_at:
            self._left, self._after, self._next_at = QUEUES, 0, now + EVERY
        if self._left:
            with self.store.writing() as tx:
                last = _queue(tx, self._left[0]).prune(self._after)
            if last is None:
                self._left, self._after = self._left[1:], 0
            else:
                self._after = last
        return False


def _queue(tx: SqlTransaction, name: str) -> Pruned:
    return cast(Pruned, attrgetter(name)(tx))
