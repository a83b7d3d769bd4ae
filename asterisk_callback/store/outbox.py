"""The outbox in the database. A claim is a lease: it ends by itself if its holder dies."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, exists, func, or_, select, true, update

from asterisk_callback.domain.customer_message import InVain, Message, MessageKind, ReachedBy
from asterisk_callback.domain.outbox import DeliveryOutcome
from asterisk_callback.domain.wish import WishId
from asterisk_callback.store import rows
from asterisk_callback.store.lease_queue import KEPT, LeaseQueue
from asterisk_callback.store.repository import Repository
from asterisk_callback.store.tables.calls import IS_OPEN, requests, wishes
from asterisk_callback.store.tables.telling import messages

_M = messages.c
_QUEUE = LeaseQueue(messages)


def _reached(reach: ReachedBy | None) -> ColumnElement[bool]:
    """Of wishes whose customer is reached so; of all, if None."""
    if reach is None:
        return true()
    mailbox = exists().where(wishes.c.id == _M.wish_id, wishes.c.email != "")
    return mailbox if reach is ReachedBy.MAILBOX else ~mailbox


class SqlMessages(Repository):
    def add(
        self,
        wish_id: WishId,
        kind: MessageKind,
        *,
        occasion: str,
        due_at: datetime,
        facts: Mapping[str, str],
    ) -> None:
        """A row of the outbox, unless this wish has one of this kind and occasion.

        Two that add the same at once hold the same request's row, or else one of them fails.
        """
        same = (_M.wish_id == wish_id) & (_M.kind == kind.value) & (_M.occasion == occasion)
        if self.connection.execute(select(_M.id).where(same)).first() is not None:
            return
        self.connection.execute(
            messages.insert().values(
                wish_id=wish_id,
                kind=kind.value,
                occasion=occasion,
                facts=json.dumps(dict(facts)),
                created_at=self.now,
                due_at=due_at,
                next_at=due_at,
            )
        )

    def next_at(self, reach: ReachedBy | None = None) -> datetime | None:
        """When the outbox has something to do next: now or earlier, later, or nothing at all."""
        return _QUEUE.next_at(self, _reached(reach))

    def claim(self, lease: timedelta, reach: ReachedBy | None = None) -> Message | None:
        """The message that waits longest, for this caller alone until the lease ends."""
        found = _QUEUE.claim(self, lease, _reached(reach), tried_at=self.now)
        if found is None:
            return None
        row = self.connection.execute(select(messages).where(_M.id == found)).one()
        return rows.to_message(row)

    def set_recipient(self, message: Message, address: str) -> None:
        """Notes to whom it goes. address: a keyed hash."""
        self.connection.execute(update(messages).where(_M.id == message.id).values(address=address))

    def sent_to(self, address: str, since: datetime) -> int:
        """How many messages were sent to this address since then, or are on their way."""
        query = (
            select(func.count())
            .select_from(messages)
            .where(
                _M.address == address,
                _M.tried_at >= since,
                or_(_M.outcome.is_(None), _M.outcome == DeliveryOutcome.SENT.value),
            )
        )
        return self.connection.execute(query).scalar_one()

    def postpone(
        self, message: Message, until: datetime, detail: str, *, away: bool = False
    ) -> bool:
        """Tried in vain. away: not for this message's sake. False if it was claimed again since:
        then it is not ours to judge."""
        since = func.coalesce(_M.in_vain_since, self.now)
        return _QUEUE.postpone(
            self, message.id, message.tries, until, detail, server_away=away, in_vain_since=since
        )

    def undelivered(self, before: datetime, reach: ReachedBy | None = None) -> InVain | None:
        """Those that have not been taken since then, while none was; None if there is none."""
        found = self.connection.execute(
            select(
                func.count(_M.wish_id.distinct()).label("wishes"),
                func.max(case((_M.server_away, 1), else_=0)).label("away"),
                func.max(_M.detail).label("detail"),
            ).where(_M.done_at.is_(None), _M.in_vain_since <= before, _reached(reach))
        ).one()
        if not found.wishes:
            return None
        return InVain(wishes=found.wishes, away=bool(found.away), detail=found.detail)

    def mark_server_back(self, reach: ReachedBy | None = None, *, wake: datetime | None) -> None:
        """A message was taken: the server takes some. wake: others that were last tried before
        then are tried at once; any later and somebody may be sending them."""
        self.tx.lock("messages in vain")
        in_vain = _M.done_at.is_(None) & _M.in_vain_since.is_not(None)
        waiting = update(messages).where(in_vain, _reached(reach))
        if wake is not None:
            self.connection.execute(waiting.where(_M.tried_at < wake).values(next_at=self.now))
        self.connection.execute(waiting.values(in_vain_since=None, server_away=False))

    def prune(self, after: int) -> int | None:
        """See LeaseQueue.prune. What ended long ago goes, once its wish's request is over: until
        then its row keeps the same from being told twice."""
        joined = wishes.join(requests, wishes.c.request_id == requests.c.id)
        open_yet = exists().select_from(joined).where(wishes.c.id == _M.wish_id, IS_OPEN)
        return _QUEUE.prune(self, (_M.done_at < self.now - KEPT) & ~open_yet, after)

    def finish(self, message: Message, outcome: DeliveryOutcome, detail: str = "") -> bool:
        """It ends like this, also when the lease was lost meanwhile: what was sent was sent. False
        if it had ended before."""
        return _QUEUE.finish(self, message.id, outcome.value, detail)
