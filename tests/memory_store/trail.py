"""The trail in memory: see the module of that name in store/."""

from collections.abc import Sequence
from typing import Any

from asterisk_callback.domain.attempt import AttemptId
from asterisk_callback.domain.request import RequestId
from asterisk_callback.domain.trail import AuditEntry
from tests.memory_store.repository import MemoryRepository


class MemoryTrail(MemoryRepository):
    def of(self, request_id: RequestId) -> Sequence[AuditEntry]:
        names = ("at", "actor", "event", "old", "new", "reason", "attempt_id")
        return [
            AuditEntry(**{name: row[name] for name in names})
            for row in self._rows("audit")
            if row["request_id"] == request_id
        ]

    def add(
        self,
        request_id: RequestId | None,
        *,
        actor: str,
        event: str,
        reason: str,
        old: str | None = None,
        new: str | None = None,
        attempt_id: AttemptId | None = None,
    ) -> None:
        values: dict[str, Any] = {
            "actor": actor,
            "event": event,
            "reason": reason,
            "old": old,
            "new": new,
        }
        values |= {"at": self.now, "request_id": request_id, "attempt_id": attempt_id}
        self._insert("audit", values)
