"""Bringing a database to the tables that this version needs."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from asterisk_callback.store.engine import SqlStore

MIGRATIONS = Path(__file__).with_name("migrations")
_ALONE = 0x61736361  # any number that nothing else locks


def upgrade(store: SqlStore, revision: str = "head") -> str:
    """Upgrades the database; running it twice is harmless. Returns the revision it now has."""
    with store.connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            # Several processes may start at once; on SQLite BEGIN IMMEDIATE makes them queue up.
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ALONE})
        _run(connection, lambda config: command.upgrade(config, revision))
        return _current(connection) or ""


def downgrade(store: SqlStore, revision: str) -> None:
    with store.connect() as connection, connection.begin():
        _run(connection, lambda config: command.downgrade(config, revision))


def check_version(store: SqlStore) -> tuple[str | None, str]:
    """The database's revision (None: no tables yet) and the one that this version needs."""
    with store.connect() as connection, connection.begin():
        return _current(connection), head()


def head() -> str:
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _run(connection: Connection, work: object) -> None:
    config = _config()
    config.attributes["connection"] = connection
    assert callable(work)
    work(config)


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
