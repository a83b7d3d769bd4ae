"""Suppressed numbers in memory: see the module of that name in store/."""

from collections.abc import Collection

from tests.memory_store.repository import MemoryRepository


class MemorySuppressions(MemoryRepository):
    def has(self, e164: str) -> bool:
        return e164 in self.tables["suppression"]

    def among(self, numbers: Collection[str]) -> Collection[str]:
        return {one for one in numbers if self.has(one)}

    def add(self, e164: str, reason: str) -> bool:
        if self.has(e164):
            return False
        values = {"e164": e164, "created_at": self.now, "reason": reason[:255]}
        self._insert("suppression", values, key=e164)
        return True

    def remove(self, e164: str) -> bool:
        known = self.has(e164)
        if known:
            self._delete("suppression", e164)
        return known
