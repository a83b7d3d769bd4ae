"""Migrations: up, down, up; one line of them; equal to the tables; harmless to repeat."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from asterisk_callback.domain.request import RequestId
from asterisk_callback.domain.wish import WithdrawnBy
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


def test_who_was_told_and_who_withdrew_were_remarks(empty_url: str, open_store: OpenStore) -> None:
    """0025: told twice, given up, not told yet; and a wish that its customer took back before the
    company cancelled the other one."""
    store = open_store(empty_url)
    upgrade(store, "0024")
    with store.connect() as connection, connection.begin():
        for statement in _REMARKS:
            connection.exec_driver_sql(statement)
    upgrade(store)
    with store.reading() as tx:
        links = {n: tx.team_links.get(RequestId(n)) for n in (1, 2, 3)}
        wishes = tx.wishes.of(RequestId(1))
    seconds = [
        tuple(at.second if at else None for at in (link.told_at, link.untold_at))
        for link in links.values()
        if link is not None
    ]
    assert seconds == [(9, None), (None, 5), (None, None)]
    assert [one.withdrawn_by for one in wishes] == [WithdrawnBy.CUSTOMER, WithdrawnBy.COMPANY, None]
    downgrade(store, "0024")
    assert upgrade(store) == REVISION


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
_ROW = f"'sales', '+1', 'GB', 'cancelled', '{_AT[1]}', '{_AT[1]}', '{_AT[1]}', '{_AT[59]}', '', ''"
_LINK = "INSERT INTO team_link (request_id, nonce, secret_hash, due_at, number) VALUES"
_TRAIL = "INSERT INTO audit (request_id, at, actor, event, reason) VALUES"
_REMARKS = (
    f"INSERT INTO callback_request ({_REQUEST}, note) VALUES (1, {_ROW}, 'the team was told'), "
    f"(2, {_ROW}, 'the team could not be told'), (3, {_ROW}, '')",
    f"{_LINK} (1, 'a', 'a', '{_AT[1]}', 2), (2, 'b', 'b', '{_AT[1]}', 1), "
    f"(3, 'c', 'c', '{_AT[1]}', 1)",
    f"{_TRAIL} (1, '{_AT[4]}', 'postman', 'request', 'told by email: asked'), "
    f"(1, '{_AT[9]}', 'postman', 'request', 'told by email: changed'), "
    f"(2, '{_AT[5]}', 'postman', 'request', 'not told by email: it is away'), "
    f"(2, '{_AT[7]}', 'postman', 'request', 'never told by email: refused'), "
    f"(1, '{_AT[8]}', 'helen', 'called_off', 'by the company')",
    f"INSERT INTO wish ({_WISH}, withdrawn_at) VALUES "
    f"(1, 1, 'a', 'a', 'a', false, 'web', '{_AT[1]}', '{_AT[1]}', NULL, '{_AT[3]}'), "
    f"(2, 1, 'b', 'b', 'b', false, 'web', '{_AT[1]}', '{_AT[1]}', NULL, '{_AT[8]}'), "
    f"(3, 1, 'c', 'c', 'c', false, 'web', '{_AT[1]}', '{_AT[1]}', NULL, NULL)",
)
