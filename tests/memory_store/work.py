"""Is there work, in memory: see the module of that name in store/."""

from collections.abc import Sequence

from asterisk_callback.domain.request import RequestState
from asterisk_callback.domain.work import WorkAtHand
from tests.memory_store.repository import MemoryRepository
from tests.memory_store.requests import is_claimable, is_due, is_late


class MemoryWork(MemoryRepository):
    def at_hand(self, server: str, queues: Sequence[str], most: int) -> WorkAtHand:
        """Nobody here presses a button, and nothing is offered."""
        rows, now = list(self._rows("callback_request")), self.now
        counts = {name: sum(is_claimable(row, name, now) for row in rows) for name in queues}
        waits = (
            row["due_at"]
            for row in rows
            if row["state"] == RequestState.SCHEDULED
            or (row["state"] == RequestState.QUEUED and row["due_at"] > now)
        )
        return WorkAtHand(
            due=any(is_due(row, now) or is_late(row, now) for row in rows),
            in_line={name: min(count, most) for name, count in counts.items() if count},
            held=bool(self.tx.holds.active()),
            to_end=bool(self.tx.attempts.to_hang_up(server)),
            orders=False,
            offers=False,
            next_at=min(waits, default=None),
        )
