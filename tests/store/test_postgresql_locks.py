"""What only PostgreSQL has: row locks that are skipped, and a wake-up at each commit."""

import psycopg
import pytest

from asterisk_callback.domain.gate import GatePass
from asterisk_callback.services.calling.guard import lock_of
from asterisk_callback.store.repository import WAKE_CHANNEL
from tests.factories import Office


@pytest.fixture
def dialect() -> str:
    return "postgresql"


def test_a_row_that_another_dispatcher_holds_is_skipped(office: Office) -> None:
    first, second = office.submit(0).request, office.submit(1).request
    with office.store.writing() as one, office.store.writing(within=60) as other:
        assert [r.id for r in one.requests.lock_claimable("sales", 1)] == [first.id]
        assert [r.id for r in other.requests.lock_claimable("sales", 1)] == [second.id]
    with office.store.writing() as one, office.store.writing(within=60) as other:
        one.requests.lock(second.id)
        assert [r.id for r in other.requests.lock_claimable("sales", 9)] == [first.id]


def test_each_change_wakes_the_listeners(office: Office, url: str) -> None:
    listening = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    with listening:
        listening.execute(f"LISTEN {WAKE_CHANNEL}")
        office.submit()
        assert [one.channel for one in listening.notifies(timeout=60, stop_after=1)] == [
            WAKE_CHANNEL
        ]


def test_a_name_is_locked_until_the_commit_only(office: Office) -> None:
    with office.store.writing() as one:
        one.lock("x")
        one.lock("x")
        with office.store.writing(within=60) as other:
            other.lock("y")
    with office.store.writing(within=60) as other:
        other.lock("x")


def test_a_group_at_the_gate_waits_for_nobody(office: Office) -> None:
    """A row, or a number, that somebody else is at work on: it is left to be asked alone."""
    rows, numbers, free = (office.attempt(n) for n in range(3))
    with office.store.writing() as holder:
        holder.requests.lock(rows.request_id)
        holder.lock(lock_of(numbers.e164))
        answers = office.gate.ask_all([rows.token, numbers.token, free.token])
        assert answers[:2] == [None, None] and isinstance(answers[2], GatePass)
    for attempt in (rows, numbers):
        assert isinstance(office.gate.ask(attempt.token), GatePass)
