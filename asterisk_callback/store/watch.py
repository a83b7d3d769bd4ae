"""Hearing of other processes' commits without asking the tables all the time."""

import logging
import sqlite3
import threading
from collections.abc import Callable

from asterisk_callback.store.engine import SqlStore
from asterisk_callback.store.postgresql import is_pooled, set_for_session
from asterisk_callback.store.repository import WAKE_CHANNEL
from asterisk_callback.store.trouble import sentence

log = logging.getLogger(__name__)

SQLITE_POLL_SECONDS = 0.05
POOLED_POLL_SECONDS = 1.0
RECONNECT_SECONDS = 1.0


class Watch:
    """Calls `on_change` (from a thread of its own) after commits of other processes.

    PostgreSQL: LISTEN. SQLite: `PRAGMA data_version`, which costs no read of the file.
    """

    def __init__(self, store: SqlStore, on_change: Callable[[], object]) -> None:
        self._store = store
        self._on_change = on_change
        self._stop = threading.Event()
        work = self._sqlite if store.dialect == "sqlite" else self._postgresql
        self._thread = threading.Thread(target=self._keep, args=(work,), daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def _keep(self, work: Callable[[], None]) -> None:
        while not self._stop.is_set():
            try:
                work()
            except Exception as error:  # the database may be away; the sweep goes on without us
                log.warning("no change is heard of for now: %s", sentence(error))
                self._stop.wait(RECONNECT_SECONDS)
            self._on_change()

    def _sqlite(self) -> None:
        connection = sqlite3.connect(self._store.url.database or "", isolation_level=None)
        try:
            seen = None
            while not self._stop.wait(SQLITE_POLL_SECONDS):
                version = connection.execute("PRAGMA data_version").fetchone()[0]
                if version != seen:
                    seen = version
                    self._on_change()
        finally:
            connection.close()

    def _only_ask(self) -> None:
        """A pooler lends a connection for a transaction: nobody could be heard over it."""
        log.warning("without [database] direct_url behind a pooler, wishes are looked for")
        while not self._stop.wait(POOLED_POLL_SECONDS):
            self._on_change()

    def _postgresql(self) -> None:
        with self._store.straight() as connection:
            if is_pooled(connection):
                self._only_ask()
                return
            set_for_session(connection)
            connection.execute(f"LISTEN {WAKE_CHANNEL}")
            self._on_change()
            while not self._stop.is_set():
                for _ in connection.notifies(timeout=1.0, stop_after=1):
                    self._on_change()
