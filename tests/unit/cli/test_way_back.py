"""A copy before every upgrade of a SQLite file, the way back to the version before, and a database
that is newer than the program."""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

from asterisk_callback.store import SqlStore
from asterisk_callback.store.upgrade import REVISION, downgrade
from tests.unit.cli.conftest import Run

OLD = "0017"


def failure(result: Result) -> str:
    assert result.exit_code == 1, result.output
    (line,) = result.stderr.splitlines()
    return line


def revision(file: Path) -> str:
    with closing(sqlite3.connect(file)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def set_revision(file: Path, to: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (to,))


@pytest.fixture
def old(company: Run, folder: Path) -> Path:
    """The company's database, with the tables of an older version."""
    file = folder / "callback.db"
    store = SqlStore(f"sqlite:///{file}")
    downgrade(store, OLD)
    store.close()
    assert revision(file) == OLD
    return file


def kept(file: Path) -> list[Path]:
    return sorted(file.parent.glob("callback.db.before*"))


@pytest.mark.case("CASES 6: a backup before the first migration of a SQLite file")
def test_a_sqlite_file_is_copied_before_it_is_upgraded(company: Run, old: Path) -> None:
    result = company("db", "upgrade")
    assert result.exit_code == 0, result.stderr
    (copy,) = kept(old)
    assert (revision(copy), revision(old)) == (OLD, REVISION)
    assert str(copy) in result.stdout
    assert copy.stat().st_mode & 0o077 == 0


def test_there_is_one_copy_the_last(company: Run, old: Path) -> None:
    earlier = old.with_name("callback.db.before-upgrade-from-0003")
    earlier.write_text("customers' numbers")
    for _ in range(2):  # there and back again: the copy of the same revision is replaced
        assert company("db", "upgrade").exit_code == 0
        assert [revision(one) for one in kept(old)] == [OLD]
        store = SqlStore(f"sqlite:///{old}")
        downgrade(store, OLD)
        store.close()
    assert not earlier.exists()


def test_a_copy_is_kept_for_a_month(company: Run, old: Path) -> None:
    assert company("db", "upgrade").exit_code == 0
    (copy,) = kept(old)
    for days, left in ((29, [copy]), (31, [])):
        at = time.time() - days * 86400
        os.utime(copy, (at, at))
        assert company("db", "upgrade").exit_code == 0
        assert kept(old) == left


@pytest.mark.case("CASES 6: without a backup nothing is migrated")
def test_without_a_copy_nothing_is_upgraded(company: Run, old: Path) -> None:
    old.with_name("callback.db.before-upgrade-from-" + OLD).mkdir()  # in the copy's place
    line = failure(company("db", "upgrade"))
    assert "no copy of" in line and "left as it is" in line
    assert revision(old) == OLD


def test_a_new_file_and_one_of_this_version_are_not_copied(company: Run, folder: Path) -> None:
    result = company("db", "upgrade")
    assert "was up to date already" in result.stdout
    assert not kept(folder / "callback.db")


def test_the_way_back_keeps_the_requests(company: Run, folder: Path) -> None:
    file = folder / "callback.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("INSERT INTO epoch (id, last) VALUES (1, 41)")
    result = company("db", "downgrade", OLD)
    assert result.exit_code == 0, result.stderr
    assert revision(file) == OLD and "install the older version" in result.stdout
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT last FROM epoch").fetchone() == (41,)
    assert [revision(one) for one in kept(file)] == [REVISION]


@pytest.mark.parametrize("to", ["0000", "9999", "head", "17"])
def test_no_way_back_to_what_never_was(company: Run, folder: Path, to: str) -> None:
    assert "there is no way back to revision" in failure(company("db", "downgrade", to))
    assert revision(folder / "callback.db") == REVISION


@pytest.mark.case("CASES 6: a database that is newer than the program")
@pytest.mark.parametrize("command", ["serve", "dispatcher", "web", "db upgrade", "db status"])
def test_a_database_that_is_newer(company: Run, folder: Path, command: str) -> None:
    set_revision(folder / "callback.db", "0999")
    result = company(*command.split())
    assert result.exit_code == 1
    line = result.stderr.strip()
    assert "is newer (revision 0999)" in line and f"db downgrade {REVISION}" in line
    assert "Traceback" not in line and len(line.splitlines()) == 1
    assert not kept(folder / "callback.db")
