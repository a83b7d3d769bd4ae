"""What reports read: all callback requests of some days, with wishes and attempts, by queries."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true, union

from asterisk_callback.domain.attempt import Disposition
from asterisk_callback.domain.report import PastAttempt, PastRequest, PastWish
from asterisk_callback.domain.request import RequestState
from asterisk_callback.store.base import Base
from asterisk_callback.store.tables import attempts, requests, wishes

_R, _W, _A = requests.c, wishes.c, attempts.c
# Evidence of ringing and when, as services/promise.py has it.
_RANG = func.coalesce(_A.ringing_at, _A.answered_at, case((_A.rung, _A.gate_at)))


class ReportReads(Base):
    def past_requests(
        self, names: Sequence[str] | None, since: datetime, until: datetime
    ) -> Sequence[PastRequest]:
        """Every request that was asked for, promised, tried or ended from `since` to before
        `until` (aware), by id. names: of these callback queues; None: of all."""
        of = true() if names is None else _R.queue.in_(names)
        touched = _touched(since, until)
        past_wishes = self._past_wishes(touched)
        past_attempts = self._past_attempts(touched)
        query = (
            select(
                _R.id, _R.queue, _R.e164, _R.topic, _R.state, _R.created_at, _R.ended_at, _R.rings
            )
            .where(_R.id.in_(touched), of)
            .order_by(_R.id)
        )
        return [
            PastRequest(
                row[0],
                *row[1:4],
                _STATES[row[4]],
                *row[5:8],
                past_wishes[row[0]],
                past_attempts[row[0]],
            )
            for row in self.connection.execute(query)
        ]

    def _past_wishes(self, touched: Select[tuple[int]]) -> dict[int, list[PastWish]]:
        found: dict[int, list[PastWish]] = defaultdict(list)
        query = (
            select(
                _W.request_id,
                _W.created_at,
                func.coalesce(_W.joined_at, _W.created_at),
                _W.due_at,
                _W.asap,
                _W.promised_from,
                _W.promised_to,
                _W.withdrawn_at,
            )
            .where(_W.request_id.in_(touched))
            .order_by(_W.id)
        )
        for row in self.connection.execute(query):
            found[row[0]].append(PastWish(*row[1:]))
        return found

    def _past_attempts(self, touched: Select[tuple[int]]) -> dict[int, list[PastAttempt]]:
        found: dict[int, list[PastAttempt]] = defaultdict(list)
        query = (
            select(
                _A.request_id,
                _A.claimed_at,
                _A.agent,
                _RANG,
                _A.answered_at,
                _A.ended_at,
                _A.disposition,
            )
            .where(_A.request_id.in_(touched))
            .order_by(_A.id)
        )
        for row in self.connection.execute(query):
            found[row[0]].append(PastAttempt(*row[1:6], _DISPOSITIONS.get(row[6])))
        return found


def _touched(since: datetime, until: datetime) -> Select[tuple[int]]:
    def within(column: ColumnElement[datetime]) -> ColumnElement[bool]:
        return and_(column >= since, column < until)

    by_wish = or_(within(_W.created_at), within(_W.promised_from), within(_W.withdrawn_at))
    found = union(
        select(_W.request_id).where(by_wish),
        select(_A.request_id).where(within(_A.claimed_at)),
        select(_R.id).where(within(_R.ended_at)),
    ).subquery()
    return select(found.c[0])


_STATES = {one.value: one for one in RequestState}
_DISPOSITIONS: dict[str | None, Disposition] = {one.value: one for one in Disposition}
