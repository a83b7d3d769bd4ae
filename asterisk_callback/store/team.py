"""Notify mode in the database. A claim is a lease: it ends by itself if its holder dies."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, exists, func, or_, select, update

from asterisk_callback.domain.outbox import LOST, DeliveryOutcome
from asterisk_callback.domain.request import RequestId
from asterisk_callback.domain.team_notice import NotTold, TeamEvent, TeamLink, TeamNote
from asterisk_callback.store.lease_queue import KEPT, LeaseQueue
from asterisk_callback.store.repository import Repository, bound
from asterisk_callback.store.rows import padded
from asterisk_callback.store.tables.calls import IS_ENDED, IS_OPEN, requests
from asterisk_callback.store.tables.telling import IS_UNCLOSED, team_links, team_notes

_L, _N, _R = team_links.c, team_notes.c, requests.c
_OPEN_YET = exists().where(_R.id == _N.request_id, IS_OPEN)
# In its order: who hears of a wish after its end would ring somebody who wants no call.
_QUEUE = LeaseQueue(
    team_notes,
    in_order=("request_id", "channel"),
    old=(_N.done_at < bindparam("before")) & ~_OPEN_YET,
)
_NOTE = (_N.id, _N.request_id, _N.number, _N.event, _N.channel, _N.created_at, _N.tries)
_OF_QUEUES = _R.queue.in_(bindparam("queues", expanding=True))
_MOST: BindParameter[Any] = bindparam("most")
# In order by an expression: SQLite would walk through all requests by their ids.
_UNKNOWN = (
    select((_R.id + 0).label("id"))
    .where(IS_OPEN, _OF_QUEUES, ~exists().where(_L.request_id == _R.id))
    .order_by("id")
    .limit(_MOST)
)
_CHANGED = (
    select(_L.request_id.label("id"))
    .where(
        IS_UNCLOSED,
        exists().where(
            _R.id == _L.request_id, _OF_QUEUES, or_(IS_ENDED, IS_OPEN & (_R.due_at != _L.due_at))
        ),
    )
    .order_by("id")
    .limit(_MOST)
)
_LINK = select(team_links).where(_L.request_id == bindparam("of_request"))
_BY_HASH = select(team_links).where(_L.secret_hash == bindparam("secret_hash"))
_LINKS = select(team_links).where(_L.request_id.in_(bindparam("requests", expanding=True)))
_OF_IT = update(team_links).where(_L.request_id == bindparam("of_request"))
_TOLD = _OF_IT.values(bound(("told_at",)))
_UNTOLD = _OF_IT.where(_L.untold_at.is_(None)).values(bound(("untold_at",)))
_PUT = _OF_IT.values(bound(("due_at", "number", "closed_at")))
_ADD_LINK, _ADD_NOTE = team_links.insert(), team_notes.insert()
_TAKEN = (
    select(*_NOTE, _L.nonce)
    .select_from(team_notes.join(team_links, _N.request_id == _L.request_id))
    .where(_N.id == bindparam("note_id"))
)
_BY_CHANNEL = (
    select(
        _R.queue,
        _N.channel,
        func.count(_N.request_id.distinct()).label("requests"),
        func.max(_N.detail).label("detail"),
    )
    .select_from(team_notes.join(requests, _N.request_id == _R.id))
    .group_by(_R.queue, _N.channel)
    .order_by(_R.queue, _N.channel)
)
# Two reads, each of few rows: those undone have an index, and so have open requests.
_WAITING = _BY_CHANNEL.where(
    _N.done_at.is_(None), _N.created_at <= bindparam("before"), _N.detail != ""
)
_LOST = _BY_CHANNEL.where(IS_OPEN, _N.outcome.in_(LOST))


class SqlTeamLinks(Repository):
    def untold(self, queues: Sequence[str], limit: int) -> Sequence[RequestId]:
        """Requests of these queues that are not as the team was told, the oldest first."""
        # Two reads, each by an index of few rows, however many requests have ended.
        values = {"queues": list(queues), "most": limit}
        found = {
            row
            for query in (_UNKNOWN, _CHANGED)
            for row in self.connection.execute(query, values).scalars()
        }
        return [RequestId(one) for one in sorted(found)[:limit]]

    def get(self, request_id: RequestId) -> TeamLink | None:
        return next(iter(self._links(_LINK, of_request=request_id)), None)

    def by_hash(self, secret_hash: str) -> TeamLink | None:
        return next(iter(self._links(_BY_HASH, secret_hash=secret_hash)), None)

    def of_all(self, ids: Sequence[RequestId]) -> Sequence[TeamLink]:
        """Of these requests, as far as their teams have one."""
        return self._links(_LINKS, requests=padded(ids)) if ids else []

    def _links(self, query: Select[Any], **given: object) -> list[TeamLink]:
        return [
            TeamLink(
                request_id=RequestId(row.request_id),
                nonce=row.nonce,
                due_at=row.due_at,
                number=row.number,
                closed_at=row.closed_at,
                told_at=row.told_at,
                untold_at=row.untold_at,
            )
            for row in self.connection.execute(query, given)
        ]

    def mark_told(self, request_id: RequestId) -> None:
        """Somebody of the team knows of it now. The caller holds the request's row."""
        self.connection.execute(_TOLD, {"of_request": request_id, "told_at": self.now})

    def mark_untold(self, request_id: RequestId) -> None:
        """Nobody of the team knows of it, and nobody will soon. The caller holds the request's
        row."""
        self.connection.execute(_UNTOLD, {"of_request": request_id, "untold_at": self.now})

    def put(self, link: TeamLink, secret_hash: str) -> None:
        """The caller holds the request's row."""
        values = {"due_at": link.due_at, "number": link.number, "closed_at": link.closed_at}
        mine = {"of_request": link.request_id}
        if self.connection.execute(_PUT, {**mine, **values}).rowcount:
            return
        made = {"request_id": link.request_id, "nonce": link.nonce, "secret_hash": secret_hash}
        self.connection.execute(_ADD_LINK, {**made, **values})


class SqlTeamNotes(Repository):
    def add(self, link: TeamLink, event: TeamEvent, channel: str) -> None:
        values = {
            "request_id": link.request_id,
            "number": link.number,
            "event": event.value,
            "channel": channel,
            "created_at": self.now,
            "next_at": self.now,
        }
        self.connection.execute(_ADD_NOTE, values)

    def any_due(self) -> bool:
        return _QUEUE.any_due(self)

    def claim(self, lease: timedelta) -> TeamNote | None:
        """The one that waits longest, for this caller alone until the lease ends."""
        found = _QUEUE.claim(self, lease)
        if found is None:
            return None
        return _to_note(self.connection.execute(_TAKEN, {"note_id": found}).one())

    def not_told(self, before: datetime) -> Sequence[NotTold]:
        """What has waited since then and was tried in vain, and open requests of which one of the
        channels will tell nobody any more."""
        waiting = self.connection.execute(_WAITING, {"before": before})
        lost = self.connection.execute(_LOST)
        return [NotTold(**row._mapping) for found in (waiting, lost) for row in found]

    def prune(self, after: int) -> int | None:
        """See LeaseQueue.prune. What ended long ago goes, once its request is over: until then the
        alarm that its team was not told reads it."""
        return _QUEUE.prune(self, self.now - KEPT, after)

    def postpone(self, note: TeamNote, until: datetime, detail: str) -> bool:
        """Tried in vain. False if it was claimed again since: then it is not ours to judge."""
        return _QUEUE.postpone(self, note.id, note.tries, until, detail)

    def finish(self, note: TeamNote, outcome: DeliveryOutcome, detail: str = "") -> bool:
        """It ends like this, also when the lease was lost meanwhile."""
        return _QUEUE.finish(self, note.id, outcome.value, detail)


def _to_note(row: Any) -> TeamNote:
    values = dict(row._mapping)
    values["request_id"] = RequestId(values["request_id"])
    values["event"] = TeamEvent(values["event"])
    return TeamNote(**values)
