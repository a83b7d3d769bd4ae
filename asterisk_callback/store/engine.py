"""The engine and its transactions: PostgreSQL or SQLite, chosen by the URL alone.

SQLite: every writing transaction begins IMMEDIATE, because a deferred one that turns into a writer
fails with "database is locked" at once, whatever the timeout; `synchronous=FULL`, because P1 says
that accepted means kept. PostgreSQL: READ COMMITTED with explicit row and advisory locks.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import URL, Connection, RootTransaction, create_engine, event, text
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError, TimeoutError

from asterisk_callback.domain.customer_message import MessageKind
from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.store.postgresql import (
    PostgresqlEngine,
    began,
    begin_with,
    is_pooled,
    straight,
)
from asterisk_callback.store.rolling import Tables
from asterisk_callback.store.transaction import SqlTransaction
from asterisk_callback.store.trouble import READ_ONLY, is_away, sentence, sqlstate


@dataclass(frozen=True, slots=True)
class Waits:
    """How long others are waited for, in seconds.

    busy: for SQLite's one write lock, or a connection. idle, lock: of PostgreSQL's sessions; lock
    is longer than idle, so that whoever waits for a stopped process outlives it.
    """

    busy: float = 5.0
    idle: float = 5.0
    lock: float = 8.0


Clock = Callable[[], datetime]

_NOW = text("SELECT clock_timestamp()")


class SqlStore:
    """The store on SQLite or PostgreSQL.

    direct_url: leads to PostgreSQL itself, where `url` leads to a pooler. clock: returns aware UTC;
    None means the database's clock on PostgreSQL (so that several hosts agree) and the host's on
    SQLite. monotonic: seconds, of which `writing(within=...)` takes the difference.
    by_number: kinds of messages that customers without an e-mail address get at their number. away:
    why the last write failed, "" if it did not.
    """

    def __init__(
        self,
        url: str,
        *,
        direct_url: str | None = None,
        clock: Clock | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        waits: Waits = Waits(),
        by_number: Collection[MessageKind] = (),
    ) -> None:
        self.url = _with_driver(url)
        self._direct_url = _with_driver(direct_url or url)  # SQLite has no use for one
        self.dialect = self.url.get_backend_name()
        self.one_writer = self.dialect == "sqlite"
        self._clock = clock
        self._monotonic = monotonic
        self.waits = waits
        self._by_number = by_number
        self.away = ""
        self._read_only = False
        self._turn = threading.Lock()
        # Set by processes that run for long: others may upgrade meanwhile.
        self.tables: Tables | None = None
        if self.dialect == "sqlite":
            self._writer = _sqlite(self.url, waits.busy, begin="BEGIN IMMEDIATE")
            self._reader = _sqlite(self.url, waits.busy, begin="BEGIN")
        else:
            self._postgresql = PostgresqlEngine(
                self.url, busy=waits.busy, idle=waits.idle, lock=waits.lock
            )
            self._writer = self._reader = self._postgresql.engine
        for engine in (self._writer, self._reader):
            event.listen(engine, "handle_error", _without_values)

    @contextmanager
    def writing(self, *, within: float | None = None) -> Iterator[SqlTransaction]:
        """See services.ports.Store. The limit holds for each statement, and for all of them
        together at the commit: several short waits don't add up to a late yes."""
        started = self._monotonic()
        if self._read_only:
            # Connections to a former primary stay read-only: each try begins with new ones.
            self._postgresql.renew()
        with (
            self._noted(),
            self._unavailable(),
            self._in_turn(within),
            self._writer.connect() as connection,
            self._begin(connection, within) as transaction,
        ):
            self._check(connection)
            tx = self._transaction(connection)
            yield tx
            tx.flush()
            if within is not None and self._monotonic() - started > within:
                raise StoreUnavailable(f"the database took longer than {within:g} s")
            transaction.commit()
            self.away, self._read_only = "", False

    @contextmanager
    def reading(self) -> Iterator[SqlTransaction]:
        with self._unavailable(), self._reader.connect() as connection, self._begin(connection):
            self._check(connection)
            yield self._transaction(connection)

    def _begin(self, connection: Connection, within: float | None = None) -> RootTransaction:
        """What leads to a server that has gone is found out by its BEGIN, before anything was done;
        another connection takes its place, once."""
        try:
            self._limit(connection, within)
            return connection.begin()
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        self._limit(connection, within)
        return connection.begin()

    def _transaction(self, connection: Connection) -> SqlTransaction:
        begun = self._now(connection) if self.dialect == "sqlite" else self._begun(connection)
        return SqlTransaction(connection, lambda: self._now(connection), self._by_number, begun)

    def _begun(self, connection: Connection) -> datetime:
        return self._clock() if self._clock is not None else began(connection).astimezone(UTC)

    @contextmanager
    def connect(self, *, busy: float | None = None) -> Iterator[Connection]:
        """A bare connection, for migrations, doctor and backup. busy: seconds that SQLite waits for
        another writer, if not the usual ones."""
        with self._writer.connect() as connection:
            if self.dialect == "sqlite":
                self._limit(connection, busy)
            else:
                self._begin(connection).rollback()
            yield connection

    def straight(self) -> Any:
        """A connection of the driver's own to PostgreSQL itself, for LISTEN. The caller closes
        it."""
        return straight(self._writer, self._direct_url)

    def leads_straight(self) -> bool:
        """Whether `straight` does lead to PostgreSQL itself. Raises StoreUnavailable."""
        try:
            with self.straight() as connection:
                return not is_pooled(connection)
        except self._writer.dialect.loaded_dbapi.Error as error:
            raise StoreUnavailable(sentence(error)) from error

    def close(self) -> None:
        self._writer.dispose()
        self._reader.dispose()

    def _now(self, connection: Connection) -> datetime:
        if self._clock is not None:
            return self._clock()
        if self.dialect == "sqlite":
            return datetime.now(UTC)
        now: datetime = connection.execute(_NOW).scalar_one()
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
        """To be called before the transaction begins."""
        if self.dialect == "sqlite":
            # The wait for the write lock is what is to be limited.
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.execute(f"PRAGMA busy_timeout = {int((within or self.waits.busy) * 1000)}")
        elif within is not None:
            begin_with(connection, {"statement_timeout": str(int(within * 1000))})

    @contextmanager
    def _noted(self) -> Iterator[None]:
        try:
            yield
        except StoreUnavailable as error:
            self.away = error.sentence
            raise

    def _check(self, connection: Connection) -> None:
        if self.tables is not None:
            self.tables.check(connection)

    def _look_again(self) -> None:
        """What failed may have failed because the tables are others by now. Raises TablesChanged;
        whatever else is wrong is told by what failed."""
        if self.tables is not None:
            with suppress(SQLAlchemyError), self._reader.connect() as connection:
                self.tables.look(connection)

    @contextmanager
    def _unavailable(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, TimeoutError) as error:
            if not is_away(error):
                self._look_again()
                raise
            self._read_only = self._read_only or sqlstate(error) == READ_ONLY
            raise StoreUnavailable(sentence(error)) from error


def _with_driver(url: str) -> URL:
    made = make_url(url)
    if made.drivername in ("postgres", "postgresql"):
        made = made.set(drivername="postgresql+psycopg")
    return made


def _without_values(context: ExceptionContext) -> None:
    """P17: errors are logged, and below its first line PostgreSQL's names the row's values. (The
    statement's are kept out by `hide_parameters`.)"""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args and isinstance(error.args[0], str):
            error.args = (error.args[0].strip().partition("\n")[0], *error.args[1:])


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
