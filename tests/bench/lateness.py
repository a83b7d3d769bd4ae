"""How late a call leaves: from the instant that counts to its channel in a real Asterisk.

The end of the measured time is Asterisk's own timestamp of the channel that our Originate made, so
it contains the tick, release, claim, the way over AMI, and Asterisk's own start of the call.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from asterisk_callback.domain.request import RequestId
from asterisk_callback.services.booking.booking import Submission
from asterisk_callback.telephony.contract import token_of
from tests.bench.load import ORIGIN, number
from tests.bench.stand import Product, Stand
from tests.lab import processes
from tests.lab.waiting import until


def after_due(stand: Stand, product: Product, count: int, per_second: float) -> list[float]:
    """Seconds by which scheduled requests were placed after their due instants."""
    mark = stand.pbx.ami.mark()
    # Time enough to book them all before the first is due.
    begin = datetime.now(UTC) + timedelta(seconds=1 + count * 0.02)
    due: dict[RequestId, float] = {}
    for place in range(count):
        at = begin + timedelta(seconds=place / per_second)
        booked = product.booking.submit(
            Submission(phone=number(place), queue="support", scheduled_for=at.isoformat()), ORIGIN
        )
        due[booked.request.id] = booked.request.due_at.timestamp()
    left = begin.timestamp() - time.time() + count / per_second
    product.wait_over(count, left + 8)
    return _lateness(stand, product, mark, due)


def after_submit(
    stand: Stand, product: Product, count: int, per_second: float, first: int
) -> list[float]:
    """Seconds from the return of submit() in another process to the call."""
    mark = stand.pbx.ami.mark()
    told = stand.folder / "submitted"
    child = product.spawn(
        "tests.bench.load", str(product.config_file), str(count), str(per_second), str(first),
        str(told),
    )  # fmt: skip
    until(lambda: not processes.alive(child), count / per_second + 30, "the submitter", 0.1)
    product.wait_over(first + count, 8)
    lines = (line.split() for line in told.read_text().splitlines())
    return _lateness(stand, product, mark, {RequestId(int(i)): float(at) for i, at in lines})


def _lateness(
    stand: Stand, product: Product, mark: int, since: Mapping[RequestId, float]
) -> list[float]:
    placed = _placed(stand, product, mark)
    return sorted(placed[one] - at for one, at in since.items() if one in placed)


def _placed(stand: Stand, product: Product, mark: int) -> dict[RequestId, float]:
    """When the first channel of each request was made, by Asterisk's clock."""
    found: dict[RequestId, float] = {}
    with product.store.reading() as tx:
        for event in stand.pbx.ami.events("Newchannel", mark):
            token = token_of(event.get("Uniqueid", ""))
            attempt = tx.attempts.by_token(token) if token else None
            if attempt is not None:
                found.setdefault(attempt.request_id, float(event["Timestamp"]))
    return found
