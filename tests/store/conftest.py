"""One suite, both databases: `store` is parametrised, each test has a database of its own.

PostgreSQL: one throw-away server per worker, each test's database a copy of a migrated template.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from asterisk_callback.services.ports import Clock
from asterisk_callback.store import SqlStore, upgrade
from tests.factories import Office, SetClock, callback_queue, sqlite_store
from tests.lab.postgres import Postgres

BOTH = ["sqlite", "postgresql"]
OpenStore = Callable[..., SqlStore]


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Postgres]:
    with Postgres(max_connections=300) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: Postgres) -> str:
    """The name of a migrated, empty database that nobody is connected to."""
    url = postgresql_server.create_database()
    store = SqlStore(url)
    upgrade(store)
    store.close()
    name = make_url(url).database
    assert name is not None
    return name


@pytest.fixture(params=BOTH)
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A migrated, empty database."""
    if dialect == "sqlite":
        store = sqlite_store(tmp_path)
        store.close()
        return store.url.render_as_string()
    server: Postgres = request.getfixturevalue("postgresql_server")
    return server.create_database(request.getfixturevalue("postgresql_template"))


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
    stores: list[SqlStore] = []

    def make(url: str, clock: Clock | None = None) -> SqlStore:
        stores.append(SqlStore(url, clock=clock))
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
