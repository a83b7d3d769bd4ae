"""Two versions on one database, as while hosts are upgraded one by one: the older one does nothing
more, and says so; its requests wait for the newer one."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import text

from asterisk_callback import bootstrap
from asterisk_callback.dispatcher.context import DispatcherContext, DispatcherSettings
from asterisk_callback.dispatcher.keep_lease import keep_lease
from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.domain.gate import GatePass
from asterisk_callback.store import SqlStore
from asterisk_callback.store.rolling import TablesChanged
from asterisk_callback.store.upgrade import REVISION
from asterisk_callback.telephony.link import AmiAddress
from asterisk_callback.telephony.server_settings import AsteriskServer
from tests.factories import Office, complaint

NEXT = "0999"


def run_sql(store: SqlStore, *statements: str) -> None:
    """As the other version does it."""
    with store.connect() as connection, connection.begin():
        for one in statements:
            connection.execute(text(one))


def upgraded(store: SqlStore, to: str = NEXT) -> None:
    run_sql(store, f"UPDATE alembic_version SET version_num = '{to}'")


@pytest.fixture
def running(store: SqlStore) -> SqlStore:
    return bootstrap.running_store(store)


@pytest.mark.case("CASES 6: two versions of the program on one database during an upgrade")
def test_the_older_one_does_nothing_more(running: SqlStore) -> None:
    upgraded(running)
    try:
        for kind in (running.reading, running.writing, running.writing):
            with pytest.raises(TablesChanged, match=f"{NEXT} .* knows {REVISION}"), kind():
                raise AssertionError("it was let in")
        ready = bootstrap.readiness(running)
        assert ready.reasons == ("another version has upgraded the database",)
    finally:
        upgraded(running, REVISION)
    with running.writing() as tx:  # the way back
        assert tx.servers.all() == []


def test_what_fails_because_of_the_other_s_tables_is_no_fault_of_ours(running: SqlStore) -> None:
    with running.reading() as tx:
        assert tx.servers.all() == []  # looked just now, so the next one is let in
    run_sql(running, "ALTER TABLE dispatcher RENAME COLUMN reason TO cause")
    upgraded(running)
    try:
        with pytest.raises(StoreUnavailable) as told, running.reading() as tx:
            tx.servers.all()
        # SQLite does not tell a wrong statement from a file that is away.
        assert running.dialect == "sqlite" or told.type is TablesChanged
    finally:
        upgraded(running, REVISION)
        run_sql(running, "ALTER TABLE dispatcher RENAME COLUMN cause TO reason")


def test_the_dispatcher_ends(running: SqlStore) -> None:
    async def scene() -> None:
        server = AsteriskServer(name="pbx", address=AmiAddress("127.0.0.1", 1, "nobody", "secret"))
        context = DispatcherContext(
            store=running,
            settings=DispatcherSettings(name="d", server=server, lease=timedelta(seconds=30)),
            queues={},
            switchboard=cast(Any, SimpleNamespace(ready=True, reason="")),
            trunks={},
            me=cast(Any, SimpleNamespace(name="d", epoch=1)),
        )
        await keep_lease(context)
        assert context.stopping.is_set()

    upgraded(running)
    try:
        asyncio.run(scene())
    finally:
        upgraded(running, REVISION)


def test_the_gate_says_nothing(office: Office) -> None:
    office.enrol()
    token = office.attempt().token
    store = office.store
    bootstrap.running_store(store)
    upgraded(store)
    try:
        assert isinstance(complaint(lambda: office.gate.ask(token)), TablesChanged)
    finally:
        upgraded(store, REVISION)
    assert isinstance(office.gate.ask(token), GatePass)
