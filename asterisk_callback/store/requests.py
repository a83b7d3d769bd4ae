"""Callback requests in the database."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Update,
    and_,
    bindparam,
    case,
    func,
    select,
    update,
)

from asterisk_callback.domain import request as transitions
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.request import Request, RequestId
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.store import rows
from asterisk_callback.store.many import Many
from asterisk_callback.store.repository import Repository, bound, known
from asterisk_callback.store.tables.calls import (
    IS_OPEN,
    IS_QUEUED,
    IS_SCHEDULED,
    MAY_EXPIRE,
    requests,
    wishes,
)
from asterisk_callback.store.trail import SqlTrail

_C, _W = requests.c, wishes.c
_NOW: BindParameter[Any] = bindparam("now")
_MOST: BindParameter[Any] = bindparam("most")
_ADD = requests.insert().returning(*_C)
# Of rows that are to be locked: SQLite's dialect leaves FOR UPDATE out, its writers are alone.
_BY_ID = select(requests).where(_C.id == bindparam("request_id"))
_BY_ID_LOCKED = _BY_ID.with_for_update()
_OPEN = select(requests).where(
    _C.queue == bindparam("queue"), _C.e164 == bindparam("e164"), IS_OPEN
)
_OPEN_LOCKED = _OPEN.with_for_update()
_OPEN_BY_QUEUE = select(_C.queue, func.count()).where(IS_OPEN).group_by(_C.queue)
_OPEN_OF = select(_C.id).where(IS_OPEN, _C.queue == bindparam("queue")).order_by(_C.id)
IS_DUE = and_(IS_SCHEDULED, _C.due_at <= _NOW)
IS_LATE = and_(MAY_EXPIRE, _C.expires_at <= _NOW)
_DUE = (
    select(requests)
    .where(IS_DUE)
    .order_by(_C.due_at, _C.id)
    .limit(_MOST)
    .with_for_update(skip_locked=True)
)
_EXPIRED = (
    select(requests)
    .where(IS_LATE)
    .order_by(_C.expires_at)
    .limit(_MOST)
    .with_for_update(skip_locked=True)
)
# What the clock, a claim or the end of a call changes.
_MOVED = ("state", "due_at", "line_at", "rings", "note", "ended_at")
_CHANGE_ALL = Many(
    f"UPDATE callback_request SET {', '.join(f'{one} = given.{one}' for one in _MOVED)} "  # noqa: S608 - names of columns
    "FROM {given} WHERE callback_request.id = given.id"
    " AND callback_request.state = given.read_state",
    requests,
    ("id", ("read_state", "state"), *_MOVED),
)


def is_claimable(queue: str) -> ColumnElement[bool]:
    """queue: the name under which the callback queue's is bound."""
    return and_(_C.queue == bindparam(queue), IS_QUEUED, _C.due_at <= _NOW, _C.expires_at > _NOW)


@cache
def _claimable(*, last: bool, only: bool, but: bool) -> Select[Any]:
    query = select(requests).where(is_claimable("queue"))
    if only:
        query = query.where(_C.region.in_(bindparam("only", expanding=True)))
    if but:
        query = query.where(_C.region.not_in(bindparam("but", expanding=True)))
    if last:
        late = _C.e164.in_(bindparam("last", expanding=True))
        query = query.order_by(case((late, 1), else_=0))
    return query.order_by(_C.line_at, _C.id).limit(_MOST).with_for_update(skip_locked=True)


@cache
def _change(names: tuple[str, ...]) -> Update:
    expected = (_C.id == bindparam("request_id"), _C.state == bindparam("read_state"))
    return update(requests).where(*expected).values(bound(names))


class SqlRequests(Repository):
    def add(self, *, actor: str, **fields: Any) -> Request:
        """A new request with its first row of the trail."""
        request = rows.to_request(self.connection.execute(_ADD, known(requests, fields)).one())
        SqlTrail(self.tx).add(
            request.id,
            actor=actor,
            event=TrailEvent.REQUEST,
            old=None,
            new=request.state,
            reason="asked",
        )
        self.tx.wake()
        return request

    def get(self, request_id: RequestId) -> Request | None:
        return self._first(_BY_ID, request_id=request_id)

    def lock(self, request_id: RequestId) -> Request | None:
        return self._first(_BY_ID_LOCKED, request_id=request_id)

    def open_for(self, queue: str, e164: str) -> Request | None:
        """Without its lock."""
        return self._first(_OPEN, queue=queue, e164=e164)

    def lock_open_for(self, queue: str, e164: str) -> Request | None:
        # Twice: whoever waited for the row of a request that was completed meanwhile does not see,
        # in the same statement, the one that was opened in its place.
        for _ in range(1 if self.tx.sqlite else 2):
            found = self._first(_OPEN_LOCKED, queue=queue, e164=e164)
            if found is not None:
                return found
        return None

    def open_by_queue(self) -> dict[str, int]:
        """How many are open in each callback queue, of those that have one."""
        return {row[0]: row[1] for row in self.connection.execute(_OPEN_BY_QUEUE)}

    def open_of(self, queue: str) -> Sequence[RequestId]:
        """The open ones of a callback queue, the oldest first."""
        found = self.connection.execute(_OPEN_OF, {"queue": queue}).scalars()
        return [RequestId(one) for one in found]

    def change(
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
            expected = {"request_id": old.id, "read_state": old.state}
            done = self.connection.execute(_change(tuple(changed)), expected | changed)
            if done.rowcount != 1:
                raise StaleWrite(f"callback request {old.id} was changed by somebody else")
        SqlTrail(self.tx).add(
            new.id, actor=actor, event=event, old=old.state, new=new.state, reason=reason
        )
        self.tx.wake()
        return new

    def change_all(
        self, changes: Sequence[tuple[Request, Request]], *, actor: str, reasons: Sequence[str]
    ) -> None:
        """As `change`, for many that go on in line or by their calls: another state, due_at,
        line_at, rings, note or ended_at. Raises IllegalTransition, StaleWrite."""
        if not changes:
            return
        for old, new in changes:
            if old.state is not new.state:
                transitions.check(old.state, new.state)
            assert rows.changes(old, new).keys() <= set(_MOVED)
        given = [
            {"id": old.id, "read_state": old.state} | {name: getattr(new, name) for name in _MOVED}
            for old, new in changes
        ]
        if _CHANGE_ALL.execute(self.connection, given) != len(changes):
            raise StaleWrite("one of the callback requests was changed by somebody else")
        for (old, new), reason in zip(changes, reasons, strict=True):
            SqlTrail(self.tx).add(
                new.id,
                actor=actor,
                event=TrailEvent.REQUEST,
                old=old.state,
                new=new.state,
                reason=reason,
            )
        self.tx.wake()

    def lock_due(self, limit: int) -> Sequence[Request]:
        """Scheduled requests whose due_at has come, the earliest first."""
        return self._locked(_DUE, now=self.now, most=limit)

    def lock_expired(self, limit: int) -> Sequence[Request]:
        """Waiting requests past their expires_at."""
        return self._locked(_EXPIRED, now=self.now, most=limit)

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
        values: dict[str, object] = {"queue": queue, "now": self.now, "most": limit}
        if only is not None:
            values["only"] = sorted(only)
        if but:
            values["but"] = sorted(but)
        if last:
            values["last"] = sorted(last)
        query = _claimable(last="last" in values, only="only" in values, but="but" in values)
        return self._locked(query, **values)

    def latest(self, state: str | None, limit: int) -> Sequence[Request]:
        """The latest requests, for the operator's list."""
        query = select(requests).order_by(_C.id.desc()).limit(limit)
        if state is not None:
            query = query.where(_C.state == state)
        return [rows.to_request(row) for row in self.connection.execute(query)]

    def planned(self, queues: Sequence[str], since: datetime, until: datetime) -> Sequence[Request]:
        """Requests of these queues that wait for a time from `since` to before `until`."""
        query = (
            select(requests)
            .where(
                _C.queue.in_(queues),
                IS_SCHEDULED,
                _C.due_at >= since,
                _C.due_at < until,
            )
            .order_by(_C.due_at, _C.id)
        )
        return [rows.to_request(row) for row in self.connection.execute(query)]

    def _first(self, query: Select[Any], **values: object) -> Request | None:
        found = self.connection.execute(query, values).first()
        return rows.to_request(found) if found else None

    def _locked(self, query: Select[Any], **values: object) -> Sequence[Request]:
        return [rows.to_request(row) for row in self.connection.execute(query, values)]
