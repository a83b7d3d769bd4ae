"""What every part of a transaction shares: the connection, the instant, the locks, the wake-up."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, Table, bindparam, text

WAKE_CHANNEL = "asterisk_callback"
_LOCK = text("SELECT pg_advisory_xact_lock(:key)")
_NOTIFY = text(f"NOTIFY {WAKE_CHANNEL}")


def bound(names: Iterable[str]) -> dict[str, BindParameter[Any]]:
    """The values of a statement that is built once: each column's under its own name."""
    return {name: bindparam(name) for name in names}


def known(table: Table, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a new row. Raises TypeError for a name that is no column's: a statement that is
    built once would leave it out without a word."""
    if unknown := fields.keys() - table.c.keys():
        raise TypeError(f"{table.name} has no column {', '.join(sorted(unknown))}")
    return fields


class Base:
    connection: Connection
    _now: datetime

    @property
    def sqlite(self) -> bool:
        return self.connection.dialect.name == "sqlite"

    def lock(self, name: str) -> None:
        """Holds `name` for nobody else until the end of the transaction.

        An advisory lock rather than a counter's row: nothing to create first, nothing left over.
        On SQLite the whole transaction is alone already.
        """
        if not self.sqlite:
            key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
            self.connection.execute(_LOCK, {"key": key})

    def _for_update(self, query: Select[Any], *, skip_locked: bool = False) -> Select[Any]:
        """Row locks; SQLite has none and needs none, its writers are alone."""
        return query if self.sqlite else query.with_for_update(skip_locked=skip_locked)

    def _wake(self) -> None:
        """Tells the dispatchers, at the commit, that there is something to look at.

        SQLite's dispatcher sees the commit itself (PRAGMA data_version).
        """
        if not self.sqlite:
            self.connection.execute(_NOTIFY)
