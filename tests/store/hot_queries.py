"""What the dispatcher, the limits and the pages ask again and again, and a past to ask it of.

tests/store/test_plans.py looks at the plans, tests/bench/past.py at the times.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from asterisk_callback.domain.attempt import Token
from asterisk_callback.domain.customer_message import ReachedBy
from asterisk_callback.domain.request import RequestId
from asterisk_callback.store import SqlStore
from asterisk_callback.store.tables.calls import attempts, audit, requests, wishes
from asterisk_callback.store.tables.telling import messages
from asterisk_callback.store.transaction import SqlTransaction
from tests.factories import NOW, SERVER, TRUNK, a_request, a_wish, number

# The open ones have the numbers before the past's.
OPEN_ROWS, SOME_ID = 40, RequestId(50)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REQUEST, WISH = a_request(id=SOME_ID), a_wish(id=50, request_id=SOME_ID)
SOME = [RequestId(50 + n) for n in range(20)]

Ask = Callable[[SqlTransaction], object]
ROUND: dict[str, Ask] = {
    "anything due": lambda tx: tx.anything_due(),
    "due": lambda tx: tx.lock_due(200),
    "expired": lambda tx: tx.lock_expired(200),
    "open by queue": lambda tx: tx.open_by_queue(),
    "in line": lambda tx: tx.in_line(["sales", "support"], 50),
    "claimable": lambda tx: tx.lock_claimable("sales", 1),
    "claimable, some last": lambda tx: tx.lock_claimable("sales", 1, last={number(1)}),
    "next instant": lambda tx: tx.next_instant(),
    "to end": lambda tx: tx.attempts_to_end(SERVER),
    "open attempts": lambda tx: tx.open_attempts(SERVER),
    "waiting for an agent": lambda tx: tx.waiting_for_agent("sales"),
    "by token": lambda tx: tx.attempt_by_token(Token(f"{55:027d}")),
    "of a request": lambda tx: tx.attempts_of(RequestId(55)),
    "trunk tail": lambda tx: tx.trunk_tail(SERVER, TRUNK.name),
    "on the line": lambda tx: tx.number_on_the_line(number(1)),
    "unknown": lambda tx: tx.unknown_since(SERVER, NOW - HOUR),
    "untold": lambda tx: (
        tx.messages_in_vain(NOW - HOUR, ReachedBy.MAILBOX),
        tx.messages_in_vain(NOW - HOUR, ReachedBy.NUMBER),
        tx.teams_not_told(NOW - HOUR),
        tx.alarms_not_told(["email"], NOW - HOUR),
    ),
    "outbox": lambda tx: (tx.next_message_at(), tx.claim_message(MINUTE)),
    "outbox of one reach": lambda tx: (
        tx.next_message_at(ReachedBy.NUMBER),
        tx.claim_message(MINUTE, ReachedBy.NUMBER),
    ),
    "orders": lambda tx: (tx.undone_orders(SERVER), tx.offers_open()),
}
LIMITS: dict[str, Ask] = {
    "calls of an hour": lambda tx: tx.calls_since(NOW - HOUR),
    "calls of a trunk": lambda tx: tx.calls_since(NOW - HOUR, trunk=TRUNK.name),
    "calls of a queue": lambda tx: tx.calls_since(NOW - HOUR, queue="sales"),
    "calls of a number": lambda tx: tx.calls_since(NOW - DAY, e164=number(57)),
    "open calls": lambda tx: (tx.calls_open(passed=True), tx.calls_open(passed=False)),
    "open calls of a queue": lambda tx: tx.calls_open(passed=True, queue="sales"),
    "requests of a number": lambda tx: tx.requests_since(NOW - 30 * DAY, e164=number(57)),
    "requests of a block": lambda tx: tx.requests_since(NOW - HOUR, block=number(57)[:-3]),
    "requests of a country": lambda tx: tx.requests_since(NOW - DAY, region="FR"),
    "wishes of an address": lambda tx: tx.wishes_from(NOW - HOUR, address="address"),
    "wishes of a network": lambda tx: tx.wishes_from(NOW - HOUR, network="192.0.2.0/24"),
    "written to": lambda tx: tx.written_to("address", NOW - DAY),
}
PAGES: dict[str, Ask] = {
    "open request": lambda tx: tx.lock_open_request("sales", number(57)),
    "ahead": lambda tx: tx.ahead_of(REQUEST),
    "wishes before": lambda tx: tx.wishes_before(WISH, "sales", NOW, own=True),
    "line": lambda tx: tx.line_length("sales"),
    "talks": lambda tx: tx.talks(SERVER, "sales", NOW - HOUR, 20),
    "booked": lambda tx: tx.booked("sales", NOW, NOW + DAY),
    "trail": lambda tx: tx.trail(RequestId(55)),
    "wishes": lambda tx: (tx.wishes_of(RequestId(55)), tx.wishes_of_all(SOME)),
    "counts": lambda tx: tx.open_counts(None, NOW),
    "page": lambda tx: (tx.open_page(None, 0, 50), tx.attempts_of_all(SOME)),
    "places": lambda tx: tx.places_in_line(None),
    "promised": lambda tx: tx.promised_between(None, NOW - HOUR, NOW),
    "mark": lambda tx: tx.board_mark(),
    "planned": lambda tx: tx.planned(["sales"], NOW, NOW + DAY),
}
GROUPS: Mapping[str, Mapping[str, Ask]] = {"round": ROUND, "limits": LIMITS, "pages": PAGES}

Rows = list[dict[str, Any]]


def add_open(store: SqlStore) -> None:
    """Some requests that wait, or are planned."""
    made: tuple[Rows, ...] = ([], [], [], [], [])
    for n in range(1, OPEN_ROWS + 1):
        _one(made, n, NOW, ("queued", "scheduled")[n % 2])
    _write(store, made)


def add_past(store: SqlStore, first: int, last: int) -> None:
    """One answered call a minute, ever longer ago: from the one numbered `first` on."""
    for start in range(first, last, 20_000):
        made: tuple[Rows, ...] = ([], [], [], [], [])
        for n in range(start, min(start + 20_000, last)):
            _call(made[3], OPEN_ROWS + 1 + n, NOW - n * MINUTE)
            _one(made, OPEN_ROWS + 1 + n, NOW - n * MINUTE, "completed")
        _write(store, made)
    if store.dialect == "postgresql":  # as its own housekeeping does
        with store.connect() as connection, connection.begin():
            connection.execute(text("ANALYZE"))


def _one(made: tuple[Rows, ...], n: int, at: Any, state: str) -> None:
    past, said, told, _, trail = made
    times = {"created_at": at, "due_at": at}
    who = {"queue": ("sales", "support")[n // 2 % 2], "e164": number(n), "region": "GB"}
    over = {"ended_at": at if state == "completed" else None, "expires_at": at + DAY}
    past.append({"id": n, "state": state, "line_at": at, **who, **over, **times})
    address = {"address": "address" if n % 2 else f"a{n}"}
    promised = {"promised_from": at, "promised_to": at + HOUR, "asap": True, "scope": "web"}
    ids = {"public_id": f"p{n}", "nonce": f"n{n}", "secret_hash": f"s{n}"}
    said.append({"id": n, "request_id": n, **ids, **promised, **address, **times})
    mail = {"wish_id": n, "kind": "confirmation", "tried_at": at, "next_at": at}
    told.append({**mail, **times, **address, "done_at": at, "outcome": "sent"})
    trail.append({"at": at, "request_id": n, "actor": "test", "event": "request"})


def _call(tried: Rows, n: int, at: Any) -> None:
    call = dict.fromkeys(("claimed_at", "agent_at", "gate_at", "answered_at"), at)
    whose = {"server": SERVER, "trunk": TRUNK.name, "owner": "d1", "epoch": 1}
    ends = {"disposition": "answered", "rung": True, "e164": number(n)}
    ids = {"id": n, "request_id": n, "token": f"{n:027d}"}
    tried.append({**ids, **call, **whose, **ends, "ended_at": at + MINUTE, "gate_by": at + HOUR})


def _write(store: SqlStore, made: tuple[Rows, ...]) -> None:
    with store.writing() as tx:
        for table, rows in zip((requests, wishes, messages, attempts, audit), made, strict=True):
            if rows:
                tx.connection.execute(table.insert(), rows)
