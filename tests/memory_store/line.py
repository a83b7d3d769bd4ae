"""The waiting line in memory: see the module of that name in store/."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.domain.wish import Wish
from tests.memory_store.made import to_wish
from tests.memory_store.repository import MemoryRepository
from tests.memory_store.tables import Row


class MemoryLine(MemoryRepository):
    def ahead_of(self, request: Request) -> int:
        return sum(
            row["queue"] == request.queue
            and row["state"] == RequestState.QUEUED
            and (row["line_at"], row["id"]) < (request.line_at, request.id)
            for row in self._rows("callback_request")
        )

    def wishes_before(self, wish: Wish, queue: str, line_at: datetime, *, own: bool) -> int:
        mine = (line_at, wish.since, wish.id)
        return sum(
            (max(other.due_at, request["line_at"]), other.since, other.id) < mine
            and other.id != wish.id
            and (own or other.request_id != wish.request_id)
            for other, request in self._in_line(queue)
        )

    def length(self, queue: str) -> int:
        return sum(1 for _ in self._in_line(queue))

    def _in_line(self, queue: str) -> Iterator[tuple[Wish, Row]]:
        requests = self.tables["callback_request"]
        for row in self._rows("wish"):
            request = requests[row["request_id"]]
            queued = request["queue"] == queue and request["state"] == RequestState.QUEUED
            if queued and row["withdrawn_at"] is None and row["due_at"] <= self.now:
                yield to_wish(row), request

    def recent_talks(
        self, server: str, queue: str, since: datetime, limit: int
    ) -> Sequence[timedelta]:
        requests = self.tables["callback_request"]
        found = [
            row
            for row in self._rows("attempt")
            if row["server"] == server
            and row["ended_at"] is not None
            and row["ended_at"] >= since
            and row["answered_at"] is not None
            and row["agent_at"] is not None
            and requests[row["request_id"]]["queue"] == queue
        ]
        found.sort(key=lambda row: (row["ended_at"], row["id"]), reverse=True)
        return [row["ended_at"] - row["agent_at"] for row in found[:limit]]

    def waiting_for_agent(self, queue: str) -> int:
        requests = self.tables["callback_request"]
        return sum(
            row["agent_at"] is None and requests[row["request_id"]]["queue"] == queue
            for row in self._rows("attempt")
            if row["ended_at"] is None
        )
