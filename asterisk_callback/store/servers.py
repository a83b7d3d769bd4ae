"""What dispatchers say of themselves and of their Asterisk, for everybody else to read."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update

from asterisk_callback.domain.alarm import AlarmCondition, AlarmName
from asterisk_callback.domain.errors import Occupied, StaleWrite
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.server import ServerHealth
from asterisk_callback.store.process import host_of
from asterisk_callback.store.repository import Repository, bound
from asterisk_callback.store.tables.calls import OWNER_NAME, strangers
from asterisk_callback.store.tables.servers import dispatchers, epochs, queue_facts

_D, _F = dispatchers.c, queue_facts.c
_ALL = select(dispatchers).order_by(_D.name)
_FACTS = select(queue_facts).where(
    _F.server == bindparam("server"), _F.asterisk_queue == bindparam("asterisk_queue")
)
_PUT_FACTS = (
    update(queue_facts)
    .where(_F.server == bindparam("of_server"), _F.asterisk_queue == bindparam("of_queue"))
    .values(bound(("known", "logged_in", "free", "callers", "at")))
)
_ADD_FACTS = queue_facts.insert()
_RENEW = (
    update(dispatchers)
    .where(_D.name == bindparam("of_name"), _D.epoch == bindparam("of_epoch"))
    .values(bound(("alive_until", "ready", "reason")))
)
_STRANGERS = (
    select(strangers).where(strangers.c.at >= bindparam("since")).order_by(strangers.c.kind)
)
_MARK, _INSTALLATION = select(epochs.c.mark), select(epochs.c.installation)
_RAISE_MARK = update(epochs).values(bound(("mark",)))
INSTALLATION_DIGITS = 12


class SqlServers(Repository):
    def register(
        self,
        name: str,
        server: str,
        lease: timedelta,
        process: str = "",
        ended: Callable[[str], bool] = lambda process: True,
    ) -> int:
        """A dispatcher starts: takes the next epoch and a lease. Returns the epoch.

        process: which one it is. ended: whether the one that holds the name is certainly gone;
        another may hold it only until its lease is over. Raises Occupied.
        """
        self.tx.lock("epoch")
        self._refuse_second(name, process, ended)
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
                alive_until=self.now + lease,
                ready=False,
                reason="starting",
                process=process,
            )
        )
        return epoch

    def _refuse_second(self, name: str, process: str, ended: Callable[[str], bool]) -> None:
        holder = self.connection.execute(select(dispatchers).where(_D.name == name)).first()
        if holder is None or holder.process in ("", process) or holder.alive_until <= self.now:
            return
        if not ended(holder.process):
            raise Occupied(
                "a dispatcher of the name {name} is alive on {where}: give each one a name of its "
                "own ([dispatcher] name), or stop the other one",
                name=name,
                where=host_of(holder.process),
            )

    def owner(self) -> tuple[str, str]:
        """Who owns the database, as `own` wrote it: empty texts if nobody has come yet."""
        row = self.connection.execute(select(epochs.c.owner, epochs.c.owner_name)).first()
        return (row.owner, row.owner_name) if row is not None else ("", "")

    def own(self, owner: str, owner_name: str, *, take: bool = False) -> None:
        """This installation (a keyed hash of it, and its name for others) uses the database: the
        first to come owns it. take: whoever owned it before. Raises Occupied."""
        self.tx.lock("epoch")
        row = self.connection.execute(select(epochs)).first()
        if row is None:
            self.connection.execute(epochs.insert().values(id=1, last=0))
        if row is not None and row.owner not in ("", owner) and not take:
            raise Occupied(
                "this database belongs to another installation, {name}: give each one a database "
                "of its own. If it is this one with a new secret_key or instance, say: "
                "asterisk-callback db own",
                name=row.owner_name,
            )
        self.connection.execute(
            update(epochs).values(owner=owner, owner_name=owner_name[:OWNER_NAME])
        )

    def note_stranger(self, kind: AlarmName, subject: str, text: str) -> None:
        """Somebody who has no place here came just now. Shown as an alarm for a while."""
        key = (strangers.c.kind == kind.value) & (strangers.c.subject == subject[:64])
        self.tx.lock(f"stranger:{kind.value}")
        self.connection.execute(delete(strangers).where(key))
        self.connection.execute(
            strangers.insert().values(kind=kind.value, subject=subject[:64], text=text, at=self.now)
        )

    def forget_stranger(self, kind: AlarmName, subject: str) -> None:
        """It is over for certain."""
        key = (strangers.c.kind == kind.value) & (strangers.c.subject == subject[:64])
        self.connection.execute(delete(strangers).where(key))

    def strangers(self, since: datetime) -> Sequence[AlarmCondition]:
        """Those that came at or after `since`, as what is wrong now."""
        found = self.connection.execute(_STRANGERS, {"since": since})
        return [
            AlarmCondition(name=AlarmName(row.kind), subject=row.subject, text=row.text)
            for row in found
        ]

    def _name_installation(self) -> None:
        name = f"{secrets.randbelow(10**INSTALLATION_DIGITS):0{INSTALLATION_DIGITS}d}"
        unnamed = epochs.c.installation.is_(None)
        self.connection.execute(update(epochs).where(unnamed).values(installation=name))

    def database_id(self) -> str:
        """The random name of this database: digits, the same in all its copies. "" before the
        first dispatcher's start."""
        return self.connection.execute(_INSTALLATION).scalar() or ""

    def call_counter(self) -> int:
        """How far this database has come."""
        return self.connection.execute(_MARK).scalar() or 0

    def raise_call_counter(self, to: int) -> None:
        """The caller holds the lock "mark"."""
        self.connection.execute(_RAISE_MARK, {"mark": to})

    def renew_lease(
        self, name: str, epoch: int, lease: timedelta, ready: bool, reason: str
    ) -> None:
        """Renews the lease. Raises StaleWrite if another process took this name over."""
        values = {"alive_until": self.now + lease, "ready": ready, "reason": reason[:255]}
        mine = {"of_name": name, "of_epoch": epoch}
        done = self.connection.execute(_RENEW, {**mine, **values})
        if done.rowcount != 1:
            raise StaleWrite(f"dispatcher {name} was replaced by another process")

    def unregister(self, name: str, epoch: int) -> None:
        """A dispatcher stops in good order."""
        self.connection.execute(delete(dispatchers).where(_D.name == name, _D.epoch == epoch))

    def all(self) -> Sequence[ServerHealth]:
        found = self.connection.execute(_ALL)
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

    def put_queue_facts(self, server: str, asterisk_queue: str, facts: QueueStatus) -> None:
        self.tx.lock(f"facts:{server}:{asterisk_queue}")
        key = {"of_server": server, "of_queue": asterisk_queue}
        values = {
            "known": facts.known,
            "logged_in": facts.logged_in,
            "free": facts.free,
            "callers": facts.callers,
            "at": self.now,
        }
        if self.connection.execute(_PUT_FACTS, {**key, **values}).rowcount == 0:
            mine = {"server": server, "asterisk_queue": asterisk_queue}
            self.connection.execute(_ADD_FACTS, {**mine, **values})

    def queue_facts(self, server: str, asterisk_queue: str) -> QueueStatus:
        values = {"server": server, "asterisk_queue": asterisk_queue}
        row = self.connection.execute(_FACTS, values).first()
        if row is None:
            return QueueStatus()
        return QueueStatus(
            known=row.known, logged_in=row.logged_in, free=row.free, callers=row.callers
        )
