"""Is there work for a dispatcher? One statement: it is asked after all that happens."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, ScalarSelect, Select, bindparam, func, select

from asterisk_callback.domain.hold import HoldKind
from asterisk_callback.domain.work import WorkAtHand
from asterisk_callback.store.repository import Repository
from asterisk_callback.store.requests import IS_DUE, IS_LATE, is_claimable
from asterisk_callback.store.tables.calls import (
    IS_QUEUED,
    IS_SCHEDULED,
    IS_TO_END,
    IS_UNENDED,
    attempts,
    requests,
)
from asterisk_callback.store.tables.console import offers
from asterisk_callback.store.tables.members import IS_UNDONE, member_orders
from asterisk_callback.store.tables.servers import holds

_NOW: BindParameter[Any] = bindparam("now")
_SERVER: BindParameter[Any] = bindparam("server")


def _any(column: ColumnElement[Any], *where: Any) -> ColumnElement[bool]:
    return select(column).where(*where).exists()


def _first(*where: Any) -> ScalarSelect[Any]:
    # Each with an index of its own: the least of an OR is looked for in all rows. SQLAlchemy types
    # func.min by its column, so that SQLite's text comes back as an instant.
    return select(func.min(requests.c.due_at)).where(*where).scalar_subquery()


def _count(queue: str) -> ScalarSelect[Any]:
    some = select(requests.c.id).where(is_claimable(queue)).limit(bindparam("most"))
    return select(func.count()).select_from(some.subquery()).scalar_subquery()


@cache
def _at_hand(queues: int) -> Select[Any]:
    return select(
        _any(requests.c.id, IS_DUE),
        _any(requests.c.id, IS_LATE),
        _any(holds.c.scope, holds.c.kind == HoldKind.DIALLING.value),
        _any(attempts.c.id, attempts.c.server == _SERVER, IS_TO_END),
        _any(member_orders.c.id, member_orders.c.server == _SERVER, IS_UNDONE),
        _any(offers.c.id, IS_UNENDED),
        _first(IS_SCHEDULED),
        _first(IS_QUEUED, requests.c.due_at > _NOW),
        *(_count(f"queue_{n}") for n in range(queues)),
    )


class SqlWork(Repository):
    def at_hand(self, server: str, queues: Sequence[str], most: int) -> WorkAtHand:
        """Without a lock. queues: of which it is counted who is in line, up to `most`."""
        given: dict[str, object] = {f"queue_{n}": name for n, name in enumerate(queues)}
        given |= {"now": self.now, "server": server}
        if queues:
            given["most"] = most
        row = self.connection.execute(_at_hand(len(queues)), given).one()
        due, late, held, to_end, orders, offered, scheduled, put_off, *counts = row
        return WorkAtHand(
            due=bool(due or late),
            in_line={name: n for name, n in zip(queues, counts, strict=True) if n},
            held=bool(held),
            to_end=bool(to_end),
            orders=bool(orders),
            offers=bool(offered),
            next_at=min((at for at in (scheduled, put_off) if at), default=None),
        )
