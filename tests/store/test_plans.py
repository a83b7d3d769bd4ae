"""No query of a round, a limit or a page reads a whole table, however many rows the past has.

Asked of the databases themselves, not of a clock: PostgreSQL for the plan that it has come to after
ten executions of the prepared statement (as psycopg prepares it, which is when a bound state no
longer finds a partial index), SQLite for its only one.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event

from asterisk_callback.store.tables.metadata import metadata
from tests.factories import SetClock
from tests.store.conftest import OpenStore
from tests.store.hot_queries import LIMITS, PAGES, ROUND, add_open, add_past

pytestmark = pytest.mark.slow

ROWS = 20_000
BIG = ("callback_request", "wish", "attempt", "audit", "message", "team_link")


@pytest.mark.case("CASES 9: rounds and pages on a table with a long past")
def test_no_query_reads_a_whole_table(url: str, open_store: OpenStore, clock: SetClock) -> None:
    store = open_store(url, clock)
    add_open(store)
    add_past(store, 0, ROWS)
    bad = []
    for name, ask in {**ROUND, **LIMITS, **PAGES}.items():
        with store.writing() as tx:
            with _statements(tx.connection) as seen:
                ask(tx)
            for statement, values in seen:
                plan = _plan(tx.connection, statement, values)
                bad += [f"{name}: {line.strip()}" for line in plan if _whole(tx.connection, line)]
    assert bad == []


@contextmanager
def _statements(connection: Connection) -> Iterator[list[tuple[str, Any]]]:
    """The reads of the big tables that are sent meanwhile, with their values."""
    seen: list[tuple[str, Any]] = []

    def listen(_c: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.startswith("SELECT") and any(f" {name}" in statement for name in BIG):
            seen.append((statement, values))

    event.listen(connection, "before_cursor_execute", listen)
    try:
        yield seen
    finally:
        event.remove(connection, "before_cursor_execute", listen)


def _plan(connection: Connection, statement: str, values: Any) -> list[str]:
    raw: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite":
        return [row[-1] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    from psycopg.sql import Literal

    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", statement)))
    prepared = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", statement)
    given = ", ".join(Literal(values[name]).as_string(raw) for name in names)
    execute = "EXECUTE hot" + (f"({given})" if names else "")
    cursor = raw.cursor()
    cursor.execute(f"PREPARE hot AS {prepared.replace('%%', '%')}".encode())
    for _ in range(10):
        cursor.execute(execute.encode())
    found = [row[0] for row in cursor.execute(f"EXPLAIN {execute}".encode())]
    cursor.execute(b"DEALLOCATE hot")
    return found


def _whole(connection: Connection, line: str) -> bool:
    """Does this line of a plan go through all rows of a big table, or of an index over all?"""
    if connection.dialect.name == "postgresql":
        found = re.search(r"Seq Scan on (\w+)", line)
        return found is not None and found[1] in BIG
    found = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", line)
    return found is not None and found[1] in BIG and found[2] not in PARTIAL


PARTIAL = {
    index.name
    for table in metadata.sorted_tables
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
}
