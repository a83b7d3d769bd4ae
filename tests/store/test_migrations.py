"""Migrations: up, down, up; one line of them; equal to the tables; harmless to repeat."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from asterisk_callback.domain.request import RequestId
from asterisk_callback.store import SqlStore, check_version, upgrade
from asterisk_callback.store.tables.metadata import metadata
from asterisk_callback.store.upgrade import REVISION, downgrade
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


def test_wishes_learn_what_was_said_and_which_call_they_came_after(
    empty_url: str, open_store: OpenStore
) -> None:
    """0010, with a talk going on: the second joined before it, the third within."""
    store = open_store(empty_url)
    upgrade(store, "0009")
    with store.connect() as connection, connection.begin():
        for statement in _A_TALK:
            connection.exec_driver_sql(statement)
    upgrade(store)
    with store.reading() as tx:
        wishes = tx.wishes.of(RequestId(1))
    assert [(one.name, one.about) for one in wishes] == [("", ""), ("Ann", "Red"), ("", "")]
    assert [one.after_attempt for one in wishes] == [None, None, 7]


def test_wishes_from_before_there_were_pages(empty_url: str, open_store: OpenStore) -> None:
    """0016, and back."""
    store = open_store(empty_url)
    upgrade(store, "0009")
    with store.connect() as connection, connection.begin():
        for statement in _A_TALK:
            connection.exec_driver_sql(statement)
    upgrade(store)
    with store.writing() as tx:
        first, *others = tx.wishes.of(RequestId(1))
        tx.wishes.change(first, first.evolve(page="https://shop.example/moving"))
    with store.reading() as tx:
        pages = [one.page for one in tx.wishes.of(RequestId(1))]
    assert pages == ["https://shop.example/moving", "", ""] and len(others) == 2
    downgrade(store, "0015")
    upgrade(store)
    with store.reading() as tx:
        assert [one.page for one in tx.wishes.of(RequestId(1))] == ["", "", ""]


_AT = [f"2026-11-23 10:00:{second:02}.000000" for second in range(60)]
_REQUEST = "id, queue, e164, region, state, created_at, due_at, line_at, expires_at, name, about"
_WISH = "id, request_id, public_id, nonce, secret_hash, asap, scope, created_at, due_at, joined_at"
_ATTEMPT = "id, request_id, token, server, trunk, owner, epoch, e164, claimed_at, gate_by"
_A_TALK = (
    f"INSERT INTO callback_request ({_REQUEST}) VALUES (1, 'sales', '+1', 'GB', 'in_progress', "
    f"'{_AT[1]}', '{_AT[1]}', '{_AT[1]}', '{_AT[59]}', 'Ann', 'Red')",
    # The first is an older one, that came over from another number.
    f"INSERT INTO wish ({_WISH}) VALUES "
    f"(1, 1, 'a', 'a', 'a', false, 'web', '{_AT[0]}', '{_AT[0]}', '{_AT[3]}'), "
    f"(2, 1, 'b', 'b', 'b', false, 'web', '{_AT[1]}', '{_AT[1]}', NULL), "
    f"(3, 1, 'c', 'c', 'c', false, 'web', '{_AT[9]}', '{_AT[9]}', NULL)",
    f"INSERT INTO attempt ({_ATTEMPT}, answered_at) "
    f"VALUES (7, 1, 't', 's', 't', 'o', 1, '+1', '{_AT[4]}', '{_AT[59]}', '{_AT[6]}')",
)
