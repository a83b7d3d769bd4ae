"""The orders of agents in the database. Each is taken by one dispatcher, once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, exists, select, update

from asterisk_callback.domain.account import UserId
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.queue_member import LATEST, Action, MemberOrder, OrderOutcome
from asterisk_callback.store.lease_queue import LeaseQueue
from asterisk_callback.store.repository import Repository, bound
from asterisk_callback.store.tables.members import member_orders
from asterisk_callback.store.tables.servers import dispatchers

_O, _D = member_orders.c, dispatchers.c
KEPT = timedelta(days=1)
# Claimed by its dispatcher's epoch instead of a lease: what was tried is never tried again.
_QUEUE = LeaseQueue(
    member_orders,
    mine=_O.epoch == bindparam("read_epoch"),
    old=_O.created_at < bindparam("before"),
)
_ADD = member_orders.insert()
_RECENT = (
    select(member_orders)
    .where(_O.account_id == bindparam("account_id"), _O.created_at >= bindparam("since"))
    .order_by(_O.id)
)
_HERE = (_O.server == bindparam("of_server"), _O.done_at.is_(None))
_EXPIRE = (
    update(member_orders)
    .where(*_HERE, _O.created_at <= bindparam("before"))
    .values(
        done_at=bindparam("done_at"),
        outcome=case(
            (_O.epoch.is_(None), OrderOutcome.LATE.value), else_=OrderOutcome.UNANSWERED.value
        ),
    )
)
_LEASED = select(_D.name).where(
    _D.name == bindparam("name"), _D.epoch == bindparam("epoch"), _D.alive_until > bindparam("now")
)
_B = member_orders.alias("before").c
_WAITS = exists().where(
    _B.server == bindparam("of_server"),
    _B.interface == _O.interface,
    _B.done_at.is_(None),
    _B.id < _O.id,
)
_NEXT = (
    select(_O.id)
    .where(*_HERE, _O.epoch.is_(None), _O.created_at > bindparam("since"), ~_WAITS)
    .order_by(_O.id)
    .limit(1)
)
_TAKE = (
    update(member_orders)
    .where(_O.id == bindparam("order_id"), _O.epoch.is_(None), _O.done_at.is_(None))
    .values(bound(("epoch",)))
)
_BY_ID = select(member_orders).where(_O.id == bindparam("order_id"))


class SqlMemberOrders(Repository):
    def add(
        self,
        account_id: UserId,
        *,
        server: str,
        asterisk_queue: str,
        interface: str,
        action: Action,
        reason: str = "",
    ) -> int:
        """Wakes the dispatchers at the commit. Returns the order's id."""
        values = {
            "account_id": account_id,
            "server": server,
            "asterisk_queue": asterisk_queue,
            "interface": interface,
            "action": action.value,
            "reason": reason,
            "created_at": self.now,
        }
        done = self.connection.execute(_ADD, values)
        self.tx.wake()
        assert done.inserted_primary_key is not None
        return int(done.inserted_primary_key[0])

    def recent(self, account_id: UserId, since: datetime) -> Sequence[MemberOrder]:
        """Those that they gave since then, oldest first."""
        values = {"account_id": account_id, "since": since}
        return [_to_order(row) for row in self.connection.execute(_RECENT, values)]

    def expire(self, server: str) -> int:
        """Those that nobody may carry out any more. Returns how many there were."""
        values = {"of_server": server, "before": self.now - LATEST, "done_at": self.now}
        return int(self.connection.execute(_EXPIRE, values).rowcount)

    def prune(self, after: int) -> int | None:
        """See LeaseQueue.prune. What was done a day ago goes: the events of the account keep what
        was pressed."""
        return _QUEUE.prune(self, self.now - KEPT, after)

    def claim(self, server: str, name: str, epoch: int) -> MemberOrder | None:
        """The next one, for this dispatcher and no other; None: there is none.

        Those of one member one after another, whoever takes them: a pause and its end must not
        change places. Raises StaleWrite if the dispatcher was replaced, or its lease has ended.
        """
        self.tx.lock(f"orders:{server}")
        mine = {"name": name, "epoch": epoch, "now": self.now}
        if self.connection.execute(_LEASED, mine).first() is None:
            raise StaleWrite(f"dispatcher {name} has no lease: it carries out no order")
        values = {"of_server": server, "since": self.now - LATEST}
        found = self.connection.execute(_NEXT, values).scalar()
        if found is None:
            return None
        taken = self.connection.execute(_TAKE, {"order_id": found, "epoch": epoch})
        if taken.rowcount != 1:
            return None
        return _to_order(self.connection.execute(_BY_ID, {"order_id": found}).one())

    def finish(self, order: MemberOrder, outcome: OrderOutcome, detail: str = "") -> bool:
        """False if it was judged before: its dispatcher was too slow, or was replaced."""
        return _QUEUE.finish(self, order.id, outcome.value, detail, read_epoch=order.epoch)


def _to_order(row: Any) -> MemberOrder:
    values = dict(row._mapping)
    values["account_id"] = UserId(row.account_id)
    values["action"] = Action(row.action)
    values["outcome"] = OrderOutcome(row.outcome) if row.outcome else None
    return MemberOrder(**values)
