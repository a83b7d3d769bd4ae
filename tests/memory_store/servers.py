"""Leases, epochs and what dispatchers see of Asterisk, in memory: see store/servers.py."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from asterisk_callback.domain.alarm import AlarmCondition, AlarmName
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.server import ServerHealth
from asterisk_callback.store.servers import INSTALLATION_DIGITS
from tests.memory_store.repository import MemoryRepository


class MemoryServers(MemoryRepository):
    def register(
        self,
        name: str,
        server: str,
        lease: timedelta,
        process: str = "",
        ended: Callable[[str], bool] = lambda process: True,
    ) -> int:
        """In one process all are the same: who holds a name is not asked."""
        if not self.tables["epoch"]:
            self._insert("epoch", {"last": 0})
        row = self.tables["epoch"][1]
        name_of_all = f"{secrets.randbelow(10**INSTALLATION_DIGITS):0{INSTALLATION_DIGITS}d}"
        epoch: int = row["last"] + 1
        values = {"last": epoch, "installation": row["installation"] or name_of_all}
        self._update("epoch", 1, values)
        self.put_lease(name, server, epoch, self.now + lease)
        return epoch

    def database_id(self) -> str:
        return next((row["installation"] or "" for row in self._rows("epoch")), "")

    def call_counter(self) -> int:
        return next((row["mark"] for row in self._rows("epoch")), 0)

    def raise_call_counter(self, to: int) -> None:
        if self.tables["epoch"]:
            self._update("epoch", 1, {"mark": to})

    def put_lease(self, name: str, server: str, epoch: int, alive_until: datetime) -> None:
        """Of this name, whoever had it before."""
        lease = {"server": server, "epoch": epoch, "alive_until": alive_until}
        self._insert("dispatcher", {"name": name, "reason": "starting", **lease}, key=name)

    def renew_lease(
        self, name: str, epoch: int, lease: timedelta, ready: bool, reason: str
    ) -> None:
        if not self._holds(name, epoch):
            raise StaleWrite(f"dispatcher {name} was replaced by another process")
        values = {"alive_until": self.now + lease, "ready": ready, "reason": reason[:255]}
        self._update("dispatcher", name, values)

    def note_stranger(self, kind: AlarmName, subject: str, text: str) -> None:
        key = (kind.value, subject[:64])
        values = {"kind": key[0], "subject": key[1], "text": text, "at": self.now}
        self.forget_stranger(kind, subject)
        self._insert("stranger", values, key=key)

    def forget_stranger(self, kind: AlarmName, subject: str) -> None:
        key = (kind.value, subject[:64])
        if key in self.tables["stranger"]:
            self._delete("stranger", key)

    def strangers(self, since: datetime) -> Sequence[AlarmCondition]:
        return [
            AlarmCondition(name=AlarmName(row["kind"]), subject=row["subject"], text=row["text"])
            for _, row in sorted(self.tables["stranger"].items())
            if row["at"] >= since
        ]

    def unregister(self, name: str, epoch: int) -> None:
        if self._holds(name, epoch):
            self._delete("dispatcher", name)

    def all(self) -> Sequence[ServerHealth]:
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

    def put_queue_facts(self, server: str, asterisk_queue: str, facts: QueueStatus) -> None:
        values = {
            "server": server,
            "asterisk_queue": asterisk_queue,
            "known": facts.known,
            "logged_in": facts.logged_in,
            "free": facts.free,
            "callers": facts.callers,
            "at": self.now,
        }
        self._insert("queue_facts", values, key=(server, asterisk_queue))

    def queue_facts(self, server: str, asterisk_queue: str) -> QueueStatus:
        row = self.tables["queue_facts"].get((server, asterisk_queue))
        if row is None:
            return QueueStatus()
        names = ("known", "logged_in", "free", "callers")
        return QueueStatus(**{name: row[name] for name in names})

    def _holds(self, name: str, epoch: int) -> bool:
        row = self.tables["dispatcher"].get(name)
        return row is not None and row["epoch"] == epoch
