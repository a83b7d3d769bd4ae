"""The store on the database that is configured, and what version its tables are of."""

import hashlib
import hmac
import os
import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

from asterisk_callback import store as stores
from asterisk_callback.bootstrap.errors import SchemaOutdated, SetupError
from asterisk_callback.config import database_url
from asterisk_callback.config.settings import Settings
from asterisk_callback.config.who_is_told import by_number
from asterisk_callback.domain.alarm import AlarmName
from asterisk_callback.domain.customer_message import MessageKind
from asterisk_callback.domain.errors import Occupied, StoreUnavailable
from asterisk_callback.store import SqlStore, backup
from asterisk_callback.store.file_owner import give_to_owner
from asterisk_callback.store.rolling import Tables
from asterisk_callback.store.tables.calls import OWNER_NAME
from asterisk_callback.store.trouble import NO_TABLES, sentence, sqlstate
from asterisk_callback.store.upgrade import REVISION
from asterisk_callback.store.upgrade import downgrade as downgrade_to


def store(settings: Settings) -> SqlStore:
    """The store, not yet connected. Raises SetupError for a URL that can't be used, OSError."""
    given = settings.database
    direct = given.direct_url.get_secret_value() if given.direct_url else None
    return store_at(given.url.get_secret_value(), direct, by_number(settings))


def store_at(
    url: str, direct_url: str | None = None, by_number: Collection[MessageKind] = ()
) -> SqlStore:
    """The same for any database. Raises SetupError, OSError."""
    if wrong := database_url.fault(url):
        raise SetupError(f"the database's URL {wrong}")
    _make_private(_file(url))
    try:
        return SqlStore(url, direct_url=direct_url, by_number=by_number)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        driver = getattr(error, "name", None) or "another driver"
        raise SetupError(
            f"[database] url needs {driver}: pip install 'asterisk-callback[postgresql]'"
        ) from None


def _make_private(file: Path | None) -> None:
    """A new SQLite file, and what SQLite puts beside it, is for its owner only: root's if nobody
    else's folder it is in, for the service that works there could not write it."""
    if file is not None and not file.exists():
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
        give_to_owner(file)


def database_name(settings: Settings) -> str:
    """The database's URL without its password, for messages."""
    return _shown(make_url(settings.database.url.get_secret_value()))


def _shown(url: URL) -> str:
    """libpq takes passwords as options, too."""
    return url.difference_update_query(("password", "sslpassword")).render_as_string()


def database_file(settings: Settings) -> Path | None:
    """The file of an SQLite database; None for every other one."""
    return _file(settings.database.url.get_secret_value())


def _file_of(made: SqlStore) -> Path | None:
    return _file_at(made.url)


def _file(address: str) -> Path | None:
    return _file_at(make_url(address))


def _file_at(url: URL) -> Path | None:
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


def schema(made: SqlStore) -> tuple[str | None, str]:
    """The database's revision (None: no tables) and the one needed. Raises StoreUnavailable."""
    try:
        return stores.check_version(made)
    except SQLAlchemyError as error:
        raise StoreUnavailable(sentence(error)) from error


@dataclass(frozen=True, slots=True)
class Migrated:
    """From which revision to which; before: None if there were no tables. copy: of the SQLite file
    as it was before, if one was made."""

    before: str | None
    after: str
    copy: Path | None = None

    @property
    def changed(self) -> bool:
        return self.before != self.after

    def __str__(self) -> str:
        if not self.changed:
            return f"revision {self.after}"
        kept = f"; as it was before, it is kept in {self.copy}" if self.copy else ""
        return f"went from revision {self.before or 'none'} to {self.after}{kept}"


def upgrade(made: SqlStore) -> Migrated:
    """Upgrades the database. A SQLite file that has tables is copied first, or stays as it is.
    Raises SetupError, SchemaOutdated (it is newer), StoreUnavailable."""
    return _migrate(made, REVISION, stores.upgrade)


def downgrade(made: SqlStore, revision: str) -> Migrated:
    """Takes the tables back to an older revision. Raises the same."""
    before, _ = schema(made)
    if before is None or not revision.isdigit() or not "0001" <= revision <= before:
        raise SetupError(
            f"there is no way back to revision {revision} from {before or 'an empty database'}; "
            "for example: asterisk-callback db downgrade 0017"
        )
    return _migrate(made, revision, lambda store: downgrade_to(store, revision))


def _migrate(made: SqlStore, to: str, work: Callable[[SqlStore], object]) -> Migrated:
    before, known = schema(made)
    if before == to:
        if (file := _file_of(made)) is not None:
            backup.forget_old(file)
        return Migrated(before, to)
    if before is not None and before > known:
        raise SchemaOutdated(f"the database {_shown(made.url)} {other_tables(before, known)}")
    copy = _kept(made, before) if before else None
    try:
        work(made)
    except SQLAlchemyError as error:
        if sqlstate(error) in NO_TABLES:
            role = made.url.username or "callback"
            raise SetupError(
                f"the role {role} may not make tables in the database; its administrator lets it: "
                f"GRANT USAGE, CREATE ON SCHEMA public TO {role}"
            ) from error
        raise StoreUnavailable(sentence(error)) from error
    file = _file_of(made)
    if copy is not None and file is not None:
        backup.forget_others(file, copy)
    return Migrated(before, to, copy)


def _kept(made: SqlStore, revision: str) -> Path | None:
    file = _file_of(made)
    if file is None:
        return None  # PostgreSQL's own tools, before: docs/recovery.md
    try:
        return backup.before_upgrade(file, revision)
    except backup.NoBackup as error:
        raise SetupError(
            f"no copy of {file} could be made, so it was left as it is ({error}); make room beside "
            "it, or let this user write there"
        ) from error


def ready_store(settings: Settings) -> SqlStore:
    """A store whose database has the tables that this version needs; each transaction raises
    TablesChanged once they are others. Raises SchemaOutdated."""
    made = store(settings)
    found, needed = schema(made)
    if found != needed:
        raise SchemaOutdated(
            f"the database {database_name(settings)} {other_tables(found, needed)}"
        )
    return running_store(made)


def running_store(made: SqlStore) -> SqlStore:
    """The same store, for a process that goes on while others may upgrade the database."""
    made.tables = Tables(REVISION)
    return made


def other_tables(found: str | None, needed: str) -> str:
    """What is said of a database whose tables are not of this version, and what fixes it."""
    if found is not None and found > needed:
        return (
            f"is newer (revision {found}) than this program, which knows {needed}: install the "
            f"version that upgraded it, or with that one say: asterisk-callback db downgrade "
            f"{needed}"
        )
    state = "has no tables yet" if found is None else f"is at revision {found}, not {needed}"
    return f"{state}; run: asterisk-callback db upgrade"


def own(settings: Settings, made: SqlStore, *, take: bool = False) -> None:
    """The database is this installation's from now on, and of no other. take: even if it was.

    Raises Occupied, after the owner was told by an alarm, and StoreUnavailable.
    """
    key = settings.web.secret_key.get_secret_value().encode()
    owner = hmac.new(key, b"owner of a database", hashlib.sha256).hexdigest()
    name = settings.company.name[:OWNER_NAME]
    with made.reading() as tx:
        # At each start of each process: nothing is written, nor waited for, that is so already.
        if tx.servers.owner() == (owner, name):
            return
    try:
        with made.writing() as tx:
            tx.servers.own(owner, name, take=take)
    except Occupied as error:
        text = f"{name} ({socket.gethostname()[:64]}) wanted this database, and was refused"
        with made.writing() as tx:
            tx.servers.note_stranger(AlarmName.SECOND_OWNER, name, text)
        raise Occupied(f"{database_name(settings)}: {error}") from error
