"""What every repository in memory shares."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.memory_store.tables import Key, Row, Tables

if TYPE_CHECKING:
    from tests.memory_store.transaction import MemoryTransaction


class MemoryRepository:
    def __init__(self, tx: "MemoryTransaction") -> None:
        self.tx = tx

    @property
    def now(self) -> datetime:
        return self.tx.now

    @property
    def tables(self) -> Tables:
        return self.tx.tables

    def _rows(self, table: str) -> Iterable[Row]:
        return self.tables[table].values()

    def _insert(self, table: str, values: Mapping[str, Any], key: Key = None) -> Row:
        return self.tx.insert(table, values, key)

    def _update(self, table: str, key: Key, values: Mapping[str, Any]) -> None:
        self.tx.update(table, key, values)

    def _delete(self, table: str, key: Key) -> None:
        self.tx.delete(table, key)
