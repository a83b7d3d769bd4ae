"""What the board reads: whole pages of open requests, and a day's promises, in few queries."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.day import Promised
from asterisk_callback.domain.request import Request, RequestId, RequestState
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.board_ports import Count, Names
from asterisk_callback.store import rows
from asterisk_callback.store.base import Base
from asterisk_callback.store.tables import IS_OPEN, IS_QUEUED, attempts, requests, wishes

_R, _W, _A = requests.c, wishes.c, attempts.c
_SINCE = func.coalesce(_W.joined_at, _W.created_at)
_RANG = func.coalesce(_A.ringing_at, _A.answered_at, _A.gate_at)
# Evidence that the customer's phone rang for this wish: as services/promise.py has it.
_RUNG_FOR_IT = and_(
    _A.request_id == _W.request_id,
    or_(_A.rung, _A.ringing_at.is_not(None), _A.answered_at.is_not(None)),
    _A.claimed_at >= _SINCE,
)
_STANDS = _W.withdrawn_at.is_(None)


class BoardReads(Base):
    def open_counts(self, names: Names, minute: datetime) -> Sequence[Count]:
        """By queue and state. minute: now, by whole minutes. Late: a wish that stands was promised
        a call that has not come."""
        late = exists().where(
            _W.request_id == _R.id, _STANDS, _W.promised_to < minute, ~exists().where(_RUNG_FOR_IT)
        )
        query = (
            select(_R.queue, _R.state, func.count(), func.sum(case((late, 1), else_=0)))
            .where(IS_OPEN, _of(names))
            .group_by(_R.queue, _R.state)
            .order_by(_R.queue, _R.state)
        )
        return [
            Count(queue=queue, state=RequestState(state), requests=count, late=int(late or 0))
            for queue, state, count, late in self.connection.execute(query)
        ]

    def open_page(self, names: Names, start: int, limit: int) -> Sequence[Request]:
        """Those whose promise ends first come first; one that was rung already, or was told
        nothing, by when it is due."""
        promised = (
            select(func.min(_W.promised_to))
            .where(_W.request_id == _R.id, _STANDS, _R.rings == 0)
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

    def places_in_line(self, names: Names) -> dict[RequestId, int]:
        """How many are in line before each that is in line."""
        place = func.row_number().over(partition_by=_R.queue, order_by=(_R.line_at, _R.id))
        query = select(_R.id, place).where(IS_QUEUED, _of(names))
        return {RequestId(one): nth - 1 for one, nth in self.connection.execute(query)}

    def promised_between(
        self, names: Names, since: datetime, until: datetime
    ) -> Sequence[Promised]:
        """The wishes whose promised time begins then."""
        rang = select(func.min(_RANG)).where(_RUNG_FOR_IT).scalar_subquery()
        talked = exists().where(_RUNG_FOR_IT, _A.answered_at.is_not(None))
        query = (
            select(
                _R.queue,
                _W.created_at,
                _W.asap,
                _W.promised_from,
                _W.promised_to,
                _R.state,
                _W.withdrawn_at,
                rang.label("rang_at"),
                talked.label("talked"),
            )
            .select_from(wishes.join(requests, _W.request_id == _R.id))
            .where(_W.promised_from >= since, _W.promised_from < until, _of(names))
            .where(_W.promised_to.is_not(None))
        )
        return [
            Promised(
                queue=row.queue,
                asked_at=row.created_at,
                asap=row.asap,
                start=row.promised_from,
                end=row.promised_to,
                state=RequestState(row.state),
                withdrawn=row.withdrawn_at is not None,
                rang_at=row.rang_at,
                talked=bool(row.talked),
            )
            for row in self.connection.execute(query)
        ]


def _of(names: Names) -> ColumnElement[bool]:
    return true() if names is None else _R.queue.in_(names)
