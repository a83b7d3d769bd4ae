"""When the customer’s phone rang, and whether the promise was kept: board, report and console say
the same of the same day. The rule: domain/promise.py."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from asterisk_callback.domain.account import Grant, Role
from asterisk_callback.services.board.board import BoardService
from asterisk_callback.services.console.reading import today
from asterisk_callback.services.reports import Reports
from asterisk_callback.store import SqlStore
from tests.factories import NOW, callback_queue
from tests.past_days import Book, attempt, wish

QUEUES = {"sales": callback_queue()}
DAY = (NOW - timedelta(hours=10), NOW + timedelta(hours=14))
ANNA = "PJSIP/anna"


def at(minute: int, second: int = 0) -> datetime:
    """From an hour before now."""
    return NOW + timedelta(hours=-1, minutes=minute, seconds=second)


def said_of(store: SqlStore) -> dict[str, Any]:
    """Who says how many promises were kept, of how many that were due; and by how much not."""
    board = BoardService(store=store, queues=QUEUES).board(None, DAY).day
    report = Reports(store=store, zone="UTC").report(NOW.date(), NOW.date()).total
    rows = [row for one in Reports(store=store, zone="UTC").requests(NOW.date(), NOW.date())
            for row in one.wishes]  # fmt: skip
    with store.writing() as tx:
        anna = tx.accounts.add_user(login="anna", name="Anna", member=ANNA)
        tx.accounts.add_grant(anna.id, Grant(Role.AGENT, "sales"))
    with store.reading() as tx:
        console = today(tx, QUEUES, anna)
    return {
        "board": (board.kept, board.due),
        "most late": board.most_late,
        "report": (report.kept, report.due),
        "off": [*report.offsets],
        "rang": [row.rang_at for row in rows],
        "console": (console.kept, console.promised),
    }


def test_who_waited_on_hold_was_rung_before(still_store: SqlStore) -> None:
    """In customer-first, on a line that gives no ringing: picked up in time, the agent came after
    it."""
    times = {"gate_at": at(0), "picked_up_at": at(0, 8), "answered_at": at(2), "ended_at": at(4)}
    tried = attempt(ANNA, "answered", at(0) - timedelta(seconds=30), mode="customer_first",
                    rung=True, **times)  # fmt: skip
    Book(still_store).put(
        1, "sales", "completed", [wish(at(-20), at(-10), at(0))], [tried], ended_at=at(4), rings=1
    )
    assert said_of(still_store) == {
        "board": (1, 1), "most late": 0, "report": (1, 1), "off": [0], "rang": [at(0, 8)],
        "console": (1, 1),
    }  # fmt: skip


def test_a_ring_in_vain_keeps_the_promise_for_all(still_store: SqlStore) -> None:
    """The talk came after the promised time; the console asks for the first ring, too."""
    first = attempt(
        "PJSIP/ben", "no_answer", at(1), gate_at=at(2), ringing_at=at(2), ended_at=at(3)
    )
    talk = attempt(
        ANNA, "answered", at(19), gate_at=at(20), ringing_at=at(20), answered_at=at(20, 5),
        ended_at=at(22),
    )  # fmt: skip
    Book(still_store).put(
        1, "sales", "completed", [wish(at(-20), at(0), at(5))], [first, talk], ended_at=at(22)
    )
    assert said_of(still_store) == {
        "board": (1, 1), "most late": 0, "report": (1, 1), "off": [0], "rang": [at(2)],
        "console": (1, 1),
    }  # fmt: skip


def test_a_ring_after_it_was_taken_back_is_another_wish_s(still_store: SqlStore) -> None:
    """The second wish's ring and talk; the first counts nowhere. Also where the agent had been
    sent off before the first was withdrawn."""
    gone = wish(at(-20), at(0), at(5), withdrawn_at=at(0))
    stands = wish(at(-10), at(0), at(5))
    talk = attempt(
        ANNA, "answered", at(-1), gate_at=at(3), ringing_at=at(3), answered_at=at(3, 5),
        ended_at=at(4),
    )  # fmt: skip
    Book(still_store).put(1, "sales", "completed", [gone, stands], [talk], ended_at=at(4))
    found = BoardService(store=still_store, queues=QUEUES).board(None, DAY).day
    assert (found.reached, found.ended) == (1, 1)
    assert said_of(still_store) == {
        "board": (1, 1), "most late": 0, "report": (1, 1), "off": [0], "rang": [None, at(3)],
        "console": (1, 1),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rang", "kept", "off"), [(at(31, 10), 0, 1), (at(31, 40), 0, 1), (at(30, 59), 1, 0)]
)
def test_seconds_of_a_promise_count_nowhere(
    still_store: SqlStore, rang: datetime, kept: int, off: int
) -> None:
    """Promises from before windows were cut: until 10:30:30, which clocks show as 10:30."""
    talk = attempt(
        ANNA, "answered", at(16), gate_at=rang, ringing_at=rang, answered_at=rang,
        ended_at=rang + timedelta(minutes=1),
    )  # fmt: skip
    asked = wish(at(0), at(15, 30), at(30, 30))
    Book(still_store).put(1, "sales", "completed", [asked], [talk], ended_at=rang)
    assert said_of(still_store) == {
        "board": (kept, 1), "most late": off, "report": (kept, 1), "off": [off], "rang": [rang],
        "console": (kept, 1),
    }  # fmt: skip


def test_the_first_seconds_of_the_promised_minute_are_its_first_part(
    still_store: SqlStore,
) -> None:
    rang = at(15, 10)
    talk = attempt(ANNA, "answered", at(14), gate_at=rang, answered_at=rang, ended_at=at(20))
    asked = wish(at(0), at(15, 30), at(30, 30))
    Book(still_store).put(1, "sales", "completed", [asked], [talk], ended_at=at(20))
    found = Reports(store=still_store, zone="UTC").report(NOW.date(), NOW.date()).total
    assert ([*found.offsets], found.parts) == ([0], [1, 0, 0, 0, 0])


def test_a_new_promise_is_kept_by_a_ring_after_it(still_store: SqlStore) -> None:
    """Rung in vain in time, then moved by the customer: nobody came by the new time."""
    miss = attempt(ANNA, "no_answer", at(1), gate_at=at(2), ringing_at=at(2), ended_at=at(3))
    moved = wish(at(-20), at(30), at(45), moved_at=at(5), moves=1)
    Book(still_store).put(1, "sales", "queued", [moved], [miss])
    found = BoardService(store=still_store, queues=QUEUES).board(None, DAY)
    assert (found.late, found.rows[0].minutes_late) == (1, 15)
    said = said_of(still_store)
    assert (said["board"], said["report"], said["rang"]) == ((0, 1), (0, 1), [None])
