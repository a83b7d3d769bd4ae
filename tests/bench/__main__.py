"""Measures on SQLite and PostgreSQL in one run, and prints a table. Nothing is asserted.

Rates of two runs, or of two machines, can't be compared; the ratios within one run can.
"""

import argparse
import contextlib
import os
import platform
import signal
import sys
import time
from collections.abc import Iterator, Sequence

from asterisk_callback.domain.errors import CallbackError
from tests.bench import lateness, rates
from tests.bench.stand import AGENTS, Product, Stand
from tests.lab.postgres import Postgres
from tests.lab.waiting import LabError

_DUE_AIM, _SUBMIT_AIM = 0.100, 0.100
_IDLE_RATE = 1.0  # a call a second: each is over before the next


def main() -> int:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    _head()
    try:
        with Stand() as stand:
            for name, url in _databases(stand):
                with contextlib.closing(stand.attach(name, url)) as product:
                    _measure(name, stand, product, arguments.count, arguments.rate)
    except (LabError, CallbackError, OSError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(f"\nload after it {_load()}; {time.monotonic() - began:.0f} s in all")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--count", type=int, default=50, help="calls per measurement (50)")
    parser.add_argument("--rate", type=float, default=5.0, help="calls per second (5)")
    return parser.parse_args()


def _databases(stand: Stand) -> Iterator[tuple[str, str]]:
    yield "SQLite", f"sqlite:///{stand.folder}/bench.db"
    try:
        server = Postgres()
    except LabError as error:
        print(f"\nPostgreSQL was not measured: {error}")
        return
    with server:
        yield "PostgreSQL", server.create_database()


def _measure(name: str, stand: Stand, product: Product, count: int, rate: float) -> None:
    print(f"\n{name}")
    raw = rates.commits(product, 1.0)
    _row("bare commits of one row", f"{raw:7.0f} /s    1.00")
    intake = rates.submits(product, 2.0)
    _row(f"submits, {rates.THREADS} threads", f"{intake:7.0f} /s {intake / raw:7.2f}")
    product.start()
    asks = rates.gate_asks(product, 150)
    _row(f"gate: yeses, {rates.THREADS} at a time", f"{asks:7.0f} /s {asks / raw:7.2f}")
    used = product.cpu_seconds()
    late = lateness.after_due(stand, product, count, rate)
    _row("call after its due instant", _quantiles(late, count, _DUE_AIM))
    late = lateness.after_submit(stand, product, count, rate, count)
    _row("call after a submit elsewhere", _quantiles(late, count, _SUBMIT_AIM))
    used = (product.cpu_seconds() - used) / (2 * count)
    few = max(1, count // 5)
    late = lateness.after_submit(stand, product, few, _IDLE_RATE, 2 * count)
    _row("  the same, one a second", _quantiles(late, few, _SUBMIT_AIM))
    print(f"  load {_load()}", flush=True)
    _row("dispatcher's processor time", f"{used * 1000:7.1f} ms a call")


def _row(what: str, measured: str) -> None:
    print(f"  {what:<34}{measured}", flush=True)


def _quantiles(late: Sequence[float], count: int, aim: float) -> str:
    """Milliseconds: the median, two percentiles, the aim of the last, the longest."""
    if not late:
        return "no call was placed"
    at = (late[min(len(late) - 1, int(len(late) * part))] for part in (0.5, 0.95, 0.99))
    p50, p95, p99 = at
    missing = f", {count - len(late)} lost" if len(late) != count else ""
    return (
        f"p50 {p50 * 1000:5.0f} ms   p95 {p95 * 1000:5.0f} ms   "
        f"p99 {p99 * 1000:5.0f} ms (aim {aim * 1000:.0f}: "
        f"{p99 / aim:.2f})   max {late[-1] * 1000:5.0f} ms{missing}"
    )


def _head() -> None:
    print(
        f"asterisk-callback bench: Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"load before it {_load()}\n"
        f"a real Asterisk 22 with {AGENTS} agents who answer at once; the dispatcher is a process "
        "of its own\nthe last column of a rate: its ratio to bare commits of the same database",
        flush=True,
    )


def _load() -> str:
    return " ".join(f"{one:.2f}" for one in os.getloadavg())


if __name__ == "__main__":
    sys.exit(main())
