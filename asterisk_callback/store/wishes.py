"""Wishes in the database."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, Update, bindparam, func, select, update

from asterisk_callback.domain.request import RequestId
from asterisk_callback.domain.wish import Wish, WishId, WithdrawnBy
from asterisk_callback.store import rows
from asterisk_callback.store.repository import Repository, bound, known
from asterisk_callback.store.tables.calls import IS_OPEN, STANDS, requests, wishes

_C = wishes.c
_ADD = wishes.insert().returning(*_C)
_BY_ID = select(wishes).where(_C.id == bindparam("wish_id"))
_BY_SECRET = select(wishes).where(_C.secret_hash == bindparam("secret_hash"))
_BY_PUBLIC_ID = select(wishes).where(_C.public_id == bindparam("public_id"))
_BY_KEY = select(wishes).where(_C.scope == bindparam("scope"), _C.key == bindparam("key"))
_OF = select(wishes).where(_C.request_id == bindparam("request_id")).order_by(_C.id)
_OF_ALL = (
    select(wishes)
    .where(_C.request_id.in_(bindparam("ids", expanding=True)))
    .order_by(_C.request_id, _C.id)
)
_WITHDRAW = (
    update(wishes)
    .where(_C.id == bindparam("wish_id"), STANDS)
    .values(bound(["withdrawn_at", "withdrawn_by"]))
)
_BEHIND = wishes.join(requests, _C.request_id == requests.c.id)
_OF_OTHER_RULES = (
    select(wishes)
    .select_from(_BEHIND)
    .where(
        _C.id > bindparam("after"),
        _C.due_at > bindparam("now"),
        _C.asap.is_(False),
        STANDS,
        _C.wall_time.is_not(None),
        func.coalesce(_C.tzdata, "") != bindparam("rules"),
        IS_OPEN,
    )
    .order_by(_C.id)
    .limit(bindparam("most"))
)
_BOOKED = (
    select(_C.due_at)
    .select_from(_BEHIND)
    .where(
        _C.due_at >= bindparam("since"),
        _C.due_at < bindparam("until"),
        _C.asap.is_(False),
        STANDS,
        requests.c.queue == bindparam("queue"),
        IS_OPEN,
    )
)


@cache
def _change(names: tuple[str, ...]) -> Update:
    return update(wishes).where(_C.id == bindparam("wish_id")).values(bound(names))


class SqlWishes(Repository):
    def add(self, **fields: Any) -> Wish:
        return rows.to_wish(self.connection.execute(_ADD, known(wishes, fields)).one())

    def get(self, wish_id: WishId) -> Wish | None:
        return self._wish(_BY_ID, wish_id=wish_id)

    def by_secret(self, secret_hash: str) -> Wish | None:
        return self._wish(_BY_SECRET, secret_hash=secret_hash)

    def by_public_id(self, public_id: str) -> Wish | None:
        return self._wish(_BY_PUBLIC_ID, public_id=public_id)

    def by_key(self, scope: str, key: str) -> Wish | None:
        return self._wish(_BY_KEY, scope=scope, key=key)

    def of(self, request_id: RequestId) -> Sequence[Wish]:
        found = self.connection.execute(_OF, {"request_id": request_id})
        return [rows.to_wish(row) for row in found]

    def of_all(self, ids: Collection[RequestId]) -> Mapping[RequestId, Sequence[Wish]]:
        """The same for each of these requests."""
        found: dict[RequestId, list[Wish]] = {one: [] for one in ids}
        if found:
            for row in self.connection.execute(_OF_ALL, {"ids": rows.padded(sorted(found))}):
                found[RequestId(row.request_id)].append(rows.to_wish(row))
        return found

    def withdraw(self, wish_id: WishId, by: WithdrawnBy = WithdrawnBy.CUSTOMER) -> None:
        """One that was withdrawn before stays as it is."""
        values = {"wish_id": wish_id, "withdrawn_at": self.now, "withdrawn_by": by.value}
        self.connection.execute(_WITHDRAW, values)

    def change(self, old: Wish, new: Wish) -> Wish:
        """Writes `new` over `old`. The caller holds the request's row."""
        changed = rows.changes(old, new)
        if changed:
            self.connection.execute(_change(tuple(changed)), {"wish_id": old.id} | changed)
        return new

    def with_other_tzdata(self, tzdata: str, after: int, limit: int) -> Sequence[Wish]:
        """Standing wishes with a chosen time to come that was derived by other rules, by id, from
        the one after `after` on."""
        values = {"rules": tzdata, "after": after, "now": self.now, "most": limit}
        return [rows.to_wish(row) for row in self.connection.execute(_OF_OTHER_RULES, values)]

    def booked_times(self, queue: str, since: datetime, until: datetime) -> Sequence[datetime]:
        """The chosen times, from `since` to before `until`, of the wishes that stand."""
        values = {"queue": queue, "since": since, "until": until}
        return list(self.connection.execute(_BOOKED, values).scalars())

    def _wish(self, query: Select[Any], **values: object) -> Wish | None:
        found = self.connection.execute(query, values).first()
        return rows.to_wish(found) if found else None
