"""What the board reads: whole pages of open requests, and a day's promises, in few queries."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, exists, func, select, true

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.day_figures import OpenCount
from asterisk_callback.domain.promise import PromisedWish
from asterisk_callback.domain.queue import Names
from asterisk_callback.domain.request import Request, RequestId, RequestState
from asterisk_callback.domain.wish import PromisedWindow, Wish
from asterisk_callback.store import rows
from asterisk_callback.store.expressions import own_attempt, rang_for, talked_for
from asterisk_callback.store.repository import Repository
from asterisk_callback.store.tables.calls import (
    IS_OPEN,
    IS_QUEUED,
    STANDS,
    attempts,
    audit,
    requests,
    wishes,
)
from asterisk_callback.store.tables.members import queue_members
from asterisk_callback.store.tables.servers import dispatchers, queue_facts

_R, _W, _A = requests.c, wishes.c, attempts.c
_RANG = rang_for(wishes, attempts)
_RUNG_FOR_IT = and_(own_attempt(wishes, attempts), _RANG.is_not(None))
# What was said of a wish, and what became of it.
_SAID = (
    _R.queue,
    _W.asap,
    _W.promised_from,
    _W.promised_to,
    _R.state,
    case((STANDS, 0), else_=1).label("withdrawn"),
)
_F = queue_facts.c
_FACTS = (_F.server, _F.asterisk_queue, _F.known, _F.logged_in, _F.free, _F.callers)
# No transaction is open while so many rows of the trail are written.
WINDOW = 2000


_MEMBERS = tuple(column for column in queue_members.c if column.name != "at")
_ALL_MEMBERS = select(*_MEMBERS).order_by(*_MEMBERS[:3])
_ALL_FACTS = select(*_FACTS).order_by(*_FACTS[:2])
_DISPATCHERS = select(dispatchers).order_by(dispatchers.c.name)
_LATELY = audit.c.id > select(func.max(audit.c.id) - WINDOW).scalar_subquery()
_TRAIL = select(
    select(func.max(audit.c.id)).scalar_subquery(),
    select(func.count(audit.c.id)).where(_LATELY).scalar_subquery(),
)


class SqlBoard(Repository):
    def open_counts(self, names: Names, minute: datetime) -> Sequence[OpenCount]:
        """By queue and state. minute: now, by whole minutes. Late: a wish that stands was promised
        a call that has not come."""
        late = exists().where(
            _W.request_id == _R.id, STANDS, _W.promised_to < minute, ~exists().where(_RUNG_FOR_IT)
        )
        query = (
            select(_R.queue, _R.state, func.count(), func.sum(case((late, 1), else_=0)))
            .where(IS_OPEN, _of(names))
            .group_by(_R.queue, _R.state)
            .order_by(_R.queue, _R.state)
        )
        return [
            OpenCount(queue=queue, state=RequestState(state), requests=count, late=int(late or 0))
            for queue, state, count, late in self.connection.execute(query)
        ]

    def open_page(self, names: Names, start: int, limit: int) -> Sequence[Request]:
        """Those whose promise ends first come first; one that was rung already, or was told
        nothing, by when it is due."""
        promised = (
            select(func.min(_W.promised_to))
            .where(_W.request_id == _R.id, STANDS, _R.rings == 0)
            .scalar_subquery()
        )
        query = (
            select(requests)
            .where(IS_OPEN, _of(names))
            .order_by(func.coalesce(promised, _R.due_at), _R.line_at, _R.id)
            .offset(start)
            .limit(limit)
        )
        return [rows.to_request(row) for row in self.connection.execute(query)]

    def wishes_of_all(self, ids: Sequence[RequestId]) -> Sequence[Wish]:
        query = select(wishes).where(_W.request_id.in_(ids)).order_by(_W.id)
        return [rows.to_wish(row) for row in self.connection.execute(query)] if ids else []

    def attempts_of_all(self, ids: Sequence[RequestId]) -> Sequence[Attempt]:
        """Oldest first."""
        query = select(attempts).where(_A.request_id.in_(ids)).order_by(_A.id)
        return [rows.to_attempt(row) for row in self.connection.execute(query)] if ids else []

    def places_in_line(
        self, names: Names, ids: Sequence[RequestId] | None = None
    ) -> dict[RequestId, int]:
        """How many are in line before each that is in line; ids: of these only."""
        place = func.row_number().over(partition_by=_R.queue, order_by=(_R.line_at, _R.id))
        line = select(_R.id, place.label("place")).where(IS_QUEUED, _of(names)).subquery()
        query = select(line.c.id, line.c.place)
        if ids is not None:
            query = query.where(line.c.id.in_(ids))
        return {RequestId(one): nth - 1 for one, nth in self.connection.execute(query)}

    def promised_between(
        self, names: Names, since: datetime, until: datetime
    ) -> Sequence[PromisedWish]:
        """The wishes whose promised time begins then: each that was rung for by itself, the others
        together where the same was said of them and became of them."""
        self.tx.prefer_indexes()
        of_then = and_(
            _W.promised_from >= since,
            _W.promised_from < until,
            _W.promised_to.is_not(None),
            _of(names),
        )
        return [*self._rung_of(of_then), *self._unrung_of(of_then)]

    def _rung_of(self, of_then: ColumnElement[bool]) -> list[PromisedWish]:
        query = (
            select(
                *_SAID,
                _W.created_at,
                func.min(_RANG).label("rang_at"),
                func.count(talked_for(wishes, attempts)).label("talks"),
            )
            .select_from(wishes.join(requests, _W.request_id == _R.id).join(attempts, _RUNG_FOR_IT))
            .where(of_then)
            .group_by(_W.id, *_SAID, _W.created_at)
        )
        found = self.connection.execute(query)
        return [_promised(row, row.created_at, row.rang_at, row.talks > 0) for row in found]

    def _unrung_of(self, of_then: ColumnElement[bool]) -> list[PromisedWish]:
        query = (
            select(*_SAID, func.count().label("many"))
            .select_from(wishes.join(requests, _W.request_id == _R.id))
            .where(of_then, ~exists().where(_RUNG_FOR_IT))
            .group_by(*_SAID)
        )
        found = self.connection.execute(query)
        return [_promised(row, None, None, False, many=row.many) for row in found]

    def version(self) -> str:
        """Another one whenever something that the board reads was written. Every change of a
        request, a wish, an attempt or a hold leaves a row in the trail (P15). Counted as well: on
        PostgreSQL a row with a lower number may be committed after one with a higher.
        """
        trail = self.connection.execute(_TRAIL).one()
        facts = self.connection.execute(_ALL_FACTS).all()
        alive = [
            (row.name, row.server, row.ready, row.reason, row.alive_until > self.now)
            for row in self.connection.execute(_DISPATCHERS)
        ]
        members = self.connection.execute(_ALL_MEMBERS).all()
        rest = [[tuple(row) for row in found] for found in (facts, members)]
        return repr((tuple(trail), alive, rest))


def _promised(
    row: Row[Any],
    asked_at: datetime | None,
    rang_at: datetime | None,
    talked: bool,
    *,
    many: int = 1,
) -> PromisedWish:
    return PromisedWish(
        queue=row.queue,
        asked_at=asked_at or row.promised_from,
        asap=row.asap,
        window=PromisedWindow(row.promised_from, row.promised_to),
        state=RequestState(row.state),
        withdrawn=bool(row.withdrawn),
        rang_at=rang_at,
        talked=talked,
        many=many,
    )


def _of(names: Names) -> ColumnElement[bool]:
    return true() if names is None else _R.queue.in_(names)
