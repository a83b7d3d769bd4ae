"""Callback requests in the database."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, update

from asterisk_callback.domain import request as transitions
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.request import Request, RequestId
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.domain.wish import Wish
from asterisk_callback.store import rows
from asterisk_callback.store.expressions import since
from asterisk_callback.store.tables.calls import (
    IS_OPEN,
    IS_QUEUED,
    IS_SCHEDULED,
    MAY_EXPIRE,
    STANDS,
    requests,
    wishes,
)
from asterisk_callback.store.trail import Trail

_C, _W = requests.c, wishes.c


class RequestTable(Trail):
    def add_request(self, *, actor: str, **fields: Any) -> Request:
        """A new request with its first row of the trail."""
        found = self.connection.execute(requests.insert().values(**fields).returning(*_C)).one()
        request = rows.to_request(found)
        self._write(
            request.id,
            actor=actor,
            event=TrailEvent.REQUEST,
            old=None,
            new=request.state,
            reason="asked",
        )
        self._wake()
        return request

    def request(self, request_id: RequestId) -> Request | None:
        found = self.connection.execute(select(requests).where(_C.id == request_id)).first()
        return rows.to_request(found) if found else None

    def lock_request(self, request_id: RequestId) -> Request | None:
        query = self._for_update(select(requests).where(_C.id == request_id))
        found = self.connection.execute(query).first()
        return rows.to_request(found) if found else None

    def open_request(self, queue: str, e164: str) -> Request | None:
        """Without its lock."""
        found = self.connection.execute(_open(queue, e164)).first()
        return rows.to_request(found) if found else None

    def lock_open_request(self, queue: str, e164: str) -> Request | None:
        # Twice: whoever waited for the row of a request that was completed meanwhile does not see,
        # in the same statement, the one that was opened in its place.
        for _ in range(1 if self.sqlite else 2):
            found = self.connection.execute(self._for_update(_open(queue, e164))).first()
            if found is not None:
                return rows.to_request(found)
        return None

    def open_by_queue(self) -> dict[str, int]:
        """How many are open in each callback queue, of those that have one."""
        query = select(_C.queue, func.count()).where(IS_OPEN).group_by(_C.queue)
        return {row[0]: row[1] for row in self.connection.execute(query)}

    def open_of(self, queue: str) -> Sequence[RequestId]:
        """The open ones of a callback queue, the oldest first."""
        query = select(_C.id).where(IS_OPEN, _C.queue == queue).order_by(_C.id)
        return [RequestId(one) for one in self.connection.execute(query).scalars()]

    def change_request(
        self,
        old: Request,
        new: Request,
        *,
        actor: str,
        reason: str,
        event: TrailEvent = TrailEvent.REQUEST,
    ) -> Request:
        """Writes `new` over `old` and the trail's row with it. event: what a supervisor did.

        Raises IllegalTransition for a move that the table does not have, StaleWrite if the row is
        no longer as `old` says.
        """
        if old.state is not new.state:
            transitions.check(old.state, new.state)
        changed = rows.changes(old, new)
        if changed:
            done = self.connection.execute(
                update(requests).where(_C.id == old.id, _C.state == old.state).values(**changed)
            )
            if done.rowcount != 1:
                raise StaleWrite(f"callback request {old.id} was changed by somebody else")
        self._write(new.id, actor=actor, event=event, old=old.state, new=new.state, reason=reason)
        self._wake()
        return new

    def lock_due(self, limit: int) -> Sequence[Request]:
        """Scheduled requests whose due_at has come, the earliest first."""
        query = (
            select(requests)
            .where(IS_SCHEDULED, _C.due_at <= self._now)
            .order_by(_C.due_at, _C.id)
            .limit(limit)
        )
        return self._locked(query)

    def anything_due(self) -> bool:
        """Is there a request to release or to expire? Asked without a lock, before taking any."""
        due = and_(IS_SCHEDULED, _C.due_at <= self._now)
        late = and_(MAY_EXPIRE, _C.expires_at <= self._now)
        either = select(or_(*(select(_C.id).where(one).exists() for one in (due, late))))
        return bool(self.connection.execute(either).scalar())

    def in_line(self, queues: Sequence[str], limit: int) -> dict[str, int]:
        """How many wait in each of these queues who could be claimed now, counted up to `limit`;
        without those in which nobody does."""
        if not queues:
            return {}
        first = (select(_C.id).where(self._claimable(name)).limit(limit) for name in queues)
        counts = [select(func.count()).select_from(one.subquery()) for one in first]
        found = self.connection.execute(select(*(one.scalar_subquery() for one in counts))).one()
        return {name: count for name, count in zip(queues, found, strict=True) if count}

    def lock_expired(self, limit: int) -> Sequence[Request]:
        """Waiting requests past their expires_at."""
        query = (
            select(requests)
            .where(MAY_EXPIRE, _C.expires_at <= self._now)
            .order_by(_C.expires_at)
            .limit(limit)
        )
        return self._locked(query)

    def lock_claimable(
        self,
        queue: str,
        limit: int,
        *,
        last: Collection[str] = (),
        only: Collection[str] | None = None,
        but: Collection[str] = (),
    ) -> Sequence[Request]:
        """The first in line of a queue; rows that another dispatcher holds are skipped.

        last: numbers that come after all others. only, but: countries, if not all."""
        query = select(requests).where(self._claimable(queue))
        if only is not None:
            query = query.where(_C.region.in_(sorted(only)))
        if but:
            query = query.where(_C.region.not_in(sorted(but)))
        if last:
            query = query.order_by(case((_C.e164.in_(sorted(last)), 1), else_=0))
        return self._locked(query.order_by(_C.line_at, _C.id).limit(limit))

    def next_instant(self) -> datetime | None:
        """When something becomes due next: a scheduled request, or a queued one put off."""
        # Two selects, each with an index of its own: the least of an OR is looked for in all rows.
        # SQLAlchemy types func.min by its column, so that SQLite's text comes back as an instant.
        scheduled = select(func.min(_C.due_at)).where(IS_SCHEDULED)
        put_off = select(func.min(_C.due_at)).where(IS_QUEUED, _C.due_at > self._now)
        both = select(scheduled.scalar_subquery(), put_off.scalar_subquery())
        return min((at for at in self.connection.execute(both).one() if at), default=None)

    def ahead_of(self, request: Request) -> int:
        """How many requests of the same queue are in line before this one."""
        query = (
            select(func.count())
            .select_from(requests)
            .where(
                _C.queue == request.queue,
                IS_QUEUED,
                or_(
                    _C.line_at < request.line_at,
                    (_C.line_at == request.line_at) & (_C.id < request.id),
                ),
            )
        )
        return self.connection.execute(query).scalar_one()

    def wishes_before(self, wish: Wish, queue: str, line_at: datetime, *, own: bool) -> int:
        """How many wishes are in line before this one, whose place there is `line_at`.

        own: those behind its own request, too. Each counts by itself, also where two share a
        request: else two places told which of two numbers had a request already (P12).
        """
        stood, place = since(wishes), _place()
        earlier = or_(
            place < line_at,
            (place == line_at) & (stood < wish.since),
            (place == line_at) & (stood == wish.since) & (_W.id < wish.id),
        )
        query = self._in_line(queue).where(earlier, _W.id != wish.id)
        if not own:
            query = query.where(_W.request_id != wish.request_id)
        return self.connection.execute(query).scalar_one()

    def line_length(self, queue: str) -> int:
        """How many wishes of a queue are in line, each by itself: see wishes_before."""
        return self.connection.execute(self._in_line(queue)).scalar_one()

    def _in_line(self, queue: str) -> Select[int]:
        """Counts the wishes that are due, behind requests that are in line."""
        return (
            select(func.count())
            .select_from(requests.join(wishes, _W.request_id == _C.id))
            .where(_C.queue == queue, IS_QUEUED)
            # By an expression: SQLite would begin with all wishes that were ever due.
            .where(STANDS, func.coalesce(_W.due_at, _W.due_at) <= self._now)
        )

    def find_requests(self, state: str | None, limit: int) -> Sequence[Request]:
        """The latest requests, for the operator's list."""
        query = select(requests).order_by(_C.id.desc()).limit(limit)
        if state is not None:
            query = query.where(_C.state == state)
        return [rows.to_request(row) for row in self.connection.execute(query)]

    def _claimable(self, queue: str) -> ColumnElement[bool]:
        return and_(
            _C.queue == queue,
            IS_QUEUED,
            _C.due_at <= self._now,
            _C.expires_at > self._now,
        )

    def _locked(self, query: Any) -> Sequence[Request]:
        found = self.connection.execute(self._for_update(query, skip_locked=True))
        return [rows.to_request(row) for row in found]


def _place() -> ColumnElement[Any]:
    """A wish's place in line: its own time, or its request's after a try."""
    return case((_W.due_at > _C.line_at, _W.due_at), else_=_C.line_at)


def _open(queue: str, e164: str) -> Select[Any]:
    return select(requests).where(_C.queue == queue, _C.e164 == e164, IS_OPEN)
