"""The members of Asterisk's queues in memory: see the module of that name in store/."""

from collections.abc import Sequence

from asterisk_callback.domain.queue_member import Device, Member
from asterisk_callback.store.queue_members import since, values_of
from tests.memory_store.repository import MemoryRepository
from tests.memory_store.tables import Row


class MemoryQueueMembers(MemoryRepository):
    def of(self, server: str, asterisk_queue: str | None = None) -> Sequence[Member]:
        facts = self.tables["queue_facts"]
        found = [
            row
            for (where, queue, _), row in self.tables["queue_member"].items()
            if where == server
            and asterisk_queue in (None, queue)
            and (server, queue) in facts
            and facts[server, queue]["known"]
        ]
        found.sort(key=lambda row: (row["asterisk_queue"], row["name"], row["interface"]))
        return [_to_member(row) for row in found]

    def replace(self, server: str, asterisk_queue: str, members: Sequence[Member]) -> None:
        old = {
            key: _to_member(row)
            for key, row in self.tables["queue_member"].items()
            if key[:2] == (server, asterisk_queue)
        }
        for member in members:
            key = (server, asterisk_queue, member.interface)
            before = old.pop(key, None)
            values = values_of(member)
            if before is not None and values_of(before) == values:
                continue
            values |= {"server": server, "asterisk_queue": asterisk_queue}
            values |= {"interface": member.interface, "at": self.now}
            values["since"] = since(before, member) or self.now
            self._insert("queue_member", values, key=key)
        for gone in old:
            self._delete("queue_member", gone)


def _to_member(row: Row) -> Member:
    names = ("asterisk_queue", "interface", "name", "paused", "paused_reason", "in_call", "since")
    return Member(status=Device(row["status"]), **{name: row[name] for name in names})
