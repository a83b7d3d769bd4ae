"""A database that makes us wait, or is gone: an answer in time, and nothing written."""

import contextlib
import itertools
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.domain.gate import GatePass
from asterisk_callback.store import SqlStore, check_version, upgrade
from asterisk_callback.store.upgrade import REVISION
from tests.factories import PATIENT, Office, number, sqlite_store
from tests.lab.postgres import Postgres
from tests.store.conftest import OpenStore

WITHIN = 0.2


def test_asking_for_the_version_waits_for_no_writer(store: SqlStore) -> None:
    """Every stranger may ask /readyz, which asks for it."""
    with store.writing() as tx:
        tx.suppressions.add(number(0), "held")
        assert check_version(store) == (REVISION, REVISION)


def test_threads_that_write_to_sqlite_stand_in_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None of them has to be lucky: here SQLite itself would not wait at all."""
    store = sqlite_store(tmp_path)
    monkeypatch.setattr(store, "_limit", _no_wait)

    def suppress(n: int) -> None:
        with store.writing() as tx:
            tx.suppressions.add(number(n), "held")

    with contextlib.closing(store), ThreadPoolExecutor(8) as pool:
        list(pool.map(suppress, range(40)))
        with store.reading() as tx:
            assert all(tx.suppressions.has(number(n)) for n in range(40))


def _no_wait(connection: Connection, _: float | None) -> None:
    raw = connection.connection.dbapi_connection  # before BEGIN
    assert raw is not None
    raw.execute("PRAGMA busy_timeout = 0")


def test_an_error_of_the_database_holds_no_number(store: SqlStore) -> None:
    """P17: the driver's errors are logged as they come."""
    with pytest.raises(IntegrityError) as error, store.writing() as tx:
        tx.wishes.add(request_id=None, scope=number(0))
    assert number(0) not in str(error.value)


@pytest.mark.parametrize("what", ["request", "number"])
def test_the_gate_does_not_wait_for_a_held_lock(office: Office, what: str) -> None:
    attempt = office.attempt()
    before = office.attempts(attempt.request_id)
    office.gate_within = WITHIN
    with office.store.writing() as tx:
        if what == "request":
            tx.requests.lock(attempt.request_id)
        else:
            tx.lock(f"number:{number(0)}")
        started = time.monotonic()
        with pytest.raises(StoreUnavailable, match="does not answer"):
            office.gate.ask(attempt.token)
        assert time.monotonic() - started >= WITHIN * 0.9
    office.gate_within = PATIENT.lock
    assert office.attempts(attempt.request_id) == before
    assert isinstance(office.gate.ask(attempt.token), GatePass)


def test_the_limit_of_one_transaction_is_not_the_next_one_s(office: Office) -> None:
    attempt = office.attempt()
    with office.store.writing(within=WITHIN):
        pass
    with office.store.writing() as tx:
        tx.requests.lock(attempt.request_id)
        if office.store.dialect == "postgresql":
            setting = tx.connection.exec_driver_sql("SHOW statement_timeout").scalar_one()
            assert setting == "0"
        else:
            setting = tx.connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
            assert setting == PATIENT.busy * 1000


def test_many_short_waits_do_not_add_up_to_a_late_yes(url: str, open_store: OpenStore) -> None:
    instants = itertools.count(100.0, 61.0)  # a minute passes whenever it is asked
    office = Office(store=open_store(url, monotonic=lambda: next(instants)), gate_within=60)
    attempt = office.attempt()
    with pytest.raises(StoreUnavailable, match="longer than 60 s"):
        office.gate.ask(attempt.token)
    (after,) = office.attempts(attempt.request_id)
    assert after.gate_at is None


@pytest.fixture
def own_server() -> Iterator[Postgres]:
    """A server that the test may kill."""
    with Postgres() as server:
        yield server


def test_a_postgresql_that_is_killed_and_comes_back(
    own_server: Postgres, open_store: OpenStore
) -> None:
    """P1: what was accepted is there, what was not is not, and no restart of ours is needed."""
    store = open_store(own_server.url)
    upgrade(store)
    office = Office(store=store)
    accepted = office.submit(0)

    def killed_in_the_middle() -> None:
        with store.writing() as tx:
            tx.wishes.withdraw(accepted.wish.id)
            own_server.kill()

    with pytest.raises(StoreUnavailable):
        killed_in_the_middle()
    for unit in (store.writing, store.reading):
        with pytest.raises(StoreUnavailable, match="does not answer"), unit():
            pass
    with pytest.raises(StoreUnavailable):
        office.submit(1)
    own_server.start()
    with store.reading() as tx:
        assert tx.wishes.of(accepted.request.id) == [accepted.wish]
        assert [one.e164 for one in tx.requests.latest(None, 9)] == [number(0)]
    office.submit(1)


def test_an_sqlite_file_that_cannot_be_opened(open_store: OpenStore) -> None:
    store: SqlStore = open_store("sqlite:////nowhere/at/all.db")
    for unit in (store.writing, store.reading):
        with pytest.raises(StoreUnavailable, match="unable to open"), unit():
            pass
