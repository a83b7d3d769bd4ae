"""What a database's or a role's own settings say decides nothing, and a pooler neither."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from asterisk_callback.doctor import CheckStatus
from asterisk_callback.domain.errors import CallbackError
from asterisk_callback.store import SqlStore, Watch, upgrade
from tests.factories import PATIENT, Office, callback_queue, number
from tests.lab.pgbouncer import PgBouncer
from tests.lab.postgres import Postgres
from tests.lab.postgres_role import OwnedDatabase
from tests.lab.waiting import PATIENCE

ODD = (
    "default_transaction_isolation = 'serializable'",
    "DateStyle = 'German'",
    "IntervalStyle = 'iso_8601'",
    "TimeZone = 'Asia/Kathmandu'",
    "client_encoding = 'LATIN1'",
    "statement_timeout = '2s'",
    "lock_timeout = '2s'",
    "idle_in_transaction_session_timeout = '2s'",
)
NAME = "Łucja Nowak-Çelik"
SHOWN = ("transaction_isolation", "DateStyle", "TimeZone", "client_encoding", "statement_timeout")
OURS = {
    "transaction_isolation": "read committed",
    "DateStyle": "ISO, MDY",
    "TimeZone": "UTC",
    "client_encoding": "UTF8",
    "statement_timeout": "0",
}


def settings_of(store: SqlStore) -> dict[str, str]:
    with store.reading() as tx:
        shown = {}
        for name in SHOWN:
            shown[name] = tx.connection.exec_driver_sql(f"SHOW {name}").scalar_one()
        return shown


def is_used(store: SqlStore) -> None:
    """A wish is made, released, claimed and read."""
    office = Office(store=store, queues={"sales": callback_queue("sales")})
    office.submit(0, name=NAME)
    office.enrol()
    claim = office.claim()
    assert claim is not None and claim.attempt.e164 == number(0)
    with store.reading() as tx:
        (request,) = tx.requests.latest(None, 10)
        assert tx.wishes.of(request.id)[0].name == NAME
        assert abs((tx.now - request.created_at).total_seconds()) < 3600


@pytest.mark.case("CASES 6: a database's or role's own settings never decide")
@pytest.mark.parametrize("whose", ["database", "role"])
def test_they_decide_nothing(postgresql_server: Postgres, whose: str) -> None:
    database = OwnedDatabase(postgresql_server)
    name = database.name if whose == "database" else database.role
    for setting in ODD:
        database.admin(f"ALTER {whose} {name} SET {setting}")
    store = SqlStore(database.url, waits=PATIENT)
    upgrade(store)
    assert settings_of(store) == OURS
    is_used(store)
    store.close()


@pytest.mark.case("CASES 6: a database that is not UTF-8 is refused with one sentence")
@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_another_encoding_is_refused(postgresql_server: Postgres, encoding: str) -> None:
    create = f"ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0"
    store = SqlStore(OwnedDatabase(postgresql_server, create).url)
    with pytest.raises(CallbackError, match=f"encoded in {encoding}.*ENCODING 'UTF8'"):
        upgrade(store)
    store.close()


@pytest.mark.case("CASES 6: a clock an hour off against the database is said")
def test_a_clock_that_is_off(postgresql_database: str) -> None:
    from asterisk_callback.doctor import postgresql as checks  # not on top: for before.sh

    fast = SqlStore(postgresql_database, clock=lambda: datetime.now(UTC) + timedelta(hours=1))
    found = {one.check: one for one in checks.check(fast)}
    fast.close()
    assert found["database.clock"].verdict is CheckStatus.WRONG
    assert "60 min ahead of this machine's" in found["database.clock"].what


@pytest.fixture
def pooler(postgresql_server: Postgres) -> Iterator[PgBouncer]:
    made = PgBouncer(postgresql_server)
    yield made
    made.close()


@pytest.mark.thorough
@pytest.mark.case("CASES 6: pgbouncer in transaction mode works")
@pytest.mark.parametrize("direct", [True, False], ids=["direct_url", "url alone"])
def test_behind_a_pooler(postgresql_server: Postgres, pooler: PgBouncer, direct: bool) -> None:
    from asterisk_callback.doctor import postgresql as checks  # not on top: for before.sh

    straight = postgresql_server.create_database()
    own = straight if direct else None
    store = SqlStore(pooler.url(straight), direct_url=own, waits=PATIENT)
    upgrade(store)
    assert settings_of(store) == OURS
    assert store.leads_straight() is direct
    found = {one.check: one.verdict for one in checks.check(store)}
    assert found["database.pooler"] is (CheckStatus.OK if direct else CheckStatus.WARNING)
    woken = threading.Semaphore(0)
    watch = Watch(store, woken.release)
    watch.start()
    try:
        assert woken.acquire(timeout=PATIENCE)  # it watches
        is_used(store)
        assert woken.acquire(timeout=PATIENCE)
    finally:
        watch.stop()
    many_at_once(store)
    store.close()


def many_at_once(store: SqlStore) -> None:
    """More than a statement's first executions, on connections that change hands."""
    query = text("SELECT count(*) FROM wish WHERE name = :name")

    def ask(_: int) -> int:
        with store.writing() as tx:
            waits = tx.connection.exec_driver_sql("SHOW lock_timeout").scalar_one()
            assert waits == f"{PATIENT.lock // 60}min"
            return int(tx.connection.execute(query, {"name": NAME}).scalar_one())

    async def all_of_them() -> list[int]:
        return await asyncio.gather(*(asyncio.to_thread(ask, one) for one in range(60)))

    assert set(asyncio.run(all_of_them())) == {1}
