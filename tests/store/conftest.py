"""One suite, both databases: `store` is parametrised, and each test starts with empty tables.
What a transaction answers is asked of the simulation's store in memory, too (ALL).

PostgreSQL: one throw-away server and one migrated database per worker, emptied before each test
(a database per test costs 7 MB each, and half a minute on a busy disk).
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from asterisk_callback.store import SqlStore, upgrade
from asterisk_callback.store.engine import Clock
from asterisk_callback.store.tables.metadata import metadata
from tests.factories import Office, SetClock, callback_queue, sql_store, sqlite_store
from tests.lab.postgres import Postgres
from tests.memory_store import MemoryStore
from tests.store.preview_office import PreviewOffice

BOTH = ["sqlite", "postgresql"]
ALL = [*BOTH, "memory"]
OpenStore = Callable[..., SqlStore]


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Postgres]:
    with Postgres(max_connections=300) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_database(postgresql_server: Postgres) -> str:
    """The URL of this worker's migrated database."""
    url = postgresql_server.create_database()
    store = sql_store(url)
    upgrade(store)
    store.close()
    return url


def emptied(url: str) -> str:
    tables = ", ".join(table.name for table in metadata.sorted_tables)
    store = sql_store(url)
    with store.connect() as connection, connection.begin():
        connection.exec_driver_sql(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
    store.close()
    return url


@pytest.fixture(params=BOTH)
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A migrated, empty database."""
    if dialect == "memory":
        return "memory"
    if dialect == "sqlite":
        store = sqlite_store(tmp_path)
        store.close()
        return store.url.render_as_string()
    return emptied(request.getfixturevalue("postgresql_database"))


@pytest.fixture
def empty_url(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A database without tables."""
    if dialect == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    server: Postgres = request.getfixturevalue("postgresql_server")
    return server.create_database()


@pytest.fixture
def open_store() -> Iterator[OpenStore]:
    """Opens stores, as so many processes would; closes them after the test."""
    stores: list[Any] = []

    def make(url: str, clock: Clock | None = None, **settings: Any) -> Any:
        """In memory each store is a database of its own: there is one process only."""
        memory = url == "memory"
        stores.append(MemoryStore(clock=clock) if memory else sql_store(url, clock, **settings))
        return stores[-1]

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def store(url: str, open_store: OpenStore) -> SqlStore:
    """On the database's own clock."""
    return open_store(url)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def office(store: SqlStore) -> Office:
    """On the database's own clock: for tests with threads."""
    queues = {name: callback_queue(name) for name in ("sales", "support")}
    return Office(store=store, queues=queues)


@pytest.fixture
def still_office(url: str, open_store: OpenStore, clock: SetClock) -> Office:
    """On a clock that only the test moves."""
    queues = {name: callback_queue(name) for name in ("sales", "support")}
    return Office(store=open_store(url, clock), queues=queues)


@pytest.fixture
def still_store(url: str, open_store: OpenStore, clock: SetClock) -> SqlStore:
    """On a clock that only the test moves."""
    return open_store(url, clock)


@pytest.fixture
def preview(still_store: SqlStore) -> PreviewOffice:
    """Agents at their consoles."""
    return PreviewOffice.of(still_store)
