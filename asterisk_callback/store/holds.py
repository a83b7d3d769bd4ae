"""What is held: no row, no hold."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from asterisk_callback.domain.hold import Hold
from asterisk_callback.store.base import Base
from asterisk_callback.store.tables import holds


class HoldTable(Base):
    def holds(self) -> Sequence[Hold]:
        found = self.connection.execute(select(holds).order_by(holds.c.scope))
        return [
            Hold(scope=row.scope, since=row.since, actor=row.actor, reason=row.reason)
            for row in found
        ]

    def add_hold(self, hold: Hold) -> None:
        values = {"scope": hold.scope, "since": hold.since, "actor": hold.actor}
        self.connection.execute(holds.insert().values(**values, reason=hold.reason))
        self._wake()

    def lift_hold(self, scope: str) -> None:
        self.connection.execute(delete(holds).where(holds.c.scope == scope))
        self._wake()
