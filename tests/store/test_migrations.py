"""Migrations: up, down, up; one line of them; equal to the tables; harmless to repeat."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from asterisk_callback.store import SqlStore, check_version, upgrade
from asterisk_callback.store.tables import metadata
from asterisk_callback.store.upgrade import MIGRATIONS, REVISION, downgrade
from tests.store.conftest import OpenStore
from tests.store.racing import at_once


def tables(store: SqlStore) -> set[str]:
    with store.connect() as connection, connection.begin():
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def test_up_down_up(empty_url: str, open_store: OpenStore) -> None:
    store = open_store(empty_url)
    assert check_version(store) == (None, REVISION)
    for _ in range(2):
        assert upgrade(store) == REVISION
        assert tables(store) == set(metadata.tables)
        assert check_version(store) == (REVISION, REVISION)
        downgrade(store, "base")
        assert tables(store) == set()


def test_upgrading_twice_is_harmless(url: str, open_store: OpenStore) -> None:
    assert {upgrade(open_store(url)) for _ in range(3)} == {REVISION}


def test_processes_that_start_at_once_upgrade_once(empty_url: str, open_store: OpenStore) -> None:
    stores = [open_store(empty_url) for _ in range(4)]
    assert at_once(*[lambda s=store: upgrade(s) for store in stores]) == [REVISION] * 4
    assert tables(stores[0]) == set(metadata.tables)


def test_the_migrations_make_exactly_the_tables(store: SqlStore) -> None:
    with store.connect() as connection, connection.begin():
        # SQLite gives no defaults back that could be compared.
        defaults = store.dialect == "postgresql"
        context = MigrationContext.configure(connection, opts={"compare_server_default": defaults})
        assert compare_metadata(context, metadata) == []


def test_the_migrations_are_one_line() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    revisions = list(scripts.walk_revisions())
    assert scripts.get_heads() == [REVISION]
    assert all(isinstance(one.down_revision, str | None) for one in revisions)
    assert [one.revision for one in revisions if one.down_revision is None] == ["0001"]
