"""The engine and its transactions: PostgreSQL or SQLite, chosen by the URL alone.

SQLite: every writing transaction begins IMMEDIATE, because a deferred one that turns into a writer
fails with "database is locked" at once, whatever the timeout; `synchronous=FULL`, because P1 says
that accepted means kept. PostgreSQL: READ COMMITTED with explicit row and advisory locks.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, OperationalError, TimeoutError

from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.services.ports import Clock
from asterisk_callback.store.transaction import SqlTransaction

# serialization_failure, deadlock_detected (PostgreSQL's manual, appendix A)
GAVE_WAY = ("40001", "40P01")


@dataclass(frozen=True, slots=True)
class Waits:
    """How long others are waited for, in seconds.

    busy: for SQLite's one write lock, or a connection. idle, lock: of PostgreSQL's sessions; lock
    is longer than idle, so that whoever waits for a stopped process outlives it.
    """

    busy: float = 5.0
    idle: float = 5.0
    lock: float = 8.0


class SqlStore:
    """The store on SQLite or PostgreSQL.

    clock: returns aware UTC; None means the database's clock on PostgreSQL (so that several hosts
    agree) and the host's on SQLite. monotonic: seconds, of which `writing(within=...)` takes the
    difference.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Clock | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        waits: Waits = Waits(),
    ) -> None:
        self.url = make_url(url)
        if self.url.drivername in ("postgres", "postgresql"):
            self.url = self.url.set(drivername="postgresql+psycopg")
        self.dialect = self.url.get_backend_name()
        self._clock = clock
        self._monotonic = monotonic
        self.waits = waits
        self._turn = threading.Lock()
        if self.dialect == "sqlite":
            self._writer = _sqlite(self.url, waits.busy, begin="BEGIN IMMEDIATE")
            self._reader = _sqlite(self.url, waits.busy, begin="BEGIN")
        else:
            self._writer = self._reader = create_engine(
                self.url,
                hide_parameters=True,
                pool_pre_ping=True,
                pool_size=10,
                max_overflow=20,
                pool_timeout=waits.busy,
                # A host that is gone must not hold a gate or a form: libpq would wait for minutes.
                connect_args={"connect_timeout": 3, "tcp_user_timeout": 5000},
            )
            event.listen(self._writer, "connect", self._limit_locks)
        for engine in (self._writer, self._reader):
            event.listen(engine, "handle_error", _without_values)

    @contextmanager
    def writing(self, *, within: float | None = None) -> Iterator[SqlTransaction]:
        """See services.ports.Store. The limit holds for each statement, and for all of them
        together at the commit: several short waits don't add up to a late yes."""
        started = self._monotonic()
        with self._unavailable(), self._in_turn(within), self._writer.connect() as connection:
            self._limit(connection, within)
            with connection.begin() as transaction:
                if within is not None and self.dialect != "sqlite":
                    milliseconds = int(within * 1000)
                    connection.execute(text(f"SET LOCAL statement_timeout = {milliseconds}"))
                yield SqlTransaction(connection, lambda: self._now(connection))
                if within is not None and self._monotonic() - started > within:
                    raise StoreUnavailable(f"the database took longer than {within:g} s")
                transaction.commit()

    @contextmanager
    def reading(self) -> Iterator[SqlTransaction]:
        with self._unavailable(), self._reader.connect() as connection, connection.begin():
            yield SqlTransaction(connection, lambda: self._now(connection))

    @contextmanager
    def connect(self, *, busy: float | None = None) -> Iterator[Connection]:
        """A bare connection, for migrations, doctor and backup. busy: seconds that SQLite waits for
        another writer, if not the usual ones."""
        with self._writer.connect() as connection:
            self._limit(connection, busy)
            yield connection

    def close(self) -> None:
        self._writer.dispose()
        self._reader.dispose()

    def _now(self, connection: Connection) -> datetime:
        if self._clock is not None:
            return self._clock()
        if self.dialect == "sqlite":
            return datetime.now(UTC)
        now: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        return now.astimezone(UTC)

    @contextmanager
    def _in_turn(self, within: float | None) -> Iterator[None]:
        """SQLite has no line for its one writer: who waits asks again after pauses, and of many
        threads some never ask in the right moment. Ours wait for each other here."""
        if self.dialect != "sqlite":
            yield
            return
        seconds = within or self.waits.busy
        if not self._turn.acquire(timeout=seconds):
            raise StoreUnavailable(f"the database does not answer: {seconds:g} s in line to write")
        try:
            yield
        finally:
            self._turn.release()

    def _limit(self, connection: Connection, within: float | None) -> None:
        if self.dialect == "sqlite":
            milliseconds = int((within or self.waits.busy) * 1000)
            # Before BEGIN: the wait for the write lock is what is to be limited.
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.execute(f"PRAGMA busy_timeout = {milliseconds}")

    def _limit_locks(self, connection: Any, _: Any) -> None:
        """A process that is stopped within a transaction must not hold its locks for good: the
        others would wait for a request's row as long as it sleeps. Its session ends, and it finds
        out."""
        idle, lock = int(self.waits.idle * 1000), int(self.waits.lock * 1000)
        connection.execute(f"SET idle_in_transaction_session_timeout = {idle}")
        connection.execute(f"SET lock_timeout = {lock}")
        connection.commit()

    @contextmanager
    def _unavailable(self) -> Iterator[None]:
        try:
            yield
        except (OperationalError, TimeoutError) as error:
            raise StoreUnavailable(sentence(error)) from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise StoreUnavailable(sentence(error)) from error
            raise


def _without_values(context: ExceptionContext) -> None:
    """P17: errors are logged, and below its first line PostgreSQL's names the row's values. (The
    statement's are kept out by `hide_parameters`.)"""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args and isinstance(error.args[0], str):
            error.args = (error.args[0].strip().partition("\n")[0], *error.args[1:])


def sentence(error: Exception) -> str:
    """What a StoreUnavailable says."""
    original = getattr(error, "orig", None)
    cause = str(original or error).strip().splitlines()
    gave_way = getattr(original, "sqlstate", None) in GAVE_WAY
    what = "let another transaction go first" if gave_way else "does not answer"
    return f"the database {what}: {cause[0] if cause else type(error).__name__}"


def _sqlite(url: Any, busy: float, *, begin: str) -> Any:
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": busy},
        pool_timeout=busy,
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _: Any) -> None:
        # The driver's own BEGIN is deferred; ours is given by the event below.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
