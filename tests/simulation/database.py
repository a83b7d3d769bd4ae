"""The database, with the failures of one: the store in memory (tests/memory_store), or the real
SqlStore on SQLite in a RAM disk, twenty times slower. A run is the same on both (a test says so).

A transaction is one step, as it is on SQLite, whose writers are alone. What PostgreSQL interleaves
inside transactions is not shown here but in tests/store/test_races.py.
"""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asterisk_callback.domain.errors import StoreUnavailable
from tests.factories import _migrated_sqlite as migrated_sqlite
from tests.factories import sql_store
from tests.memory_store import MemoryStore
from tests.simulation.loop import Universe

FOLDER = "/dev/shm" if os.path.isdir("/dev/shm") else None

Row = Mapping[str, Any]
Table = Mapping[int, Row]


@dataclass
class Picture:
    """The database at one moment. Instants are as the store keeps them: see oracle.seconds."""

    requests: Table = field(default_factory=dict)
    attempts: Table = field(default_factory=dict)
    wishes: Table = field(default_factory=dict)
    suppressed: tuple[str, ...] = ()
    leases: Mapping[str, Row] = field(default_factory=dict)
    trail: int = 0

    def attempts_of(self, request: int) -> list[Row]:
        return [row for row in self.attempts.values() if row["request_id"] == request]


class InMemory:
    """The store in memory, and a look at its rows."""

    def __init__(self, universe: Universe) -> None:
        self.store: Any = MemoryStore(clock=universe.clock)
        self._seen = self.store.tables

    def changed(self) -> bool:
        seen, self._seen = self._seen, self.store.tables
        return seen is not self._seen

    def picture(self) -> Picture:
        tables = self.store.tables
        return Picture(
            requests=tables["callback_request"],
            attempts=tables["attempt"],
            wishes=tables["wish"],
            suppressed=tuple(tables["suppression"]),
            leases=tables["dispatcher"],
            trail=len(tables["audit"]),
        )

    def trail_after(self, seen: int) -> list[Row]:
        rows = self.store.tables["audit"]
        return [rows[n] for n in range(seen + 1, len(rows) + 1)]

    def close(self) -> None:
        self.store.close()


class OnSqlite:
    """SQLite, and a look at its rows over a connection of its own."""

    def __init__(self, universe: Universe) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="simulation-", dir=FOLDER)
        file = os.path.join(self._folder.name, "callback.db")
        Path(file).write_bytes(migrated_sqlite())
        self.store: Any = sql_store(f"sqlite:///{file}", universe.clock)
        self._raw = sqlite3.connect(file)
        self._version = 0

    def changed(self) -> bool:
        (version,) = self._raw.execute("PRAGMA data_version").fetchone()
        seen, self._version = self._version, version
        return bool(seen != version)

    def picture(self) -> Picture:
        return Picture(
            requests=self._table("callback_request"),
            attempts=self._table("attempt"),
            wishes=self._table("wish"),
            suppressed=tuple(row["e164"] for row in self._rows("SELECT e164 FROM suppression")),
            leases={row["name"]: row for row in self._rows("SELECT * FROM dispatcher")},
            trail=self._rows("SELECT count(*) AS n FROM audit")[0]["n"],
        )

    def trail_after(self, seen: int) -> list[Row]:
        return self._rows(f"SELECT * FROM audit WHERE id > {seen} ORDER BY id")

    def close(self) -> None:
        self._raw.close()
        self.store.close()
        self._folder.cleanup()

    def _table(self, name: str) -> Table:
        return {row["id"]: row for row in self._rows(f"SELECT * FROM {name} ORDER BY id")}

    def _rows(self, query: str) -> list[Row]:
        cursor = self._raw.cursor()
        cursor.execute(query)
        names = [column[0] for column in cursor.description]
        rows: list[Row] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        cursor.close()
        return rows


KINDS: Mapping[str, Callable[[Universe], InMemory | OnSqlite]] = {
    "memory": InMemory,
    "sqlite": OnSqlite,
}


class Database:
    """One for all processes of a universe. `on_commit` is called after each commit, before the
    writer learns of it; `on_change` tells the watches."""

    def __init__(self, universe: Universe, kind: str) -> None:
        self._kept = KINDS[kind](universe)
        self._store = self._kept.store
        self.one_writer = self._store.one_writer
        self.picture = self._kept.picture
        self.trail_after = self._kept.trail_after
        self.close = self._kept.close
        self._trail = 0
        self.universe = universe
        self.away_until = 0.0
        self.fails = 0.0
        self.loses_reply = 0.0
        self.on_commit: Callable[[], None] = lambda: None
        self.on_change: list[Callable[[], None]] = []

    @contextmanager
    def writing(self, *, within: float | None = None) -> Iterator[Any]:
        """`within` is left out: it is real time, and here all waiting is virtual."""
        self._answers()
        with self._store.writing() as tx:
            yield tx
            if self._chance(self.fails):
                raise StoreUnavailable("the commit failed")
        # A transaction that only looked wakes nobody.
        if self._kept.changed():
            self.on_commit()
            self._tell()
        if self._chance(self.loses_reply):
            raise StoreUnavailable("committed, and the reply was lost")

    @contextmanager
    def reading(self) -> Iterator[Any]:
        self._answers()
        with self._store.reading() as tx:
            yield tx

    def _tell(self) -> None:
        """NOTIFY: sent by every write that has a row in the trail, and by no other."""
        rows = self._kept.picture().trail
        if rows != self._trail:
            self._trail = rows
            for told in self.on_change:
                told()

    def _answers(self) -> None:
        if self.universe.now < self.away_until:
            raise StoreUnavailable("the database is away")

    def _chance(self, of: float) -> bool:
        return of > 0 and self.universe.rng.random() < of
