"""Notify mode in the database. A claim is a lease: it ends by itself if its holder dies."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, update

from asterisk_callback.domain.outbox import LOST, DeliveryOutcome
from asterisk_callback.domain.request import RequestId
from asterisk_callback.domain.team_notice import NotTold, TeamEvent, TeamLink, TeamNote
from asterisk_callback.store.lease_queue import KEPT, LeaseQueue
from asterisk_callback.store.repository import Repository
from asterisk_callback.store.tables.calls import IS_ENDED, IS_OPEN, requests
from asterisk_callback.store.tables.telling import IS_UNCLOSED, team_links, team_notes

_L, _N, _R = team_links.c, team_notes.c, requests.c
# Who hears of a wish after its end would ring somebody who wants no call.
_QUEUE = LeaseQueue(team_notes, in_order=("request_id", "channel"))
_NOTE = (_N.id, _N.request_id, _N.number, _N.event, _N.channel, _N.created_at, _N.tries)


class SqlTeamLinks(Repository):
    def untold(self, queues: Sequence[str], limit: int) -> Sequence[RequestId]:
        """Requests of these queues that are not as the team was told, the oldest first."""
        # Two reads, each by an index of few rows, however many requests have ended. In order by an
        # expression: SQLite would walk through all requests by their ids.
        unknown = select((_R.id + 0).label("id")).where(
            IS_OPEN, _R.queue.in_(queues), ~exists().where(_L.request_id == _R.id)
        )
        moved_on = or_(IS_ENDED, IS_OPEN & (_R.due_at != _L.due_at))
        now = exists().where(_R.id == _L.request_id, _R.queue.in_(queues), moved_on)
        changed = select(_L.request_id.label("id")).where(IS_UNCLOSED, now)
        found = {
            row
            for query in (unknown, changed)
            for row in self.connection.execute(query.order_by("id").limit(limit)).scalars()
        }
        return [RequestId(one) for one in sorted(found)[:limit]]

    def get(self, request_id: RequestId) -> TeamLink | None:
        return self._link(_L.request_id == request_id)

    def by_hash(self, secret_hash: str) -> TeamLink | None:
        return self._link(_L.secret_hash == secret_hash)

    def _link(self, condition: ColumnElement[bool]) -> TeamLink | None:
        return next(iter(self._links(condition)), None)

    def of_all(self, ids: Sequence[RequestId]) -> Sequence[TeamLink]:
        """Of these requests, as far as their teams have one."""
        return self._links(_L.request_id.in_(ids)) if ids else []

    def _links(self, condition: ColumnElement[bool]) -> list[TeamLink]:
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
            for row in self.connection.execute(select(team_links).where(condition))
        ]

    def mark_told(self, request_id: RequestId) -> None:
        """Somebody of the team knows of it now. The caller holds the request's row."""
        mine = _L.request_id == request_id
        self.connection.execute(update(team_links).where(mine).values(told_at=self.now))

    def mark_untold(self, request_id: RequestId) -> None:
        """Nobody of the team knows of it, and nobody will soon. The caller holds the request's
        row."""
        mine = (_L.request_id == request_id) & _L.untold_at.is_(None)
        self.connection.execute(update(team_links).where(mine).values(untold_at=self.now))

    def put(self, link: TeamLink, secret_hash: str) -> None:
        """The caller holds the request's row."""
        values = {"due_at": link.due_at, "number": link.number, "closed_at": link.closed_at}
        mine = _L.request_id == link.request_id
        if self.connection.execute(update(team_links).where(mine).values(**values)).rowcount:
            return
        made = {"request_id": link.request_id, "nonce": link.nonce, "secret_hash": secret_hash}
        self.connection.execute(team_links.insert().values(**made, **values))


class SqlTeamNotes(Repository):
    def add(self, link: TeamLink, event: TeamEvent, channel: str) -> None:
        self.connection.execute(
            team_notes.insert().values(
                request_id=link.request_id,
                number=link.number,
                event=event.value,
                channel=channel,
                created_at=self.now,
                next_at=self.now,
            )
        )

    def any_due(self) -> bool:
        return _QUEUE.any_due(self)

    def claim(self, lease: timedelta) -> TeamNote | None:
        """The one that waits longest, for this caller alone until the lease ends."""
        found = _QUEUE.claim(self, lease)
        if found is None:
            return None
        joined = team_notes.join(team_links, _N.request_id == _L.request_id)
        taken = select(*_NOTE, _L.nonce).select_from(joined).where(_N.id == found)
        return _to_note(self.connection.execute(taken).one())

    def not_told(self, before: datetime) -> Sequence[NotTold]:
        """What has waited since then and was tried in vain, and open requests of which one of the
        channels will tell nobody any more."""
        waits = _N.done_at.is_(None) & (_N.created_at <= before) & (_N.detail != "")
        lost = _N.outcome.in_(LOST)
        # Two reads, each of few rows: those undone have an index, and so have open requests.
        found = [
            row
            for condition in (waits, and_(IS_OPEN, lost))
            for row in self.connection.execute(self._not_told(condition))
        ]
        return [NotTold(**row._mapping) for row in found]

    def _not_told(self, condition: ColumnElement[bool]) -> Select[Any]:
        return (
            select(
                _R.queue,
                _N.channel,
                func.count(_N.request_id.distinct()).label("requests"),
                func.max(_N.detail).label("detail"),
            )
            .select_from(team_notes.join(requests, _N.request_id == _R.id))
            .where(condition)
            .group_by(_R.queue, _N.channel)
            .order_by(_R.queue, _N.channel)
        )

    def prune(self, after: int) -> int | None:
        """See LeaseQueue.prune. What ended long ago goes, once its request is over: until then the
        alarm that its team was not told reads it."""
        open_yet = exists().where(_R.id == _N.request_id, IS_OPEN)
        return _QUEUE.prune(self, (_N.done_at < self.now - KEPT) & ~open_yet, after)

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
