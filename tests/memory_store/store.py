"""The store itself: one writer at a time, and everybody reads what was committed last."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from asterisk_callback.store.engine import Clock
from tests.memory_store.tables import TABLES, Tables
from tests.memory_store.transaction import MemoryTransaction


class MemoryStore:
    """clock: returns aware UTC; None means the host's.

    `tables` is what was committed. A commit puts new tables in its place and changes none of the
    old ones, so whoever holds them holds a snapshot.
    """

    dialect = "memory"
    one_writer = True

    def __init__(self, *, clock: Clock | None = None) -> None:
        self.tables: Tables = {name: {} for name in TABLES}
        self._clock = clock or _host_clock
        self._writer = threading.Lock()

    @contextmanager
    def writing(self, *, within: float | None = None) -> Iterator[MemoryTransaction]:
        """See services.ports.Store. Nothing here takes long enough for `within` to matter."""
        with self._writer:
            tx = MemoryTransaction(dict(self.tables), self._clock())
            yield tx
            if tx.written:
                self.tables = tx.tables

    @contextmanager
    def reading(self) -> Iterator[MemoryTransaction]:
        yield MemoryTransaction(dict(self.tables), self._clock())

    def close(self) -> None:
        """There is nothing to close."""


def _host_clock() -> datetime:
    return datetime.now(UTC)
