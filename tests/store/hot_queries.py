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
from asterisk_callback.store.tables.telling import messages, team_links
from asterisk_callback.store.transaction import SqlTransaction
from tests.factories import NOW, SERVER, TRUNK, a_request, a_wish, number

# The open ones have the numbers before the past's.
OPEN_ROWS, SOME_ID = 40, RequestId(50)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REQUEST, WISH = a_request(id=SOME_ID), a_wish(id=50, request_id=SOME_ID)
SOME = [RequestId(50 + n) for n in range(20)]

Ask = Callable[[SqlTransaction], object]


def _report_of_a_day(tx: SqlTransaction) -> None:
    """As services/reports.py reads it."""
    tx.prefer_indexes()
    span = (NOW - 2 * DAY, NOW - DAY)
    for lines in (tx.reports.wish_lines, tx.reports.attempt_lines, tx.reports.end_lines):
        list(lines(None, *span))
    tx.reports.requests(tx.reports.request_ids(None, *span)[:1000])


ROUND: dict[str, Ask] = {
    "work at hand": lambda tx: tx.work.at_hand(SERVER, ["sales", "support"], 50),
    "due": lambda tx: tx.requests.lock_due(200),
    "expired": lambda tx: tx.requests.lock_expired(200),
    "open by queue": lambda tx: tx.requests.open_by_queue(),
    "claimable": lambda tx: tx.requests.lock_claimable("sales", 1),
    "claimable, some last": lambda tx: tx.requests.lock_claimable("sales", 1, last={number(1)}),
    "to end": lambda tx: tx.attempts.to_hang_up(SERVER),
    "open attempts": lambda tx: tx.attempts.open_on(SERVER),
    "waiting for an agent": lambda tx: tx.line.waiting_for_agent("sales"),
    "by token": lambda tx: tx.attempts.by_token(Token(f"{55:027d}")),
    "of a request": lambda tx: tx.attempts.of(RequestId(55)),
    "trunk tail": lambda tx: tx.limits.trunk_history(SERVER, TRUNK.name),
    "on the line": lambda tx: tx.limits.busy([number(1)]),
    "unknown": lambda tx: tx.attempts.unknown_since(SERVER, NOW - HOUR),
    "untold": lambda tx: (
        tx.messages.undelivered(NOW - HOUR, ReachedBy.MAILBOX),
        tx.messages.undelivered(NOW - HOUR, ReachedBy.NUMBER),
        tx.team_notes.not_told(NOW - HOUR),
        tx.alarm_notices.channels_not_told(["email"], NOW - HOUR),
    ),
    "outbox": lambda tx: (tx.messages.next_at(), tx.messages.claim(MINUTE)),
    "outbox of one reach": lambda tx: (
        tx.messages.next_at(ReachedBy.NUMBER),
        tx.messages.claim(MINUTE, ReachedBy.NUMBER),
    ),
}
LIMITS: dict[str, Ask] = {
    "calls of an hour": lambda tx: tx.limits.calls_since(NOW - HOUR),
    "calls of a trunk": lambda tx: tx.limits.calls_since(NOW - HOUR, trunk=TRUNK.name),
    "calls of a queue": lambda tx: tx.limits.calls_since(NOW - HOUR, queue="sales"),
    "calls of a number": lambda tx: tx.limits.calls_of([number(57), number(58)], NOW - DAY),
    "open calls": lambda tx: (
        tx.limits.calls_open(passed=True),
        tx.limits.calls_open(passed=False),
    ),
    "open calls of a queue": lambda tx: tx.limits.calls_open(passed=True, queue="sales"),
    "requests of a number": lambda tx: tx.limits.requests_since(NOW - 30 * DAY, e164=number(57)),
    "requests of a block": lambda tx: tx.limits.requests_since(NOW - HOUR, block=number(57)[:-3]),
    "requests of a country": lambda tx: tx.limits.requests_since(NOW - DAY, region="FR"),
    "wishes of an address": lambda tx: tx.limits.wishes_from_client(NOW - HOUR, address="address"),
    "wishes of a network": lambda tx: tx.limits.wishes_from_client(
        NOW - HOUR, network="192.0.2.0/24"
    ),
    "written to": lambda tx: tx.messages.sent_to("address", NOW - DAY),
}
PAGES: dict[str, Ask] = {
    "open request": lambda tx: tx.requests.lock_open_for("sales", number(57)),
    "ahead": lambda tx: tx.line.ahead_of(REQUEST),
    "wishes before": lambda tx: tx.line.wishes_before(WISH, "sales", NOW, own=True),
    "line": lambda tx: tx.line.length("sales"),
    "talks": lambda tx: tx.line.recent_talks(SERVER, "sales", NOW - HOUR, 20),
    "booked": lambda tx: tx.wishes.booked_times("sales", NOW, NOW + DAY),
    "trail": lambda tx: tx.trail.of(RequestId(55)),
    "wishes": lambda tx: (tx.wishes.of(RequestId(55)), tx.board.wishes_of_all(SOME)),
    "counts": lambda tx: tx.board.open_counts(None, NOW),
    "page": lambda tx: (tx.board.open_page(None, 0, 50), tx.board.attempts_of_all(SOME)),
    "places": lambda tx: tx.board.places_in_line(None),
    "promised": lambda tx: tx.board.promised_between(None, NOW - HOUR, NOW),
    "mark": lambda tx: tx.board.version(),
    "team": lambda tx: tx.team_links.untold(["sales"], 100),
    "teams of a page": lambda tx: tx.team_links.of_all(SOME),
    "day": lambda tx: tx.board.promised_between(None, NOW - DAY, NOW),
    "report of a day": _report_of_a_day,
    "planned": lambda tx: tx.requests.planned(["sales"], NOW, NOW + DAY),
}
GROUPS: Mapping[str, Mapping[str, Ask]] = {"round": ROUND, "limits": LIMITS, "pages": PAGES}

Rows = list[dict[str, Any]]
_TABLES = (requests, wishes, messages, attempts, audit, team_links)


def add_open(store: SqlStore) -> None:
    """Some requests that wait, or are planned."""
    made: tuple[Rows, ...] = tuple([] for _ in _TABLES)
    for n in range(1, OPEN_ROWS + 1):
        _one(made, n, NOW, ("queued", "scheduled")[n % 2])
    _write(store, made)


def add_past(store: SqlStore, first: int, last: int) -> None:
    """One answered call a minute, ever longer ago: from the one numbered `first` on."""
    for start in range(first, last, 20_000):
        made: tuple[Rows, ...] = tuple([] for _ in _TABLES)
        for n in range(start, min(start + 20_000, last)):
            _call(made[3], OPEN_ROWS + 1 + n, NOW - n * MINUTE)
            _one(made, OPEN_ROWS + 1 + n, NOW - n * MINUTE, "completed")
        _write(store, made)
    if store.dialect == "postgresql":  # as its own housekeeping does
        with store.connect() as connection, connection.begin():
            connection.execute(text("ANALYZE"))


def _one(made: tuple[Rows, ...], n: int, at: Any, state: str) -> None:
    past, said, told, _, trail, links = made
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
    closed = {"closed_at": over["ended_at"], "due_at": at, "number": 1}
    links.append({"request_id": n, "nonce": f"n{n}", "secret_hash": f"s{n}", **closed})
    trail.append({"at": at, "request_id": n, "actor": "test", "event": "request"})


def _call(tried: Rows, n: int, at: Any) -> None:
    call = dict.fromkeys(("claimed_at", "agent_at", "gate_at", "answered_at"), at)
    whose = {"server": SERVER, "trunk": TRUNK.name, "owner": "d1", "epoch": 1}
    ends = {"disposition": "answered", "rung": True, "e164": number(n)}
    ids = {"id": n, "request_id": n, "token": f"{n:027d}"}
    tried.append({**ids, **call, **whose, **ends, "ended_at": at + MINUTE, "gate_by": at + HOUR})


def _write(store: SqlStore, made: tuple[Rows, ...]) -> None:
    with store.writing() as tx:
        for table, rows in zip(_TABLES, made, strict=True):
            if rows:
                tx.connection.execute(table.insert(), rows)
