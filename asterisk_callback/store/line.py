"""The waiting line of a callback queue: who is before whom, and how fast it moves."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, bindparam, case, func, or_, select

from asterisk_callback.domain.request import Request
from asterisk_callback.domain.wish import Wish
from asterisk_callback.store.expressions import since
from asterisk_callback.store.repository import Repository
from asterisk_callback.store.tables.calls import (
    IS_QUEUED,
    STANDS,
    attempts,
    queue_of_attempt,
    requests,
    wishes,
)
from asterisk_callback.store.tables.metadata import Utc

_C, _W, _A = requests.c, wishes.c, attempts.c
_NOW: BindParameter[Any] = bindparam("now")
_AHEAD_OF = (
    select(func.count())
    .select_from(requests)
    .where(
        _C.queue == bindparam("queue"),
        IS_QUEUED,
        or_(
            _C.line_at < bindparam("place"),
            (_C.line_at == bindparam("place")) & (_C.id < bindparam("request_id")),
        ),
    )
)
# The wishes that are due, behind requests that are in line.
_IN_LINE = (
    select(func.count())
    .select_from(requests.join(wishes, _W.request_id == _C.id))
    .where(_C.queue == bindparam("queue"), IS_QUEUED)
    # By an expression: SQLite would begin with all wishes that were ever due.
    .where(STANDS, func.coalesce(_W.due_at, _W.due_at) <= _NOW)
)
_SINCE = since(wishes)
# A wish's place in line: its own time, or its request's after a try.
_PLACE = case((_W.due_at > _C.line_at, _W.due_at), else_=_C.line_at)
# Of the wish that is asked about. On the left of a comparison a value has no type of its own, and
# SQLite would compare another text for the same instant.
_AT: BindParameter[Any] = bindparam("place", type_=Utc())
_SINCE_THEN: BindParameter[Any] = bindparam("since", type_=Utc())
_BEFORE = _IN_LINE.where(
    _W.id != bindparam("wish_id"),
    or_(
        _AT > _PLACE,
        (_AT == _PLACE) & (_SINCE_THEN > _SINCE),
        (_AT == _PLACE) & (_SINCE_THEN == _SINCE) & (_W.id < bindparam("wish_id")),
    ),
)
_BEFORE_OF_OTHERS = _BEFORE.where(_W.request_id != bindparam("request_id"))
# So many talks of a server are looked at for those of one queue: more would take ever longer where
# the others of a busy server have nearly all of them.
LOOKED_AT = 2000
_LATELY = (
    select(_A.agent_at, _A.ended_at, queue_of_attempt().label("queue"))
    .where(
        _A.server == bindparam("server"),
        _A.ended_at >= bindparam("since"),
        _A.answered_at.is_not(None),
        _A.agent_at.is_not(None),
    )
    .order_by(_A.ended_at.desc())
    .limit(LOOKED_AT)
    .subquery()
)
# In the order of the subquery, which both databases read only until there are enough.
_TALKS = (
    select(_LATELY.c.agent_at, _LATELY.c.ended_at)
    .where(_LATELY.c.queue == bindparam("queue"))
    .limit(bindparam("most"))
)
_WAITING_FOR_AGENT = (
    select(func.count())
    .select_from(attempts)
    .where(_A.ended_at.is_(None), _A.agent_at.is_(None), queue_of_attempt() == bindparam("queue"))
)


class SqlLine(Repository):
    def ahead_of(self, request: Request) -> int:
        """How many requests of the same queue are in line before this one."""
        values = {"queue": request.queue, "place": request.line_at, "request_id": request.id}
        return int(self.connection.execute(_AHEAD_OF, values).scalar_one())

    def wishes_before(self, wish: Wish, queue: str, line_at: datetime, *, own: bool) -> int:
        """How many wishes are in line before this one, whose place there is `line_at`.

        own: those behind its own request, too. Each counts by itself, also where two share a
        request: else two places told which of two numbers had a request already (P12).
        """
        values = {
            "queue": queue,
            "now": self.now,
            "place": line_at,
            "since": wish.since,
            "wish_id": wish.id,
        }
        if own:
            return int(self.connection.execute(_BEFORE, values).scalar_one())
        values["request_id"] = wish.request_id
        return int(self.connection.execute(_BEFORE_OF_OTHERS, values).scalar_one())

    def length(self, queue: str) -> int:
        """How many wishes of a queue are in line, each by itself: see wishes_before."""
        values = {"queue": queue, "now": self.now}
        return int(self.connection.execute(_IN_LINE, values).scalar_one())

    def recent_talks(
        self, server: str, queue: str, since: datetime, limit: int
    ) -> Sequence[timedelta]:
        """How long agents were taken up by the last calls of a queue in which they talked."""
        values = {"server": server, "queue": queue, "since": since, "most": limit}
        return [row.ended_at - row.agent_at for row in self.connection.execute(_TALKS, values)]

    def waiting_for_agent(self, queue: str) -> int:
        """Open attempts of a queue that no agent has answered."""
        return self.connection.execute(_WAITING_FOR_AGENT, {"queue": queue}).scalar_one()
