"""The database: the real SqlStore on SQLite (in a RAM disk), with the failures of a database.

A transaction is one step, as it is on SQLite, whose writers are alone. What PostgreSQL interleaves
inside transactions is not shown here but in tests/store/test_races.py.
"""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self, cast

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.store import SqlStore
from asterisk_callback.store.transaction import SqlTransaction
from tests.factories import _migrated_sqlite as migrated_sqlite
from tests.simulation.loop import START, World

FOLDER = "/dev/shm" if os.path.isdir("/dev/shm") else None
_COMPILED: dict[Any, Any] = {}


class Database(SqlStore):
    """One for all processes of a world. `on_commit` is called after each commit, before the writer
    learns of it; `on_change` tells the watches."""

    def __init__(self, world: World) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="simulation-", dir=FOLDER)
        self.file = os.path.join(self._folder.name, "callback.db")
        Path(self.file).write_bytes(migrated_sqlite())
        super().__init__(f"sqlite:///{self.file}", clock=world.clock)
        # What SQLAlchemy compiled once serves all runs of this process.
        self._writer._compiled_cache = self._reader._compiled_cache = _COMPILED
        self.plain = world.seed % 20 == 0
        self.raw = sqlite3.connect(self.file)
        self._version = self._rows = 0
        self.world = world
        self.away_until = 0.0
        self.fails = 0.0
        self.loses_reply = 0.0
        self.on_commit: Callable[[], None] = lambda: None
        self.on_change: list[Callable[[], None]] = []

    def close(self) -> None:
        self.raw.close()
        super().close()
        self._folder.cleanup()

    @contextmanager
    def writing(self, *, within: float | None = None) -> Iterator[SqlTransaction]:
        """`within` is left out: it is real time, and here all waiting is virtual."""
        self._answers()
        with super().writing() as tx:
            yield tx
            if self._chance(self.fails):
                raise StoreUnavailable("the commit failed")
        if self._changed():
            self.on_commit()
            self._tell()
        if self._chance(self.loses_reply):
            raise StoreUnavailable("committed, and the reply was lost")

    @contextmanager
    def reading(self) -> Iterator[SqlTransaction]:
        self._answers()
        if self.plain:
            with super().reading() as tx:
                yield tx
            return
        with Glance(self, super().reading) as glance:
            yield cast(SqlTransaction, glance)

    def _tell(self) -> None:
        """NOTIFY: sent by every write that has a row in the trail, and by no other."""
        (rows,) = self.raw.execute("SELECT count(*) FROM audit").fetchone()
        if rows != self._rows:
            self._rows = rows
            for told in self.on_change:
                told()

    def _changed(self) -> bool:
        """Did the commit write anything? A transaction that only looked wakes nobody."""
        (version,) = self.raw.execute("PRAGMA data_version").fetchone()
        seen, self._version = self._version, version
        return seen != version

    def _answers(self) -> None:
        if self.world.now < self.away_until:
            raise StoreUnavailable("the database is away")

    def _chance(self, of: float) -> bool:
        return of > 0 and self.world.rng.random() < of


class Glance:
    """A reading transaction. What a dispatcher asks at every tick is answered here without
    SQLAlchemy, which makes a run five times faster; all else comes from the real one. Every
    twentieth seed does without, so that the two can't drift apart unnoticed."""

    def __init__(
        self, database: Database, real: Callable[[], AbstractContextManager[SqlTransaction]]
    ) -> None:
        self._database = database
        self._real = real
        self._stack = ExitStack()
        self._tx: SqlTransaction | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: Any) -> None:
        self._stack.close()

    def __getattr__(self, name: str) -> Any:
        if self._tx is None:
            self._tx = self._stack.enter_context(self._real())
        return getattr(self._tx, name)

    def anything_due(self) -> bool:
        now = self._now()
        return self._any(
            "SELECT 1 FROM callback_request WHERE (state = 'scheduled' AND due_at <= ?) OR "
            "(state IN ('scheduled', 'queued', 'offered') AND expires_at <= ?)",
            now,
            now,
        )

    def in_line(self, queue: str) -> bool:
        now = self._now()
        return self._any(
            "SELECT 1 FROM callback_request WHERE queue = ? AND state = 'queued' "
            "AND due_at <= ? AND expires_at > ?",
            queue,
            now,
            now,
        )

    def next_instant(self) -> datetime | None:
        query = (
            "SELECT min(due_at) FROM callback_request WHERE state = 'scheduled' "
            "OR (state = 'queued' AND due_at > ?)"
        )
        (found,) = self._database.raw.execute(query, (self._now(),)).fetchone()
        return datetime.fromisoformat(found).replace(tzinfo=START.tzinfo) if found else None

    def attempts_to_end(self, server: str) -> list[Attempt]:
        if not self._any(
            "SELECT 1 FROM attempt WHERE hangup_asked_at IS NOT NULL AND hangup_sent_at IS NULL"
        ):
            return []
        return list(self.__getattr__("attempts_to_end")(server))

    def _now(self) -> str:
        return self._database.world.clock().strftime("%Y-%m-%d %H:%M:%S.%f")

    def _any(self, query: str, *values: str) -> bool:
        return self._database.raw.execute(f"{query} LIMIT 1", values).fetchone() is not None
