"""Wishes in memory: see the module of that name in store/."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from asterisk_callback.domain.request import RequestId
from asterisk_callback.domain.wish import Wish, WishId
from asterisk_callback.store import rows
from tests.memory_store.made import to_wish
from tests.memory_store.repository import MemoryRepository
from tests.memory_store.tables import OPEN


class MemoryWishes(MemoryRepository):
    def add(self, **fields: Any) -> Wish:
        return to_wish(self._insert("wish", fields))

    def by_secret(self, secret_hash: str) -> Wish | None:
        return self._wish(secret_hash=secret_hash)

    def by_public_id(self, public_id: str) -> Wish | None:
        return self._wish(public_id=public_id)

    def by_key(self, scope: str, key: str) -> Wish | None:
        return self._wish(scope=scope, key=key)

    def of(self, request_id: RequestId) -> Sequence[Wish]:
        return [to_wish(row) for row in self._rows("wish") if row["request_id"] == request_id]

    def of_all(self, ids: Collection[RequestId]) -> Mapping[RequestId, Sequence[Wish]]:
        return {one: self.of(one) for one in ids}

    def withdraw(self, wish_id: WishId, by: str = "customer") -> None:
        if self.tables["wish"][wish_id]["withdrawn_at"] is None:
            self._update("wish", wish_id, {"withdrawn_at": self.now, "withdrawn_by": by})

    def change(self, old: Wish, new: Wish) -> Wish:
        changed = rows.changes(old, new)
        if changed:
            self._update("wish", old.id, changed)
        return new

    def with_other_tzdata(self, tzdata: str, after: int, limit: int) -> Sequence[Wish]:
        requests = self.tables["callback_request"]
        found = [
            row
            for row in self._rows("wish")
            if row["id"] > after
            and row["due_at"] > self.now
            and not row["asap"]
            and row["withdrawn_at"] is None
            and row["wall_time"] is not None
            and (row["tzdata"] or "") != tzdata
            and requests[row["request_id"]]["state"] in OPEN
        ]
        return [to_wish(row) for row in found[:limit]]

    def booked_times(self, queue: str, since: datetime, until: datetime) -> Sequence[datetime]:
        requests = self.tables["callback_request"]
        return [
            row["due_at"]
            for row in self._rows("wish")
            if since <= row["due_at"] < until
            and not row["asap"]
            and row["withdrawn_at"] is None
            and requests[row["request_id"]]["queue"] == queue
            and requests[row["request_id"]]["state"] in OPEN
        ]

    def _wish(self, **wanted: str) -> Wish | None:
        for row in self._rows("wish"):
            if all(row[name] == value for name, value in wanted.items()):
                return to_wish(row)
        return None
