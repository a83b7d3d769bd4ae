"""From SQLite to PostgreSQL: each row of each table arrives as it was, and new ones come after."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from asterisk_callback.domain.errors import NotPossible
from asterisk_callback.domain.progress import CustomerRings
from asterisk_callback.domain.request import RequestState
from asterisk_callback.store import SqlStore, upgrade
from asterisk_callback.store.copying import copy
from asterisk_callback.store.tables.calls import requests
from asterisk_callback.store.tables.metadata import metadata
from tests.factories import Office, sql_store, sqlite_store
from tests.lab.postgres import Postgres


def contents(store: SqlStore) -> dict[str, list[tuple[object, ...]]]:
    with store.reading() as tx:
        return {
            table.name: [
                tuple(row)
                for row in tx.connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in metadata.sorted_tables
        }


@pytest.mark.case("README: from SQLite to PostgreSQL, with requests in every state")
def test_all_that_sqlite_had_is_in_postgresql(tmp_path: Path, postgresql_server: Postgres) -> None:
    here = sqlite_store(tmp_path)
    there = sql_store(postgresql_server.create_database())
    for store in (here, there):
        upgrade(store)
    office = Office(store=here)
    for n, state in enumerate(RequestState):
        attempt = office.attempt(n, email="ann@example.org")
        office.gate.ask(attempt.token)
        office.progress.report(CustomerRings(token=attempt.token), office.me)
        with here.writing() as tx:
            mine = requests.c.id == attempt.request_id
            tx.connection.execute(update(requests).where(mine).values(state=state.value))
    with pytest.raises(NotPossible, match="still works"):
        copy(here, there)
    with here.writing() as tx:
        tx.servers.unregister("d1", office.me.epoch)
        tx.servers.own("ours", "Larkmoor")

    copied = copy(here, there)

    before = contents(here)
    assert contents(there) == before
    assert copied == {name: len(rows) for name, rows in before.items()}
    assert {row.state for row in _requests(there)} == {state.value for state in RequestState}
    with pytest.raises(NotPossible, match="has rows already"):
        copy(here, there)
    # New rows get numbers of their own.
    booked = Office(store=there).submit(500)
    assert booked.request.id > max(row.id for row in _requests(here))
    for store in (here, there):
        store.close()


def _requests(store: SqlStore) -> list[Any]:
    with store.reading() as tx:
        return list(tx.connection.execute(select(requests)))
