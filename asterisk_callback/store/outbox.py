"""The outbox in the database. A claim is a lease: it ends by itself if its holder dies."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    bindparam,
    case,
    exists,
    false,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
    update,
)

from asterisk_callback.domain.customer_message import InVain, Message, MessageKind, ReachedBy
from asterisk_callback.domain.outbox import DeliveryOutcome
from asterisk_callback.domain.wish import WishId
from asterisk_callback.store import rows
from asterisk_callback.store.lease_queue import KEPT, LeaseQueue
from asterisk_callback.store.repository import Repository, bound
from asterisk_callback.store.tables.calls import IS_OPEN, requests, wishes
from asterisk_callback.store.tables.metadata import Utc
from asterisk_callback.store.tables.telling import messages

_M = messages.c
_MAILBOX = exists().where(wishes.c.id == _M.wish_id, wishes.c.email != "")
# Of wishes whose customer is reached so; of all, if None.
_REACHED: Mapping[ReachedBy | None, ColumnElement[bool]] = {
    None: true(),
    ReachedBy.MAILBOX: _MAILBOX,
    ReachedBy.NUMBER: ~_MAILBOX,
}
_OPEN_YET = exists().where(wishes.c.id == _M.wish_id, wishes.c.request_id == requests.c.id, IS_OPEN)
_QUEUES = {
    reach: LeaseQueue(
        messages,
        condition=condition,
        taken=bound(("tried_at",)),
        put_off={
            "server_away": bindparam("server_away"),
            "in_vain_since": func.coalesce(_M.in_vain_since, bindparam("since", type_=Utc())),
        },
        old=(_M.done_at < bindparam("before")) & ~_OPEN_YET,
    )
    for reach, condition in _REACHED.items()
}
_QUEUE = _QUEUES[None]
_SAME = select(_M.id).where(
    _M.wish_id == bindparam("wish_id"),
    _M.kind == bindparam("kind"),
    _M.occasion == bindparam("occasion"),
)
_ADD = messages.insert()
_BY_ID = select(messages).where(_M.id == bindparam("message_id"))
_SET_RECIPIENT = (
    update(messages).where(_M.id == bindparam("message_id")).values(bound(("address",)))
)
_SENT_TO = (
    select(func.count())
    .select_from(messages)
    .where(
        _M.address == bindparam("address"),
        _M.tried_at >= bindparam("since"),
        or_(_M.outcome.is_(None), _M.outcome == literal_column(f"'{DeliveryOutcome.SENT.value}'")),
    )
)
_UNDELIVERED = {
    reach: select(
        func.count(_M.wish_id.distinct()).label("wishes"),
        func.max(case((_M.server_away, 1), else_=0)).label("away"),
        func.max(_M.detail).label("detail"),
    ).where(_M.done_at.is_(None), _M.in_vain_since <= bindparam("before"), condition)
    for reach, condition in _REACHED.items()
}
_IN_VAIN = {
    reach: update(messages).where(_M.done_at.is_(None), _M.in_vain_since.is_not(None), condition)
    for reach, condition in _REACHED.items()
}
_WAKE = {
    reach: waiting.where(_M.tried_at < bindparam("before")).values(bound(("next_at",)))
    for reach, waiting in _IN_VAIN.items()
}
_BACK = {
    reach: waiting.values(in_vain_since=null(), server_away=false())
    for reach, waiting in _IN_VAIN.items()
}


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
        key = {"wish_id": wish_id, "kind": kind.value, "occasion": occasion}
        if self.connection.execute(_SAME, key).first() is not None:
            return
        values = {"created_at": self.now, "due_at": due_at, "next_at": due_at}
        self.connection.execute(_ADD, {**key, **values, "facts": json.dumps(dict(facts))})

    def next_at(self, reach: ReachedBy | None = None) -> datetime | None:
        """When the outbox has something to do next: now or earlier, later, or nothing at all."""
        return _QUEUES[reach].next_at(self)

    def claim(self, lease: timedelta, reach: ReachedBy | None = None) -> Message | None:
        """The message that waits longest, for this caller alone until the lease ends."""
        found = _QUEUES[reach].claim(self, lease, {"tried_at": self.now})
        if found is None:
            return None
        return rows.to_message(self.connection.execute(_BY_ID, {"message_id": found}).one())

    def set_recipient(self, message: Message, address: str) -> None:
        """Notes to whom it goes. address: a keyed hash."""
        self.connection.execute(_SET_RECIPIENT, {"message_id": message.id, "address": address})

    def sent_to(self, address: str, since: datetime) -> int:
        """How many messages were sent to this address since then, or are on their way."""
        values = {"address": address, "since": since}
        return int(self.connection.execute(_SENT_TO, values).scalar_one())

    def postpone(
        self, message: Message, until: datetime, detail: str, *, away: bool = False
    ) -> bool:
        """Tried in vain. away: not for this message's sake. False if it was claimed again since:
        then it is not ours to judge."""
        written = {"server_away": away, "since": self.now}
        return _QUEUE.postpone(self, message.id, message.tries, until, detail, **written)

    def undelivered(self, before: datetime, reach: ReachedBy | None = None) -> InVain | None:
        """Those that have not been taken since then, while none was; None if there is none."""
        found = self.connection.execute(_UNDELIVERED[reach], {"before": before}).one()
        if not found.wishes:
            return None
        return InVain(wishes=found.wishes, away=bool(found.away), detail=found.detail)

    def mark_server_back(self, reach: ReachedBy | None = None, *, wake: datetime | None) -> None:
        """A message was taken: the server takes some. wake: others that were last tried before
        then are tried at once; any later and somebody may be sending them."""
        self.tx.lock("messages in vain")
        if wake is not None:
            self.connection.execute(_WAKE[reach], {"before": wake, "next_at": self.now})
        self.connection.execute(_BACK[reach])

    def prune(self, after: int) -> int | None:
        """See LeaseQueue.prune. What ended long ago goes, once its wish's request is over: until
        then its row keeps the same from being told twice."""
        return _QUEUE.prune(self, self.now - KEPT, after)

    def finish(self, message: Message, outcome: DeliveryOutcome, detail: str = "") -> bool:
        """It ends like this, also when the lease was lost meanwhile: what was sent was sent. False
        if it had ended before."""
        return _QUEUE.finish(self, message.id, outcome.value, detail)
