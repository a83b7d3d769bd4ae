"""How much goes through: commits of the bare database, submits, and questions at the gate."""

import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from asterisk_callback.domain.attempt import Token, new_token
from asterisk_callback.domain.request import RequestState
from asterisk_callback.services.booking.booking import Submission
from asterisk_callback.store.tables.calls import audit
from tests.bench.load import ORIGIN, number
from tests.bench.stand import Product

THREADS = 4
_FIRST = 500_000  # numbers that no other measurement uses


def commits(product: Product, seconds: float) -> float:
    """One inserted row and one commit each, on one connection: what the database itself can do."""
    row = audit.insert().values(
        at=datetime.now(UTC), request_id=None, attempt_id=None, actor="bench", event="bench",
        old=None, new=None, reason="",
    )  # fmt: skip
    count, end = 0, time.monotonic() + seconds
    with product.store.connect() as connection:
        while time.monotonic() < end:
            with connection.begin():
                connection.execute(row)
            count += 1
        with connection.begin():
            connection.execute(text("DELETE FROM audit WHERE event = 'bench'"))
    return count / seconds


def submits(product: Product, seconds: float) -> float:
    """Wishes accepted per second by `Booking.submit`, with its checks, from THREADS threads."""
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    turn = _Turn(_FIRST)
    end = time.monotonic() + seconds

    def work() -> int:
        count = 0
        while time.monotonic() < end:
            wish = Submission(phone=number(turn.next()), queue="support", scheduled_for=later)
            product.booking.submit(wish, ORIGIN)
            count += 1
        return count

    return sum(_at_once(work)) / seconds


def gate_asks(product: Product, count: int) -> float:
    """Yeses of the gate per second, over FastAGI as Asterisk asks, THREADS at a time."""
    tokens = _open_attempts(product, count)
    turn = _Turn(0)

    def work() -> int:
        passed = 0
        while (place := turn.next()) < count:
            passed += ask(product.gate, tokens[place])
        return passed

    began = time.monotonic()
    passed = sum(_at_once(work))
    return passed / (time.monotonic() - began)


def ask(gate: tuple[str, int], token: Token) -> bool:
    """One question as Asterisk asks it; True for a yes."""
    header = f"agi_network: yes\nagi_network_script: gate\nagi_arg_1: {token}\n\n"
    with socket.create_connection(gate, 5.0) as line, line.makefile("rb") as answers:
        line.sendall(header.encode())
        last = b""
        for answer in answers:
            last = answer
            line.sendall(b"200 result=1\n")
    return token.encode() in last


def _open_attempts(product: Product, count: int) -> Sequence[Token]:
    """Attempts as a claim makes them, of a server that no dispatcher here looks after."""
    tokens = []
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    for place in range(count):
        wish = Submission(
            phone=number(_FIRST * 19 // 10 + place), queue="support", scheduled_for=later
        )
        booked = product.booking.submit(wish, ORIGIN)
        with product.store.writing() as tx:
            queued = booked.request.evolve(state=RequestState.QUEUED)
            tx.requests.change(booked.request, queued, actor="bench", reason="bench")
            going = queued.evolve(state=RequestState.IN_PROGRESS)
            tx.requests.change(queued, going, actor="bench", reason="bench")
            attempt = tx.attempts.add(
                request_id=going.id, token=new_token(), server="elsewhere", trunk="main",
                owner="bench", epoch=1, e164=going.e164, claimed_at=tx.now,
                gate_by=tx.now + timedelta(minutes=10),
                agent_at=tx.now,  # else they would take the places of calls that wait for an agent
            )  # fmt: skip
        tokens.append(attempt.token)
    return tokens


class _Turn:
    """A counter that threads share."""

    def __init__(self, first: int) -> None:
        self._next, self._lock = first, threading.Lock()

    def next(self) -> int:
        with self._lock:
            self._next += 1
            return self._next - 1


def _at_once(work: Callable[[], int]) -> list[int]:
    with ThreadPoolExecutor(THREADS) as pool:
        return [future.result() for future in [pool.submit(work) for _ in range(THREADS)]]
