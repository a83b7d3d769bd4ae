"""The store on the database that is configured, and what version its tables are of."""

import hashlib
import hmac
import os
import socket
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from asterisk_callback import store as stores
from asterisk_callback.bootstrap.errors import Misfit, SchemaOutdated
from asterisk_callback.config.settings import Settings
from asterisk_callback.domain.alarm import AlarmName
from asterisk_callback.domain.errors import Occupied, StoreUnavailable
from asterisk_callback.store import SqlStore
from asterisk_callback.store.engine import sentence
from asterisk_callback.store.tables import OWNER_NAME


def store(settings: Settings) -> SqlStore:
    """The store; nothing is connected yet. Raises Misfit for a URL that can't be used, OSError."""
    return store_at(settings.database.url.get_secret_value())


def store_at(url: str) -> SqlStore:
    """The same for any database. Raises Misfit, OSError."""
    example = 'for example: [database] url = "sqlite:///callback.db"'
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError:
        raise Misfit(f"[database] url is no SQLite or PostgreSQL URL; {example}") from None
    if backend not in ("sqlite", "postgresql", "postgres"):
        raise Misfit(f"[database] url must be of SQLite or PostgreSQL; {example}")
    _make_private(_file(url))
    try:
        return SqlStore(url)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        driver = getattr(error, "name", None) or "another driver"
        raise Misfit(
            f"[database] url needs {driver}: pip install 'asterisk-callback[postgresql]'"
        ) from None


def _make_private(file: Path | None) -> None:
    """A new SQLite file, and what SQLite puts beside it, is for its owner only."""
    if file is not None and not file.exists():
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))


def database_name(settings: Settings) -> str:
    """The database's URL without its password, for messages."""
    return make_url(settings.database.url.get_secret_value()).render_as_string(hide_password=True)


def database_file(settings: Settings) -> Path | None:
    """The file of an SQLite database; None for every other one."""
    return _file(settings.database.url.get_secret_value())


def _file(address: str) -> Path | None:
    url = make_url(address)
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


def schema(made: SqlStore) -> tuple[str | None, str]:
    """The database's revision (None: no tables) and the one needed. Raises StoreUnavailable."""
    try:
        return stores.check_version(made)
    except SQLAlchemyError as error:
        raise StoreUnavailable(sentence(error)) from error


def upgrade(made: SqlStore) -> str:
    """Upgrades the database and returns its revision. Raises StoreUnavailable."""
    try:
        return stores.upgrade(made)
    except SQLAlchemyError as error:
        raise StoreUnavailable(sentence(error)) from error


def ready_store(settings: Settings) -> SqlStore:
    """A store whose database has the tables that this version needs. Raises SchemaOutdated."""
    made = store(settings)
    found, needed = schema(made)
    if found != needed:
        state = "has no tables yet" if found is None else f"is at revision {found}, not {needed}"
        raise SchemaOutdated(
            f"the database {database_name(settings)} {state}; run: asterisk-callback db upgrade"
        )
    return made


def own(settings: Settings, made: SqlStore, *, take: bool = False) -> None:
    """The database is this installation's from now on, and of no other. take: even if it was.

    Raises Occupied, after the owner was told by an alarm, and StoreUnavailable.
    """
    key = settings.web.secret_key.get_secret_value().encode()
    owner = hmac.new(key, b"owner of a database", hashlib.sha256).hexdigest()
    name = settings.company.name[:OWNER_NAME]
    with made.reading() as tx:
        # At each start of each process: nothing is written, nor waited for, that is so already.
        if tx.owner() == (owner, name):
            return
    try:
        with made.writing() as tx:
            tx.own(owner, name, take=take)
    except Occupied as error:
        text = f"{name} ({socket.gethostname()[:64]}) wanted this database, and was refused"
        with made.writing() as tx:
            tx.note_stranger(AlarmName.SECOND_OWNER, name, text)
        raise Occupied(f"{database_name(settings)}: {error}") from error
