"""Callback requests in memory: see the module of that name in store/."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from asterisk_callback.domain import request as transitions
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.request import Request, RequestId, RequestState
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.store import rows
from tests.memory_store.made import to_request
from tests.memory_store.repository import MemoryRepository
from tests.memory_store.tables import OPEN, Row

MAY_EXPIRE = frozenset(state for state in RequestState if state.may_expire)


class MemoryRequests(MemoryRepository):
    def add(self, *, actor: str, **fields: Any) -> Request:
        request = to_request(self._insert("callback_request", fields))
        self.tx.trail.add(
            request.id,
            actor=actor,
            event=TrailEvent.REQUEST,
            old=None,
            new=request.state,
            reason="asked",
        )
        return request

    def get(self, request_id: RequestId) -> Request | None:
        row = self.tables["callback_request"].get(request_id)
        return to_request(row) if row else None

    lock = get

    def open_by_queue(self) -> dict[str, int]:
        return Counter(
            row["queue"] for row in self._rows("callback_request") if row["state"] in OPEN
        )

    def open_of(self, queue: str) -> Sequence[RequestId]:
        rows = self._rows("callback_request")
        return sorted(one["id"] for one in rows if one["queue"] == queue and one["state"] in OPEN)

    def open_for(self, queue: str, e164: str) -> Request | None:
        for row in self._rows("callback_request"):
            if row["queue"] == queue and row["e164"] == e164 and row["state"] in OPEN:
                return to_request(row)
        return None

    def lock_open_for(self, queue: str, e164: str) -> Request | None:
        return self.open_for(queue, e164)

    def change(
        self,
        old: Request,
        new: Request,
        *,
        actor: str,
        reason: str,
        event: TrailEvent = TrailEvent.REQUEST,
    ) -> Request:
        if old.state is not new.state:
            transitions.check(old.state, new.state)
        changed = rows.changes(old, new)
        if changed:
            row = self.tables["callback_request"].get(old.id)
            if row is None or row["state"] != old.state:
                raise StaleWrite(f"callback request {old.id} was changed by somebody else")
            self._update("callback_request", old.id, changed)
        self.tx.trail.add(
            new.id, actor=actor, event=event, old=old.state, new=new.state, reason=reason
        )
        return new

    def change_all(
        self, changes: Sequence[tuple[Request, Request]], *, actor: str, reasons: Sequence[str]
    ) -> None:
        for (old, new), reason in zip(changes, reasons, strict=True):
            self.change(old, new, actor=actor, reason=reason)

    def lock_due(self, limit: int) -> Sequence[Request]:
        found = [row for row in self._rows("callback_request") if is_due(row, self.now)]
        return _first(found, limit, "due_at", "id")

    def lock_expired(self, limit: int) -> Sequence[Request]:
        found = [row for row in self._rows("callback_request") if is_late(row, self.now)]
        return _first(found, limit, "expires_at", "id")

    def lock_claimable(
        self,
        queue: str,
        limit: int,
        *,
        last: Collection[str] = (),
        only: Collection[str] | None = None,
        but: Collection[str] = (),
    ) -> Sequence[Request]:
        found = [
            row
            for row in self._rows("callback_request")
            if is_claimable(row, queue, self.now)
            and (only is None or row["region"] in only)
            and row["region"] not in but
        ]
        first = [row for row in found if row["e164"] not in last]
        rest = [row for row in found if row["e164"] in last]
        in_turn = [
            *_first(first, limit, "line_at", "id"),
            *_first(rest, limit, "line_at", "id"),
        ]
        return in_turn[:limit]

    def latest(self, state: str | None, limit: int) -> Sequence[Request]:
        found = [r for r in self._rows("callback_request") if state is None or r["state"] == state]
        return [to_request(row) for row in found[::-1][:limit]]


def is_due(row: Row, now: datetime) -> bool:
    return bool(row["state"] == RequestState.SCHEDULED and row["due_at"] <= now)


def is_late(row: Row, now: datetime) -> bool:
    return row["state"] in MAY_EXPIRE and row["expires_at"] <= now


def is_claimable(row: Row, queue: str, now: datetime) -> bool:
    return bool(
        row["state"] == RequestState.QUEUED
        and row["queue"] == queue
        and row["due_at"] <= now < row["expires_at"]
    )


def _first(found: list[Row], limit: int, *order: str) -> list[Request]:
    found.sort(key=lambda row: tuple(row[name] for name in order))
    return [to_request(row) for row in found[:limit]]
