"""The members of Asterisk's queues in the database."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select, update

from asterisk_callback.domain.queue_member import Device, Member
from asterisk_callback.store.repository import Repository
from asterisk_callback.store.tables.members import queue_members
from asterisk_callback.store.tables.servers import queue_facts

_M, _F = queue_members.c, queue_facts.c
_KNOWN = (_M.server == _F.server) & (_M.asterisk_queue == _F.asterisk_queue) & _F.known
# Asterisk's own limit of a pause's reason is longer than what a page shows of it.
LONGEST_REASON = 80


class SqlQueueMembers(Repository):
    def of(self, server: str, asterisk_queue: str | None = None) -> Sequence[Member]:
        """Who is logged in to the queue, or to any, by queue and name. None of a queue of which
        the dispatcher does not know right now (the link to Asterisk is away)."""
        query = (
            select(queue_members)
            .join(queue_facts, _KNOWN)
            .where(_M.server == server)
            .order_by(_M.asterisk_queue, _M.name, _M.interface)
        )
        if asterisk_queue is not None:
            query = query.where(_M.asterisk_queue == asterisk_queue)
        return [_to_member(row) for row in self.connection.execute(query)]

    def replace(self, server: str, asterisk_queue: str, members: Sequence[Member]) -> None:
        """These and no others, from now on. What did not change is not written; `since` is kept
        for as long as what one reads of a member stays the same."""
        self.tx.lock(f"facts:{server}:{asterisk_queue}")
        here = (_M.server == server) & (_M.asterisk_queue == asterisk_queue)
        rows = self.connection.execute(select(queue_members).where(here))
        old = {row.interface: _to_member(row) for row in rows}
        for member in members:
            before = old.pop(member.interface, None)
            values = values_of(member)
            if before is not None and values_of(before) == values:
                continue
            values["at"] = self.now
            values["since"] = since(before, member) or self.now
            mine = here & (_M.interface == member.interface)
            if before is not None:
                self.connection.execute(update(queue_members).where(mine).values(**values))
            else:
                key = {"server": server, "asterisk_queue": asterisk_queue}
                key["interface"] = member.interface
                self.connection.execute(queue_members.insert().values(**key, **values))
        for gone in old:
            self.connection.execute(delete(queue_members).where(here & (_M.interface == gone)))


def values_of(member: Member) -> dict[str, Any]:
    """What is written of a member, but for its instants."""
    return {
        "name": member.name[:128],
        "status": member.status.value,
        "paused": member.paused,
        "paused_reason": member.paused_reason[:LONGEST_REASON],
        "in_call": member.in_call,
    }


def since(before: Member | None, now: Member) -> Any:
    """The instant that goes on to count; None if another begins."""
    same = before is not None and before.shown == now.shown
    return before.since if before is not None and same else None


def _to_member(row: Any) -> Member:
    return Member(
        asterisk_queue=row.asterisk_queue,
        interface=row.interface,
        name=row.name,
        status=Device(row.status),
        paused=row.paused,
        paused_reason=row.paused_reason,
        in_call=row.in_call,
        since=row.since,
    )
