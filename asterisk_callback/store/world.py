"""What dispatchers say of themselves and of their Asterisk, for everybody else to read."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select, update

from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.pacing import QueueFacts
from asterisk_callback.services.ports import ServerHealth
from asterisk_callback.store.base import Base
from asterisk_callback.store.tables import dispatchers, epochs, queue_facts

_D = dispatchers.c
INSTALLATION_DIGITS = 12


class World(Base):
    def enrol(self, name: str, server: str, lease: timedelta) -> int:
        """A dispatcher starts: takes the next epoch and a lease. Returns the epoch."""
        self.lock("epoch")
        last = self.connection.execute(select(epochs.c.last)).scalar()
        if last is None:
            self.connection.execute(epochs.insert().values(id=1, last=0))
        self._name_installation()
        epoch = (last or 0) + 1
        self.connection.execute(update(epochs).values(last=epoch))
        self.connection.execute(delete(dispatchers).where(_D.name == name))
        self.connection.execute(
            dispatchers.insert().values(
                name=name,
                server=server,
                epoch=epoch,
                alive_until=self._now + lease,
                ready=False,
                reason="starting",
            )
        )
        return epoch

    def _name_installation(self) -> None:
        name = f"{secrets.randbelow(10**INSTALLATION_DIGITS):0{INSTALLATION_DIGITS}d}"
        unnamed = epochs.c.installation.is_(None)
        self.connection.execute(update(epochs).where(unnamed).values(installation=name))

    def installation(self) -> str:
        """The random name of this database: digits, the same in all its copies. "" before the
        first dispatcher's start."""
        return self.connection.execute(select(epochs.c.installation)).scalar() or ""

    def mark(self) -> int:
        """How far this database has come."""
        return self.connection.execute(select(epochs.c.mark)).scalar() or 0

    def raise_mark(self, to: int) -> None:
        """The caller holds the lock "mark"."""
        self.connection.execute(update(epochs).values(mark=to))

    def renew(self, name: str, epoch: int, lease: timedelta, ready: bool, reason: str) -> None:
        """Renews the lease. Raises StaleWrite if another process took this name over."""
        done = self.connection.execute(
            update(dispatchers)
            .where(_D.name == name, _D.epoch == epoch)
            .values(alive_until=self._now + lease, ready=ready, reason=reason[:255])
        )
        if done.rowcount != 1:
            raise StaleWrite(f"dispatcher {name} was replaced by another process")

    def leave(self, name: str, epoch: int) -> None:
        """A dispatcher stops in good order."""
        self.connection.execute(delete(dispatchers).where(_D.name == name, _D.epoch == epoch))

    def servers(self) -> Sequence[ServerHealth]:
        found = self.connection.execute(select(dispatchers).order_by(_D.name))
        return [
            ServerHealth(
                dispatcher=row.name,
                server=row.server,
                epoch=row.epoch,
                ready=row.ready,
                reason=row.reason,
                alive_until=row.alive_until,
            )
            for row in found
        ]

    def put_queue_facts(self, server: str, asterisk_queue: str, facts: QueueFacts) -> None:
        self.lock(f"facts:{server}:{asterisk_queue}")
        key = (queue_facts.c.server == server) & (queue_facts.c.asterisk_queue == asterisk_queue)
        values = {
            "known": facts.known,
            "logged_in": facts.logged_in,
            "free": facts.free,
            "callers": facts.callers,
            "at": self._now,
        }
        done = self.connection.execute(update(queue_facts).where(key).values(**values))
        if done.rowcount == 0:
            self.connection.execute(
                queue_facts.insert().values(server=server, asterisk_queue=asterisk_queue, **values)
            )

    def queue_facts(self, server: str, asterisk_queue: str) -> QueueFacts:
        key = (queue_facts.c.server == server) & (queue_facts.c.asterisk_queue == asterisk_queue)
        row = self.connection.execute(select(queue_facts).where(key)).first()
        if row is None:
            return QueueFacts()
        return QueueFacts(
            known=row.known, logged_in=row.logged_in, free=row.free, callers=row.callers
        )
