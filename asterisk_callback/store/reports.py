"""What reports read: lines to count, one after another, and whole callback requests to list.

A span's rows are found by indexes of instants, so a day costs what happened on it, however long the
past is.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    and_,
    cast,
    extract,
    func,
    or_,
    select,
    true,
    union,
)

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.queue import Names
from asterisk_callback.domain.report_data import (
    QUARTER,
    AttemptLine,
    EndLine,
    ReportedAttempt,
    ReportedRequest,
    ReportedWish,
    WishLine,
)
from asterisk_callback.domain.request import RequestState
from asterisk_callback.store.expressions import own_attempt, rang_at, rang_for, talked_for
from asterisk_callback.store.repository import Repository
from asterisk_callback.store.tables.calls import attempts, requests, wishes

_R, _W, _A = requests.c, wishes.c, attempts.c
# So many rows at a time: the drivers would fetch all of them first.
_ROWS = 2000
_RANG_FOR_IT, _TALKED_FOR_IT = rang_for(wishes, attempts), talked_for(wishes, attempts)
_WITH_ITS_OWN = wishes.outerjoin(attempts, own_attempt(wishes, attempts))


class SqlReports(Repository):
    def wish_lines(self, names: Names, since: datetime, until: datetime) -> Iterator[WishLine]:
        """Of wishes that were made, promised or taken back from `since` to before `until`."""
        seconds = self._seconds
        query = (
            select(
                _W.id, _R.queue, _R.state, _W.asap, seconds(_W.created_at),
                seconds(_W.promised_from), seconds(_W.promised_to), seconds(_W.withdrawn_at),
                seconds(_RANG_FOR_IT), seconds(_TALKED_FOR_IT), _A.agent,
            )
            .select_from(_WITH_ITS_OWN.join(requests, _R.id == _W.request_id))
            .where(_asked(since, until), _of(names))
            # By an expression: in the order of ids PostgreSQL would walk through all wishes.
            .order_by(_W.id + 0, _A.id)
        )  # fmt: skip
        for (
            wish,
            queue,
            state,
            asap,
            asked,
            start,
            end,
            withdrawn,
            rang,
            talked,
            agent,
        ) in self._stream(query):
            yield WishLine(
                wish, queue, _STATES[state], asap, asked, start, end, withdrawn, rang, talked, agent
            )

    def attempt_lines(
        self, names: Names, since: datetime, until: datetime
    ) -> Iterator[AttemptLine]:
        """Of attempts that were claimed then."""
        talk = self._seconds(_A.ended_at) - self._seconds(_A.answered_at)
        query = (
            select(
                _R.queue, self._seconds(_A.claimed_at), _A.agent, rang_at(attempts).is_not(None),
                _A.disposition, talk,
            )
            .select_from(attempts.join(requests, _R.id == _A.request_id))
            .where(_within(_A.claimed_at, since, until), _of(names))
        )  # fmt: skip
        for queue, claimed, agent, rang, disposition, talked in self._stream(query):
            how = _DISPOSITIONS.get(disposition)
            yield AttemptLine(queue, claimed, agent, rang, how, talked)

    def end_lines(self, names: Names, since: datetime, until: datetime) -> Iterator[EndLine]:
        """Of requests that ended then."""
        quarter = self._seconds(_R.ended_at) // QUARTER * QUARTER
        alike = (_R.queue, _R.state, _R.rings)
        query = (
            select(*alike, quarter, func.count())
            .where(_within(_R.ended_at, since, until), _of(names))
            .group_by(*alike, quarter)
        )
        for queue, state, rings, ended, count in self._stream(query):
            yield EndLine(queue, ended, _STATES[state], rings, count)

    def request_ids(self, names: Names, since: datetime, until: datetime) -> Sequence[int]:
        """Every request that was asked for, promised, tried or ended then, in order."""
        found = union(
            select(_W.request_id).where(_asked(since, until)),
            select(_A.request_id).where(_within(_A.claimed_at, since, until)),
            select(_R.id).where(_within(_R.ended_at, since, until)),
        ).subquery()
        touched = select(found.c[0])
        query = select(_R.id).where(_R.id.in_(touched), _of(names)).order_by(_R.id)
        return list(self.connection.execute(query).scalars())

    def requests(self, ids: Sequence[int]) -> Sequence[ReportedRequest]:
        """These, by id."""
        asked, tried = self._past_wishes(ids), self._past_attempts(ids)
        columns = (
            _R.id,
            _R.queue,
            _R.e164,
            _R.topic,
            _R.state,
            _R.created_at,
            _R.ended_at,
            _R.rings,
        )
        query = select(*columns).where(_R.id.in_(ids)).order_by(_R.id)
        return [
            ReportedRequest(*row[:4], _STATES[row[4]], *row[5:], asked[row[0]], tried[row[0]])
            for row in self.connection.execute(query)
        ]

    def _past_wishes(self, ids: Sequence[int]) -> dict[int, list[ReportedWish]]:
        # In order by an expression: by its ids SQLite would walk through all wishes.
        query = (
            select(
                _W.request_id, _W.id, _W.created_at, _W.due_at, _W.promised_from,
                _W.promised_to, _W.withdrawn_at, _RANG_FOR_IT, _TALKED_FOR_IT,
            )
            .select_from(_WITH_ITS_OWN)
            .where(_W.request_id.in_(ids))
            .order_by(_W.id + 0)
        )  # fmt: skip
        found: dict[int, list[ReportedWish]] = defaultdict(list)
        for _, rows in groupby(self.connection.execute(query), key=lambda row: row[1]):
            first, *others = rows
            rang, talked = (
                min((row[nth] for row in (first, *others) if row[nth]), default=None)
                for nth in (7, 8)
            )
            found[first[0]].append(ReportedWish(*first[1:7], rang, talked))
        return found

    def _past_attempts(self, ids: Sequence[int]) -> dict[int, list[ReportedAttempt]]:
        found: dict[int, list[ReportedAttempt]] = defaultdict(list)
        query = select(_A.request_id, _A.agent, _A.disposition).where(_A.request_id.in_(ids))
        for request, agent, how in self.connection.execute(query.order_by(_A.id)):
            found[request].append(ReportedAttempt(agent, _DISPOSITIONS.get(how)))
        return found

    def _seconds(self, instant: ColumnElement[Any]) -> ColumnElement[Any]:
        """Since 1970, rounded down: an integer is read ten times as fast as an instant. SQLite
        would round 59.9996 up, so its text is cut first."""
        if self.tx.sqlite:
            return cast(func.strftime("%s", func.substr(instant, 1, 19)), Integer)
        return cast(func.floor(extract("epoch", instant)), BigInteger)

    def _stream(self, query: Select[Any]) -> Iterator[Any]:
        found = self.connection.execute(query.execution_options(yield_per=_ROWS))
        for rows in found.partitions():
            yield from rows


def _within(column: ColumnElement[Any], since: datetime, until: datetime) -> ColumnElement[bool]:
    return and_(column >= since, column < until)


def _asked(since: datetime, until: datetime) -> ColumnElement[bool]:
    """Wishes that were made, promised or taken back then: each by an index of its own."""
    instants = (_W.created_at, _W.promised_from, _W.withdrawn_at)
    return or_(*(_within(one, since, until) for one in instants))


def _of(names: Names) -> ColumnElement[bool]:
    return true() if names is None else _R.queue.in_(names)


_STATES = {one.value: one for one in RequestState}
_DISPOSITIONS: dict[str | None, Disposition] = {one.value: one for one in Disposition}
