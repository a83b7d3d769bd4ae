"""Attempts in memory: see the module of that name in store/."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from asterisk_callback.domain.attempt import Attempt, Token
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.request import RequestId
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.store import rows
from tests.memory_store.made import to_attempt
from tests.memory_store.repository import MemoryRepository
from tests.memory_store.tables import Row


class MemoryAttempts(MemoryRepository):
    def add(self, **fields: Any) -> Attempt:
        return to_attempt(self._insert("attempt", fields))

    def by_token(self, token: Token) -> Attempt | None:
        for row in self._rows("attempt"):
            if row["token"] == token:
                return to_attempt(row)
        return None

    def of(self, request_id: RequestId) -> Sequence[Attempt]:
        return [to_attempt(row) for row in self._rows("attempt") if row["request_id"] == request_id]

    def open_on(self, server: str) -> Sequence[Attempt]:
        return [to_attempt(row) for row in self._open() if row["server"] == server]

    def to_hang_up(self, server: str) -> Sequence[Attempt]:
        return [
            to_attempt(row)
            for row in self._rows("attempt")
            if (row["hangup_asked_at"] is not None or row["dropped_at"] is not None)
            and row["hangup_sent_at"] is None
            and row["server"] == server
        ]

    def mark_hangup_sent(self, attempt: Attempt) -> None:
        self._update("attempt", attempt.id, {"hangup_sent_at": self.now})

    def change(
        self, old: Attempt, new: Attempt, *, actor: str, reason: str, epoch: int | None = None
    ) -> Attempt:
        row = self.tables["attempt"].get(old.id)
        if (
            row is None
            or row["epoch"] != old.epoch
            or (row["gate_at"] is None) != (old.gate_at is None)
            or (row["ended_at"] is None) != (old.ended_at is None)
            or epoch not in (None, row["epoch"])
        ):
            raise StaleWrite(f"attempt {old.id} belongs to another dispatcher or has moved on")
        self._update("attempt", old.id, rows.changes(old, new))
        self.tx.trail.add(
            new.request_id,
            actor=actor,
            event=TrailEvent.ATTEMPT,
            old=None,
            new=new.disposition if not new.open else None,
            reason=reason,
            attempt_id=new.id,
        )
        return new

    def pass_gate(self, attempt: Attempt) -> bool:
        row = self.tables["attempt"][attempt.id]
        if row["gate_at"] is not None or row["ended_at"] is not None:
            return False
        self._update("attempt", attempt.id, {"gate_at": self.now})
        return True

    def _open(self) -> Iterable[Row]:
        return (row for row in self._rows("attempt") if row["ended_at"] is None)

    def unknown_since(self, server: str, since: datetime) -> Sequence[RequestId]:
        return sorted(
            {
                row["request_id"]
                for row in self._rows("attempt")
                if row["server"] == server
                and row["disposition"] == Disposition.UNKNOWN
                and row["ended_at"] is not None
                and row["ended_at"] >= since
            }
        )

    def of_member(self, member: str, since: datetime) -> Sequence[Attempt]:
        return ()
