"""Holds in memory: see the module of that name in store/."""

from collections.abc import Sequence

from asterisk_callback.domain.hold import Hold, HoldKind
from tests.memory_store.repository import MemoryRepository


class MemoryHolds(MemoryRepository):
    def active(self, kind: HoldKind = HoldKind.DIALLING) -> Sequence[Hold]:
        rows = sorted(self.tables["hold"].items())
        return [Hold(**{**row, "kind": kind}) for _, row in rows if row["kind"] == kind]

    def add(self, hold: Hold) -> None:
        values = {"kind": hold.kind.value, "scope": hold.scope, "since": hold.since}
        values |= {"actor": hold.actor, "reason": hold.reason}
        self._insert("hold", values, key=(hold.kind.value, hold.scope))

    def remove(self, scope: str, kind: HoldKind = HoldKind.DIALLING) -> None:
        if (kind.value, scope) in self.tables["hold"]:
            self._delete("hold", (kind.value, scope))
