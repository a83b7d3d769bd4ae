"""The members of Asterisk's queues in the database."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select

from asterisk_callback.domain.queue_member import Device, Member
from asterisk_callback.store.many import Many
from asterisk_callback.store.repository import Repository
from asterisk_callback.store.tables.members import queue_members
from asterisk_callback.store.tables.servers import queue_facts

_M, _F = queue_members.c, queue_facts.c
_KNOWN = (_M.server == _F.server) & (_M.asterisk_queue == _F.asterisk_queue) & _F.known
# Asterisk's own limit of a pause's reason is longer than what a page shows of it.
LONGEST_REASON = 80

_OF_QUEUE = (_M.server == bindparam("of_server"), _M.asterisk_queue == bindparam("of_queue"))
_OF_MEMBER = (*_OF_QUEUE, _M.interface == bindparam("of_interface"))
_HERE = select(queue_members).where(*_OF_QUEUE)
_SEEN = ("name", "status", "paused", "paused_reason", "in_call", "at", "since")
_SET = ", ".join(f"{one} = given.{one}" for one in _SEEN)
_CHANGE = Many(
    f"UPDATE queue_member SET {_SET} FROM {{given}} WHERE queue_member.server = :of_server"  # noqa: S608
    " AND queue_member.asterisk_queue = :of_queue AND queue_member.interface = given.interface",
    queue_members,
    ("interface", *_SEEN),
)
_ADD = queue_members.insert().inline()
_GONE = delete(queue_members).where(*_OF_MEMBER)


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
        here = {"of_server": server, "of_queue": asterisk_queue}
        rows = self.connection.execute(_HERE, here)
        old = {row.interface: _to_member(row) for row in rows}
        changed: list[dict[str, Any]] = []
        new: list[dict[str, Any]] = []
        for member in members:
            before = old.pop(member.interface, None)
            values = values_of(member)
            if before is not None and values_of(before) == values:
                continue
            values["at"] = self.now
            values["since"] = since(before, member) or self.now
            if before is not None:
                changed.append({"interface": member.interface, **values})
            else:
                key = {"server": server, "asterisk_queue": asterisk_queue}
                new.append({**key, "interface": member.interface, **values})
        gone = [{**here, "of_interface": one} for one in old]
        if changed:
            _CHANGE.execute(self.connection, changed, **here)
        if new:
            self.connection.execute(_ADD, new)
        if gone:
            self.connection.execute(_GONE, gone)


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
