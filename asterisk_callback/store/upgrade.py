"""Bringing a database to the tables that this version needs.

Alembic is imported when it works: every start asks for the revision, few change it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from asterisk_callback.store.engine import SqlStore

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).with_name("migrations")
REVISION = "0026"  # the last of the migrations; a test compares
# How long a process waits for others that upgrade, in seconds.
PATIENCE = 60.0
_ALONE = 0x61736361  # any number that nothing else locks


def upgrade(store: SqlStore, revision: str = "head") -> str:
    """Upgrades the database; running it twice is harmless. Returns the revision it now has."""
    from alembic import command

    with store.connect(busy=PATIENCE) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            # Several processes may start at once; on SQLite BEGIN IMMEDIATE makes them queue up.
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ALONE})
        _run(connection, lambda config: command.upgrade(config, revision))
        return _current(connection) or ""


def downgrade(store: SqlStore, revision: str) -> None:
    """Takes the tables back. Raises CommandError (Alembic's) for a revision that there is not."""
    from alembic import command

    with store.connect() as connection, connection.begin():
        _run(connection, lambda config: command.downgrade(config, revision))


def check_version(store: SqlStore) -> tuple[str | None, str]:
    """The database's revision (None: no tables yet) and the one that this version needs."""
    # Reading only: /readyz asks this for every stranger, and SQLite has one write lock.
    with store.reading() as tx:
        return _current(tx.connection), REVISION


def _run(connection: Connection, work: Callable[["Config"], None]) -> None:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    work(config)


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
