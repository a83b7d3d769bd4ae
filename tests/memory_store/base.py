"""What every part of a transaction in memory shares."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from tests.memory_store.tables import Key, Row, Rows, Tables, checked, new_row, require_unique


class Base:
    """tables: this transaction's own, copied from the committed ones when first written to.
    written: the names of those."""

    def __init__(self, tables: Tables, now: datetime) -> None:
        self.tables = tables
        self.written: set[str] = set()
        self._now = now

    @property
    def now(self) -> datetime:
        return self._now

    def look_at_clock(self) -> datetime:
        """There is one writer, which waits before it begins and never after."""
        return self._now

    def lock(self, name: str) -> None:
        """The writer is alone already."""

    def _rows(self, table: str) -> Iterable[Row]:
        return self.tables[table].values()

    def _insert(self, table: str, values: Mapping[str, Any], key: Key = None) -> Row:
        """key: of a table that is not numbered."""
        rows = self.tables[table]
        if key is None:
            key = next(reversed(rows)) + 1 if rows else 1
            values = {**values, "id": key}
        row = new_row(table, values)
        require_unique(table, rows, row)
        self._writable(table)[key] = row
        return row

    def _update(self, table: str, key: Key, values: Mapping[str, Any]) -> None:
        rows = self.tables[table]
        row = Row({**rows[key], **checked(values)})
        require_unique(table, rows, row)
        self._writable(table)[key] = row

    def _delete(self, table: str, key: Key) -> None:
        del self._writable(table)[key]

    def _writable(self, table: str) -> Rows:
        if table not in self.written:
            self.written.add(table)
            self.tables[table] = dict(self.tables[table])
        return self.tables[table]
