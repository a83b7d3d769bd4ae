"""Leases, epochs and what dispatchers see of Asterisk, in memory: see store/world.py."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.pacing import QueueFacts
from asterisk_callback.services.ports import ServerHealth
from tests.memory_store.base import Base


class World(Base):
    def enrol(self, name: str, server: str, lease: timedelta) -> int:
        epochs = self.tables["epoch"]
        epoch = epochs[1]["last"] + 1 if epochs else 1
        if epochs:
            self._update("epoch", 1, {"last": epoch})
        else:
            self._insert("epoch", {"last": epoch})
        self.put_lease(name, server, epoch, self._now + lease)
        return epoch

    def put_lease(self, name: str, server: str, epoch: int, alive_until: datetime) -> None:
        """Of this name, whoever had it before."""
        lease = {"server": server, "epoch": epoch, "alive_until": alive_until}
        self._insert("dispatcher", {"name": name, "reason": "starting", **lease}, key=name)

    def renew(self, name: str, epoch: int, lease: timedelta, ready: bool, reason: str) -> None:
        if not self._holds(name, epoch):
            raise StaleWrite(f"dispatcher {name} was replaced by another process")
        values = {"alive_until": self._now + lease, "ready": ready, "reason": reason[:255]}
        self._update("dispatcher", name, values)

    def leave(self, name: str, epoch: int) -> None:
        if self._holds(name, epoch):
            self._delete("dispatcher", name)

    def servers(self) -> Sequence[ServerHealth]:
        return [
            ServerHealth(
                dispatcher=row["name"],
                server=row["server"],
                epoch=row["epoch"],
                ready=row["ready"],
                reason=row["reason"],
                alive_until=row["alive_until"],
            )
            for _, row in sorted(self.tables["dispatcher"].items())
        ]

    def put_queue_facts(self, server: str, asterisk_queue: str, facts: QueueFacts) -> None:
        values = {
            "server": server,
            "asterisk_queue": asterisk_queue,
            "known": facts.known,
            "logged_in": facts.logged_in,
            "free": facts.free,
            "at": self._now,
        }
        self._insert("queue_facts", values, key=(server, asterisk_queue))

    def queue_facts(self, server: str, asterisk_queue: str) -> QueueFacts:
        row = self.tables["queue_facts"].get((server, asterisk_queue))
        if row is None:
            return QueueFacts()
        return QueueFacts(known=row["known"], logged_in=row["logged_in"], free=row["free"])

    def _holds(self, name: str, epoch: int) -> bool:
        row = self.tables["dispatcher"].get(name)
        return row is not None and row["epoch"] == epoch
