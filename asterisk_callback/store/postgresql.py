"""Connections to PostgreSQL: what holds in each, whatever its server, database, role or pooler say.

Settings of a database or a role (ALTER DATABASE … SET, ALTER ROLE … SET) are for new sessions, so
each session of ours is given its own at the start: how dates are written, how long somebody is
waited for. Behind a pooler in transaction mode (pgbouncer's `pool_mode = transaction`) a session is
a transaction, so there each transaction is given them, and no statement is prepared.

A transaction begins on one way to the server: BEGIN, the settings and the clock. Each way costs a
switch of processes, which under load is more than what the statement costs.
"""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

from asterisk_callback.domain.errors import DatabaseUnfit

# A host that is gone must not hold a gate or a form: libpq would wait for minutes.
_REACHED = {"connect_timeout": 3, "tcp_user_timeout": 5000}
_CLOCK = "SELECT clock_timestamp()"


class PostgresqlEngine:
    """idle, lock: seconds, see Waits. busy: how long a free connection is waited for."""

    def __init__(self, url: URL, *, busy: float, idle: float, lock: float) -> None:
        # A process that is stopped within a transaction must not hold its locks for good: the
        # others would wait for a request's row as long as it sleeps. Its session ends, and it
        # finds out.
        self._everywhere = {
            "idle_in_transaction_session_timeout": str(int(idle * 1000)),
            "lock_timeout": str(int(lock * 1000)),
            "statement_timeout": "0",
            "DateStyle": "ISO, MDY",
            "IntervalStyle": "postgres",
            "TimeZone": "UTC",
        }
        self._renewed = 0.0
        self.engine: Engine = create_engine(
            url,
            hide_parameters=True,
            pool_size=10,
            max_overflow=20,
            pool_timeout=busy,
            connect_args={**_REACHED, "client_encoding": "utf8"},
        )
        # First of all: SQLAlchemy itself asks a new database what it is.
        event.listen(self.engine, "connect", self._connected, insert=True)
        event.listen(self.engine, "checkout", self._lent)
        # Within it SQLAlchemy tells a lost connection from other faults, as it does of statements.
        self.engine.dialect.do_begin = self._begin  # type: ignore[assignment]

    def renew(self) -> None:
        """Every connection that was made before is replaced before it is used again."""
        self._renewed = time.monotonic()

    def _connected(self, connection: Any, record: Any) -> None:
        encoding = connection.info.parameter_status("server_encoding")
        if encoding not in ("UTF8", None):
            raise DatabaseUnfit(
                f"the database is encoded in {encoding}, which can't hold every name: make one by "
                "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0, and name that in "
                "[database] url"
            )
        pooled = is_pooled(connection)
        if pooled:
            # Another client may be given the same session next.
            connection.prepare_threshold = None
        else:
            set_for_session(connection, self._everywhere)
        connection.commit()
        connection.autocommit = True  # its transactions begin by the words of _begin
        record.info.update(made=time.monotonic(), pooled=pooled)

    def _lent(self, _: Any, record: Any, __: Any) -> None:
        if record.info["made"] < self._renewed:
            raise DisconnectionError("it leads to where nothing can be written")

    def _begin(self, connection: Any) -> None:
        """connection: of the pool. What the clock shows is left in its `info`."""
        info = connection.info
        settings = dict(self._everywhere) if info["pooled"] else {}
        settings |= info.pop("settings", {})
        ours = ", ".join(
            f"set_config('{name}', '{value}', true)" for name, value in settings.items()
        )
        words = ["BEGIN ISOLATION LEVEL READ COMMITTED", f"SELECT {ours}" if ours else "", _CLOCK]
        with connection.cursor() as cursor:
            cursor.execute("; ".join(word for word in words if word), prepare=False)
            while cursor.nextset():
                pass
            (info["began"],) = cursor.fetchone()


def begin_with(connection: Connection, settings: Mapping[str, str]) -> None:
    """Settings for the transaction that this connection begins next."""
    connection.info["settings"] = settings


def began(connection: Connection) -> datetime:
    """What the server's clock showed when this connection's transaction began. Aware."""
    at: datetime = connection.info["began"]
    return at


def set_for_session(connection: Any, settings: Mapping[str, str] = {}) -> None:
    """On a connection of the driver's: these, and that it may be idle; by what its server knows."""
    rows = {**settings, "idle_session_timeout": "0", "transaction_timeout": "0"}
    values = ", ".join(f"('{name}', '{value}')" for name, value in rows.items())
    connection.execute(
        "SELECT count(set_config(name, value, false)) "  # noqa: S608
        f"FROM pg_settings JOIN (VALUES {values}) AS ours (name, value) USING (name)"
    )


def is_pooled(connection: Any) -> bool:
    """Whether a pooler stands between this connection of the driver's and PostgreSQL: it tells each
    client a number of its own, for it has no process of the server's for it."""
    (process,) = connection.execute("SELECT pg_backend_pid()").fetchone()
    return bool(process != connection.info.backend_pid)


def straight(engine: Engine, url: URL) -> Any:
    """A connection of the driver's own (psycopg), beside the pool: for LISTEN, which lasts."""
    _, options = engine.dialect.create_connect_args(url)
    return engine.dialect.loaded_dbapi.connect(**{**_REACHED, **options}, autocommit=True)
