"""Statements and commits of all that a dispatcher does.

PostgreSQL counts by itself. On SQLite the dispatcher is started through this module, which hears of
every statement by the driver's trace: python -m tests.bench.counting OUT ARGUMENTS …
"""

import mmap
import runpy
import sqlite3
import struct
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.pool import Pool

from asterisk_callback.store import SqlStore

_FORM = struct.Struct("qq")
_FRAME = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT", "RELEASE", "SET ", "SHOW")
_OURS = "pg_stat_statements"


@dataclass(frozen=True, slots=True)
class Counts:
    statements: int
    commits: int

    def since(self, before: "Counts") -> "Counts":
        return Counts(self.statements - before.statements, self.commits - before.commits)


class Shared:
    """Two numbers in a file that another process reads."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(_FORM.pack(0, 0))
        with file.open("r+b") as opened:
            self._map = mmap.mmap(opened.fileno(), _FORM.size)

    def read(self) -> Counts:
        return Counts(*_FORM.unpack(self._map[:]))

    def write(self, statements: int, commits: int) -> None:
        _FORM.pack_into(self._map, 0, statements, commits)


class Trace:
    """Hears of every connection that SQLAlchemy makes. What only reads is no commit: on SQLite
    nothing is written at its end."""

    def __init__(self, shared: Shared) -> None:
        self._shared, self._lock = shared, threading.Lock()
        self._statements = self._commits = 0

    def connected(self, connection: Any, _: Any) -> None:
        if not isinstance(connection, sqlite3.Connection):
            return
        writes = False

        def heard(statement: str) -> None:
            nonlocal writes
            if not statement.startswith(_FRAME):
                self._add(statements=1)
            elif statement.startswith("BEGIN"):
                writes = "IMMEDIATE" in statement
            elif statement.startswith("COMMIT") and writes:
                self._add(commits=1)

        connection.set_trace_callback(heard)

    def _add(self, *, statements: int = 0, commits: int = 0) -> None:
        with self._lock:
            self._statements += statements
            self._commits += commits
            self._shared.write(self._statements, self._commits)


def of_postgresql(store: SqlStore) -> Counts:
    """Of all processes on this store's database, since its server began."""
    rows = text(
        "SELECT query, calls FROM pg_stat_statements JOIN pg_database ON dbid = oid"
        " WHERE datname = current_database()"
    )
    with store.reading() as tx:
        tx.connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {_OURS}"))
        found = tx.connection.execute(rows).all()
    asked = [(query, calls) for query, calls in found if _OURS not in query]
    statements = sum(calls for query, calls in asked if not query.upper().startswith(_FRAME))
    commits = sum(calls for query, calls in asked if query.upper().startswith("COMMIT"))
    return Counts(statements, commits)


if __name__ == "__main__":
    trace = Trace(Shared(Path(sys.argv[1])))
    event.listen(Pool, "connect", trace.connected)
    sys.argv = ["asterisk_callback", *sys.argv[2:]]
    runpy.run_module("asterisk_callback", run_name="__main__")
