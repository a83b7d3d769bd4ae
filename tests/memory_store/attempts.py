"""Attempts in memory: see the module of that name in store/."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from asterisk_callback.domain.attempt import Attempt, AttemptId, Token
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.request import Request, RequestId
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.store import rows
from tests.memory_store.made import to_attempt, to_request
from tests.memory_store.repository import MemoryRepository
from tests.memory_store.tables import Row


class MemoryAttempts(MemoryRepository):
    def add(self, **fields: Any) -> Attempt:
        return to_attempt(self._insert("attempt", fields))

    def add_all(self, made: Sequence[Mapping[str, Any]]) -> Sequence[Attempt]:
        return [self.add(**fields) for fields in made]

    def by_token(self, token: Token) -> Attempt | None:
        for row in self._rows("attempt"):
            if row["token"] == token:
                return to_attempt(row)
        return None

    def lock_with_requests(
        self, tokens: Sequence[Token], *, skip_locked: bool = False
    ) -> Mapping[Token, tuple[Request, Attempt]]:
        asked, requests = set(tokens), self.tables["callback_request"]
        return {
            row["token"]: (to_request(requests[row["request_id"]]), to_attempt(row))
            for row in self._rows("attempt")
            if row["token"] in asked
        }

    def known(self, tokens: Sequence[Token]) -> Collection[Token]:
        return {row["token"] for row in self._rows("attempt")}.intersection(tokens)

    def of(self, request_id: RequestId) -> Sequence[Attempt]:
        return [to_attempt(row) for row in self._rows("attempt") if row["request_id"] == request_id]

    def of_all(self, ids: Collection[RequestId]) -> Mapping[RequestId, Sequence[Attempt]]:
        return {one: self.of(one) for one in ids}

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
        self._tell(new, actor, reason, ended=not new.open)
        return new

    def change_all(
        self,
        changes: Sequence[tuple[Attempt, Attempt]],
        *,
        actor: str,
        reasons: Sequence[Sequence[str]],
        epoch: int,
    ) -> None:
        for (old, new), told in zip(changes, reasons, strict=True):
            for reason in told[:-1]:
                self._tell(new, actor, reason, ended=False)
            self.change(old, new, actor=actor, reason=told[-1], epoch=epoch)

    def _tell(self, new: Attempt, actor: str, reason: str, *, ended: bool) -> None:
        self.tx.trail.add(
            new.request_id,
            actor=actor,
            event=TrailEvent.ATTEMPT,
            old=None,
            new=new.disposition if ended else None,
            reason=reason,
            attempt_id=new.id,
        )

    def pass_gate(self, some: Sequence[Attempt]) -> Collection[AttemptId]:
        passing = [
            one.id
            for one in some
            if self.tables["attempt"][one.id]["gate_at"] is None
            and self.tables["attempt"][one.id]["ended_at"] is None
        ]
        for one in passing:
            self._update("attempt", one, {"gate_at": self.now})
        return frozenset(passing)

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
