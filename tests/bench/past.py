"""What a long past costs: the questions of a round, of the limits and of the pages, asked of a
database with 10,000 calls behind it, and of one with many more. Ratios of one run.

SQLite works in our own thread, so its processor time is taken; PostgreSQL's least time, which other
work on the machine disturbs the least.

python -m tests.bench.past [ROWS …]        (10,000 and 100,000 unless it is said)
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asterisk_callback.store import SqlStore, upgrade
from tests.factories import SetClock
from tests.lab.postgres import Postgres
from tests.store.hot_queries import GROUPS, Ask, add_open, add_past

ASKED = 15
# A question of its own is named if it takes so many times what it took first, and so long (s).
TELLING, LONG = 1.5, 0.002


def main() -> None:
    sizes = [int(one) for one in sys.argv[1:]] or [10_000, 100_000]
    for name, store in _stores():
        add_open(store)
        first: dict[str, float] = {}
        known = 0
        for size in sizes:
            add_past(store, known, size)
            known = size
            for group, asks in GROUPS.items():
                took = {ask: min(_times(store, asks[ask])) for ask in asks}
                for what, seconds in {group: sum(took.values()), **took}.items():
                    ratio = seconds / first.setdefault(what, seconds)
                    if what == group or (ratio > TELLING and seconds > LONG):
                        row = f"{name:<12}{size:>9} rows   {what:<24}"
                        print(f"{row}{seconds * 1000:8.1f} ms {ratio:6.2f}", flush=True)


def _times(store: SqlStore, ask: Ask) -> Iterator[float]:
    clock = time.thread_time if store.dialect == "sqlite" else time.perf_counter
    for _ in range(ASKED):
        with store.writing() as tx:
            began = clock()
            ask(tx)
            yield clock() - began


def _stores() -> Iterator[tuple[str, SqlStore]]:
    with (
        tempfile.TemporaryDirectory() as folder,
        _migrated(f"sqlite:///{Path(folder, 'past.db')}") as store,
    ):
        yield "SQLite", store
    with Postgres() as server, _migrated(server.create_database()) as store:
        yield "PostgreSQL", store


@contextmanager
def _migrated(url: str) -> Iterator[SqlStore]:
    store = SqlStore(url, clock=SetClock())
    upgrade(store)
    try:
        yield store
    finally:
        store.close()


if __name__ == "__main__":
    main()
