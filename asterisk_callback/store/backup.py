"""A consistent copy of a SQLite file, made while everything runs on it."""

import contextlib
import os
import sqlite3
import time
from datetime import timedelta
from pathlib import Path

_BEFORE = ".before-upgrade-from-"
KEPT = timedelta(days=30)


class NoBackup(Exception):
    """The copy could not be made; nothing was left of it. Says why."""


def backup(source: Path, file: Path) -> None:
    """Raises NoBackup; FileExistsError and other OSErrors if `file` can't be made."""
    # Made first, so that nobody else can read the customers' numbers at any moment.
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with contextlib.closing(sqlite3.connect(source)) as connection:
            connection.execute("VACUUM INTO ?", (str(file),))
        with file.open("rb") as written:
            os.fsync(written)
    except (sqlite3.Error, OSError) as error:
        file.unlink()
        raise NoBackup(str(error)) from error


def before_upgrade(source: Path, revision: str) -> Path:
    """The copy that is kept while `source` leaves these tables; one from before is replaced.
    Raises NoBackup.

    Another process may upgrade at the same moment: a copy of what it has done already is no way
    back, and never takes the place of one that is.
    """
    kept = source.with_name(f"{source.name}{_BEFORE}{revision}")
    made = source.with_name(f"{kept.name}.{os.getpid()}")
    made.unlink(missing_ok=True)
    try:
        backup(source, made)
        if _revision(made) == revision:
            made.replace(kept)
    except OSError as error:
        raise NoBackup(f"{kept}: {error.strerror}") from error
    finally:
        made.unlink(missing_ok=True)
    return kept


def _revision(file: Path) -> str:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def forget_old(source: Path) -> None:
    """Removes copies from before upgrades that nobody goes back behind any more: what a customer
    had erased since is still in them."""
    for file in source.parent.glob(f"{source.name}{_BEFORE}*"):
        if time.time() - file.stat().st_mtime > KEPT.total_seconds():
            file.unlink(missing_ok=True)


def forget_others(source: Path, kept: Path) -> None:
    """Removes the copies of earlier upgrades: they hold what customers had erased since."""
    for file in source.parent.glob(f"{source.name}{_BEFORE}*"):
        if file != kept:
            file.unlink()
