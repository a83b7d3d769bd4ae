"""The unit of work, what repositories share, and what a statement that is built once needs."""

import hashlib
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, Table, bindparam, text

from asterisk_callback.domain.customer_message import MessageKind

WAKE_CHANNEL = "asterisk_callback"
_LOCK = text("SELECT pg_advisory_xact_lock(:key)")
# Without JIT: what it takes to compile a statement is more than such a statement takes.
_BY_INDEX = text(
    "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), "
    "set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true)"
)
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


class UnitOfWork:
    """What concerns the whole of a transaction: its connection, its instant, locks, the wake-up."""

    def __init__(
        self,
        connection: Connection,
        clock: Callable[[], datetime],
        by_number: Collection[MessageKind] = (),
    ) -> None:
        """clock: the store's, aware UTC. by_number: see services.ports.Transaction."""
        self.by_number = by_number
        self.connection = connection
        self.sqlite = connection.dialect.name == "sqlite"
        self._clock = clock
        self._now = clock()

    @property
    def now(self) -> datetime:
        """Aware UTC, the same throughout the transaction."""
        return self._now

    def refresh_now(self) -> datetime:
        """Moves `now` on, after a wait for a lock: what is counted by the second, and written so
        that others count it, must not lie in the past."""
        self._now = max(self._now, self._clock())
        return self._now

    def lock(self, name: str) -> None:
        """Holds `name` for nobody else until the end of the transaction.

        An advisory lock rather than a counter's row: nothing to create first, nothing left over.
        On SQLite the whole transaction is alone already.
        """
        if not self.sqlite:
            key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
            self.connection.execute(_LOCK, {"key": key})

    def prefer_indexes(self) -> None:
        """Until the end of the transaction whatever has an index is found by it.

        PostgreSQL takes a page found by an index to cost four times one of a whole table (disks
        that turn), and so reads a whole table of 300,000 calls for the few of one day.
        """
        if not self.sqlite:
            self.connection.execute(_BY_INDEX)

    def wake(self) -> None:
        """Tells the dispatchers, at the commit, that there is something to look at.

        SQLite's dispatcher sees the commit itself (PRAGMA data_version).
        """
        if not self.sqlite:
            self.connection.execute(_NOTIFY)


class Repository:
    """What can be asked of some tables in one transaction."""

    def __init__(self, tx: UnitOfWork) -> None:
        self.tx = tx
        self.connection = tx.connection

    @property
    def now(self) -> datetime:
        """The transaction's instant, aware UTC."""
        return self.tx.now

    def for_update(self, query: Select[Any], *, skip_locked: bool = False) -> Select[Any]:
        """Row locks; SQLite has none and needs none, its writers are alone."""
        return query if self.tx.sqlite else query.with_for_update(skip_locked=skip_locked)
