"""The unit of work, what repositories share, and what a statement that is built once needs."""

import hashlib
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, Table, bindparam, text

from asterisk_callback.domain.customer_message import MessageKind
from asterisk_callback.store.many import Many

WAKE_CHANNEL = "asterisk_callback"
# One after the other, in the order of the array: a function's rows come as they are made.
_LOCK = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")
_TRY_LOCK = text(
    "SELECT key, pg_try_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key"
)
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
        by_number: Collection[MessageKind],
        begun: datetime,
    ) -> None:
        """clock: the store's. begun: what it showed at the begin. Both aware UTC. by_number: see
        services.ports.Transaction."""
        self.by_number = by_number
        self.connection = connection
        self.sqlite = connection.dialect.name == "sqlite"
        self._clock = clock
        self._now = begun
        self._later: dict[Many, list[dict[str, Any]]] = {}
        self._wakes = False

    @property
    def now(self) -> datetime:
        """Aware UTC, the same throughout the transaction."""
        return self._now

    def refresh_now(self) -> datetime:
        """Moves `now` on, after a wait for a lock: what is counted by the second, and written so
        that others count it, must not lie in the past."""
        self._now = max(self._now, self._clock())
        return self._now

    def lock(self, *names: str) -> None:
        """Holds these names for nobody else until the end of the transaction; several of a kind in
        an order of their own, so that two who want the same ones never wait for each other.

        An advisory lock rather than a counter's row: nothing to create first, nothing left over.
        On SQLite the whole transaction is alone already.
        """
        if names and not self.sqlite:
            self.connection.execute(_LOCK, {"keys": sorted(map(key_of, names))})

    def try_lock(self, *names: str) -> Collection[str]:
        """The same, for those of the names that nobody else holds now; returns them."""
        if not names or self.sqlite:
            return names
        keys = {key_of(name): name for name in names}
        found = self.connection.execute(_TRY_LOCK, {"keys": sorted(keys)})
        return [keys[key] for key, free in found if free]

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
        self._wakes = not self.sqlite

    def later(self, statement: Many, row: dict[str, Any]) -> None:
        """Writes a row with all others of that statement: before the commit, or at `flush`."""
        self._later.setdefault(statement, []).append(row)

    def flush(self) -> None:
        """Writes what was put off. Called before each commit, and by whoever reads such rows."""
        for statement, rows in self._later.items():
            statement.execute(self.connection, rows)
        self._later.clear()
        if self._wakes:
            self.connection.execute(_NOTIFY)
            self._wakes = False


def key_of(name: str) -> int:
    """The key of an advisory lock."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


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
