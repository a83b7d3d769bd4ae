"""Many promises that fall due in the same second: is one lost, does each know its agent, and is
what is written the time at which Asterisk told it?

python -m tests.bench.burst [REQUESTS]        (300 unless it is said)
"""

import contextlib
import logging
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.services.booking.booking import Submission
from asterisk_callback.telephony.contract import is_customer_half, token_of
from tests.bench.load import ORIGIN, number
from tests.bench.stand import Product, Stand
from tests.lab.postgres import Postgres

# Seconds: to book them all first, and until all are over, on a busy machine.
AHEAD, PATIENCE = 0.05, 3.0


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with Stand() as stand:
        for name, url in _databases():
            with contextlib.closing(stand.attach(name, url)) as product:
                product.start()
                _print(name, *_burst(stand, product, count))
    return 0


def _burst(stand: Stand, product: Product, count: int) -> tuple[float, list[Attempt], list[float]]:
    """How long until the last was over (s), the attempts, and by how many seconds the end that was
    written differs from Asterisk's own of the half that dialled the customer."""
    mark = stand.pbx.ami.mark()
    due = datetime.now(UTC) + timedelta(seconds=2 + count * AHEAD)
    for place in range(count):
        wish = Submission(phone=number(place), queue="support", scheduled_for=due.isoformat())
        product.booking.submit(wish, ORIGIN)
    product.wait_over(count, due.timestamp() - time.time() + count * PATIENCE)
    took = time.time() - due.timestamp()
    ended = _hung_up(stand, mark)
    with product.store.reading() as tx:
        requests = tx.requests.latest("completed", count)
        attempts = [one for request in requests for one in tx.attempts.of(request.id)]
    off = [
        one.ended_at.timestamp() - ended[one.token]
        for one in attempts
        if one.ended_at is not None and one.token in ended
    ]
    return took, attempts, off


def _hung_up(stand: Stand, mark: int) -> Mapping[str, float]:
    """When Asterisk ended the half of each call that dials the customer, by its own clock."""
    found: dict[str, float] = {}
    for event in stand.pbx.ami.events("Hangup", mark):
        token = token_of(event["Uniqueid"])
        if token is not None and is_customer_half(event["Uniqueid"]):
            found[token] = float(event["Timestamp"])
    return found


def _print(name: str, took: float, attempts: list[Attempt], off: list[float]) -> None:
    rung = len({one.request_id for one in attempts})
    agents = sum(1 for one in attempts if one.agent)
    late = sorted(abs(one) for one in off) or [0.0]
    print(
        f"{name:<12}{rung} called, {len(attempts)} attempts, {agents} know their agent; the last"
        f" was over {took:.1f} s after it was due; the written end is off Asterisk's by"
        f" {late[len(late) // 2]:.3f} s (median), {late[-1]:.3f} s (most)",
        flush=True,
    )


def _databases() -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        yield "SQLite", f"sqlite:///{Path(folder, 'burst.db')}"
    with Postgres() as server:
        yield "PostgreSQL", server.create_database()


if __name__ == "__main__":
    logging.disable(logging.INFO)
    sys.exit(main())
