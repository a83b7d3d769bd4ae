"""What is held: no row, no hold."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, select

from asterisk_callback.domain.hold import Hold, HoldKind
from asterisk_callback.store.repository import Repository
from asterisk_callback.store.tables.servers import holds

_H = holds.c
_ACTIVE = select(holds).where(_H.kind == bindparam("kind")).order_by(_H.scope)


class SqlHolds(Repository):
    def active(self, kind: HoldKind = HoldKind.DIALLING) -> Sequence[Hold]:
        return [
            Hold(scope=row.scope, since=row.since, actor=row.actor, reason=row.reason, kind=kind)
            for row in self.connection.execute(_ACTIVE, {"kind": kind.value})
        ]

    def add(self, hold: Hold) -> None:
        values = {"scope": hold.scope, "since": hold.since, "actor": hold.actor}
        values |= {"kind": hold.kind.value, "reason": hold.reason}
        self.connection.execute(holds.insert().values(**values))
        self.tx.wake()

    def remove(self, scope: str, kind: HoldKind = HoldKind.DIALLING) -> None:
        self.connection.execute(delete(holds).where(_H.kind == kind, _H.scope == scope))
        self.tx.wake()
