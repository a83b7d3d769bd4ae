"""The orders of agents in the database. Each is taken by one dispatcher, once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, exists, select, update

from asterisk_callback.domain.account import UserId
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.queue_member import LATEST, Action, MemberOrder, OrderOutcome
from asterisk_callback.store.lease_queue import LeaseQueue
from asterisk_callback.store.repository import Repository
from asterisk_callback.store.tables.members import member_orders
from asterisk_callback.store.tables.servers import dispatchers

_O, _D = member_orders.c, dispatchers.c
# Claimed by its dispatcher's epoch instead of a lease: what was tried is never tried again.
_QUEUE = LeaseQueue(member_orders)
KEPT = timedelta(days=1)


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
        done = self.connection.execute(
            member_orders.insert().values(
                account_id=account_id,
                server=server,
                asterisk_queue=asterisk_queue,
                interface=interface,
                action=action.value,
                reason=reason,
                created_at=self.now,
            )
        )
        self.tx.wake()
        assert done.inserted_primary_key is not None
        return int(done.inserted_primary_key[0])

    def recent(self, account_id: UserId, since: datetime) -> Sequence[MemberOrder]:
        """Those that they gave since then, oldest first."""
        query = select(member_orders).where(_O.account_id == account_id, _O.created_at >= since)
        return [_to_order(row) for row in self.connection.execute(query.order_by(_O.id))]

    def expire(self, server: str) -> int:
        """Those that nobody may carry out any more. Returns how many there were."""
        late = (_O.server == server) & _O.done_at.is_(None) & (_O.created_at <= self.now - LATEST)
        outcome = case(
            (_O.epoch.is_(None), OrderOutcome.LATE.value), else_=OrderOutcome.UNANSWERED.value
        )
        done = self.connection.execute(
            update(member_orders).where(late).values(done_at=self.now, outcome=outcome)
        )
        return int(done.rowcount)

    def prune(self, after: int) -> int | None:
        """See LeaseQueue.prune. What was done a day ago goes: the events of the account keep what
        was pressed."""
        return _QUEUE.prune(self, _O.created_at < self.now - KEPT, after)

    def claim(self, server: str, name: str, epoch: int) -> MemberOrder | None:
        """The next one, for this dispatcher and no other; None: there is none.

        Those of one member one after another, whoever takes them: a pause and its end must not
        change places. Raises StaleWrite if the dispatcher was replaced, or its lease has ended.
        """
        self.tx.lock(f"orders:{server}")
        mine = (_D.name == name) & (_D.epoch == epoch) & (_D.alive_until > self.now)
        if self.connection.execute(select(_D.name).where(mine)).first() is None:
            raise StaleWrite(f"dispatcher {name} has no lease: it carries out no order")
        before = member_orders.alias("before")
        waits = exists().where(
            before.c.server == server,
            before.c.interface == _O.interface,
            before.c.done_at.is_(None),
            before.c.id < _O.id,
        )
        query = (
            select(_O.id)
            .where(_O.server == server, _O.done_at.is_(None), _O.epoch.is_(None))
            .where(_O.created_at > self.now - LATEST, ~waits)
            .order_by(_O.id)
            .limit(1)
        )
        found = self.connection.execute(query).scalar()
        if found is None:
            return None
        free = (_O.id == found) & _O.epoch.is_(None) & _O.done_at.is_(None)
        taken = self.connection.execute(update(member_orders).where(free).values(epoch=epoch))
        if taken.rowcount != 1:
            return None
        return _to_order(self.connection.execute(select(member_orders).where(_O.id == found)).one())

    def finish(self, order: MemberOrder, outcome: OrderOutcome, detail: str = "") -> bool:
        """False if it was judged before: its dispatcher was too slow, or was replaced."""
        return _QUEUE.finish(self, order.id, outcome.value, detail, _O.epoch == order.epoch)


def _to_order(row: Any) -> MemberOrder:
    values = dict(row._mapping)
    values["account_id"] = UserId(row.account_id)
    values["action"] = Action(row.action)
    values["outcome"] = OrderOutcome(row.outcome) if row.outcome else None
    return MemberOrder(**values)
