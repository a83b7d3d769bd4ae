"""Wishes in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update

from asterisk_callback.domain.request import RequestId
from asterisk_callback.domain.wish import Wish, WishId
from asterisk_callback.store import rows
from asterisk_callback.store.repository import Base
from asterisk_callback.store.tables.calls import IS_OPEN, STANDS, requests, wishes

_C = wishes.c


class WishTable(Base):
    def add_wish(self, **fields: Any) -> Wish:
        found = self.connection.execute(wishes.insert().values(**fields).returning(*_C)).one()
        return rows.to_wish(found)

    def wish_by_secret(self, secret_hash: str) -> Wish | None:
        return self._wish(_C.secret_hash == secret_hash)

    def wish_by_public_id(self, public_id: str) -> Wish | None:
        return self._wish(_C.public_id == public_id)

    def wish_by_key(self, scope: str, key: str) -> Wish | None:
        return self._wish((_C.scope == scope) & (_C.key == key))

    def wishes_of(self, request_id: RequestId) -> Sequence[Wish]:
        query = select(wishes).where(_C.request_id == request_id).order_by(_C.id)
        return [rows.to_wish(row) for row in self.connection.execute(query)]

    def withdraw_wish(self, wish_id: WishId) -> None:
        self.connection.execute(
            update(wishes).where(_C.id == wish_id, STANDS).values(withdrawn_at=self._now)
        )

    def change_wish(self, old: Wish, new: Wish) -> Wish:
        """Writes `new` over `old`. The caller holds the request's row."""
        changed = rows.changes(old, new)
        if changed:
            self.connection.execute(update(wishes).where(_C.id == old.id).values(**changed))
        return new

    def wishes_of_other_rules(self, tzdata: str, after: int, limit: int) -> Sequence[Wish]:
        """Standing wishes with a chosen time to come that was derived by other rules, by id, from
        the one after `after` on."""
        query = (
            select(wishes)
            .join(requests, _C.request_id == requests.c.id)
            .where(
                _C.id > after,
                _C.due_at > self._now,
                _C.asap.is_(False),
                STANDS,
                _C.wall_time.is_not(None),
                func.coalesce(_C.tzdata, "") != tzdata,
                IS_OPEN,
            )
            .order_by(_C.id)
            .limit(limit)
        )
        return [rows.to_wish(row) for row in self.connection.execute(query)]

    def booked(self, queue: str, since: datetime, until: datetime) -> Sequence[datetime]:
        """The chosen times, from `since` to before `until`, of the wishes that stand."""
        query = (
            select(_C.due_at)
            .select_from(wishes.join(requests, _C.request_id == requests.c.id))
            .where(
                _C.due_at >= since,
                _C.due_at < until,
                _C.asap.is_(False),
                STANDS,
                requests.c.queue == queue,
                IS_OPEN,
            )
        )
        return list(self.connection.execute(query).scalars())

    def wish(self, wish_id: WishId) -> Wish | None:
        return self._wish(_C.id == wish_id)

    def _wish(self, condition: ColumnElement[bool]) -> Wish | None:
        found = self.connection.execute(select(wishes).where(condition)).first()
        return rows.to_wish(found) if found else None
