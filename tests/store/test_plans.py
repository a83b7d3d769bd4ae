"""No query of a round, a limit or a page reads a whole table, however many rows the past has.

Asked of the databases themselves, not of a clock: PostgreSQL for the plan that it has come to after
ten executions of the prepared statement (as psycopg prepares it, which is when a bound state no
longer finds a partial index), SQLite for its only one.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from asterisk_callback.domain.attempt import Token
from asterisk_callback.domain.request import RequestId
from asterisk_callback.store import SqlStore
from asterisk_callback.store.tables import attempts, audit, messages, metadata, requests, wishes
from asterisk_callback.store.transaction import SqlTransaction
from tests.factories import NOW, SERVER, TRUNK, SetClock, a_request, a_wish, number
from tests.store.conftest import OpenStore

pytestmark = pytest.mark.slow

ROWS, OPEN_ROWS = 20_000, 40
BIG = ("callback_request", "wish", "attempt", "audit", "message")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REQUEST, WISH = a_request(id=RequestId(ROWS)), a_wish(id=ROWS, request_id=RequestId(ROWS))
SOME = [RequestId(ROWS - n) for n in range(20)]

Ask = Callable[[SqlTransaction], object]
ROUND: dict[str, Ask] = {
    "anything due": lambda tx: tx.anything_due(),
    "due": lambda tx: tx.lock_due(200),
    "expired": lambda tx: tx.lock_expired(200),
    "in line": lambda tx: tx.in_line(["sales", "support"], 50),
    "claimable": lambda tx: tx.lock_claimable("sales", 1),
    "claimable, some last": lambda tx: tx.lock_claimable("sales", 1, last={number(1)}),
    "next instant": lambda tx: tx.next_instant(),
    "to end": lambda tx: tx.attempts_to_end(SERVER),
    "open attempts": lambda tx: tx.open_attempts(SERVER),
    "waiting for an agent": lambda tx: tx.waiting_for_agent("sales"),
    "by token": lambda tx: tx.attempt_by_token(Token(f"{5:027d}")),
    "of a request": lambda tx: tx.attempts_of(RequestId(5)),
    "trunk tail": lambda tx: tx.trunk_tail(SERVER, TRUNK.name),
    "on the line": lambda tx: tx.number_on_the_line(number(1)),
    "unknown": lambda tx: tx.unknown_since(SERVER, NOW - HOUR),
    "outbox": lambda tx: (tx.next_message_at(), tx.claim_message(MINUTE)),
    "orders": lambda tx: (tx.undone_orders(SERVER), tx.offers_open()),
}
LIMITS: dict[str, Ask] = {
    "calls of an hour": lambda tx: tx.calls_since(NOW - HOUR),
    "calls of a trunk": lambda tx: tx.calls_since(NOW - HOUR, trunk=TRUNK.name),
    "calls of a queue": lambda tx: tx.calls_since(NOW - HOUR, queue="sales"),
    "calls of a number": lambda tx: tx.calls_since(NOW - DAY, e164=number(7)),
    "open calls": lambda tx: (tx.calls_open(passed=True), tx.calls_open(passed=False)),
    "open calls of a queue": lambda tx: tx.calls_open(passed=True, queue="sales"),
    "requests of a number": lambda tx: tx.requests_since(NOW - 30 * DAY, e164=number(7)),
    "requests of a block": lambda tx: tx.requests_since(NOW - HOUR, block=number(7)[:-3]),
    "requests of a country": lambda tx: tx.requests_since(NOW - DAY, region="FR"),
    "wishes of an address": lambda tx: tx.wishes_from("address", NOW - HOUR),
    "written to": lambda tx: tx.written_to("address", NOW - DAY),
}
PAGES: dict[str, Ask] = {
    "open request": lambda tx: tx.lock_open_request("sales", number(7)),
    "ahead": lambda tx: tx.ahead_of(REQUEST),
    "wishes before": lambda tx: tx.wishes_before(WISH, "sales", NOW, own=True),
    "line": lambda tx: tx.line_length("sales"),
    "talks": lambda tx: tx.talks(SERVER, "sales", NOW - HOUR, 20),
    "booked": lambda tx: tx.booked("sales", NOW, NOW + DAY),
    "trail": lambda tx: tx.trail(RequestId(5)),
    "wishes": lambda tx: (tx.wishes_of(RequestId(5)), tx.wishes_of_all(SOME)),
    "counts": lambda tx: tx.open_counts(None, NOW),
    "page": lambda tx: (tx.open_page(None, 0, 50), tx.attempts_of_all(SOME)),
    "places": lambda tx: tx.places_in_line(None),
    "promised": lambda tx: tx.promised_between(None, NOW - HOUR, NOW),
    "mark": lambda tx: tx.board_mark(),
    "planned": lambda tx: tx.planned(["sales"], NOW, NOW + DAY),
}


@pytest.mark.case("CASES 9: rounds and pages on a table with a long past")
def test_no_query_reads_a_whole_table(url: str, open_store: OpenStore, clock: SetClock) -> None:
    store = open_store(url, clock)
    _fill(store)
    bad = []
    for name, ask in {**ROUND, **LIMITS, **PAGES}.items():
        with store.writing() as tx:
            with _statements(tx.connection) as seen:
                ask(tx)
            for statement, values in seen:
                plan = _plan(tx.connection, statement, values)
                bad += [f"{name}: {line.strip()}" for line in plan if _whole(tx.connection, line)]
    assert bad == []


def _fill(store: SqlStore) -> None:
    """A long past, of which few are open: each minute one call that was answered."""
    past, said, tried, trail, told = [], [], [], [], []
    for n in range(1, ROWS + OPEN_ROWS + 1):
        ended = n <= ROWS
        at = NOW - (ROWS - n) * MINUTE if ended else NOW
        times = {"created_at": at, "due_at": at, "line_at": at, "expires_at": at + DAY}
        state = "completed" if ended else ("queued", "scheduled")[n % 2]
        queue = ("sales", "support")[n // 2 % 2]
        who = {"queue": queue, "e164": number(n), "region": "GB"}
        past.append({"id": n, "state": state, "ended_at": at if ended else None, **who, **times})
        promised = {"promised_from": at, "promised_to": at + HOUR, "asap": True, "scope": "web"}
        ids = {"public_id": f"p{n}", "nonce": f"n{n}", "secret_hash": f"s{n}"}
        address = {"address": "address" if n % 2 else f"a{n}"}
        made = {"created_at": at, "due_at": at}
        said.append({"id": n, "request_id": n, **ids, **promised, **address, **made})
        trail.append({"at": at, "request_id": n, "actor": "test", "event": "request"})
        mail = {"wish_id": n, "kind": "confirmation", "tried_at": at, "next_at": at}
        told.append({**mail, **made, **address, "done_at": at, "outcome": "sent"})
        if ended:
            call = dict.fromkeys(("claimed_at", "agent_at", "gate_at", "answered_at"), at)
            whose = {"server": SERVER, "trunk": TRUNK.name, "owner": "d1", "epoch": 1}
            call |= {"ended_at": at + MINUTE, "gate_by": at + HOUR, **whose}
            ends = {"disposition": "answered", "rung": True, "e164": number(n)}
            tried.append({"id": n, "request_id": n, "token": f"{n:027d}", **call, **ends})
    with store.writing() as tx:
        all_of_them = (past, said, tried, trail, told)
        for table, rows in zip(
            (requests, wishes, attempts, audit, messages), all_of_them, strict=True
        ):
            tx.connection.execute(table.insert(), rows)
    if store.dialect == "postgresql":  # as its own housekeeping does
        with store.connect() as connection, connection.begin():
            connection.execute(text("ANALYZE"))


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
