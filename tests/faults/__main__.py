"""`python -m tests.faults`: do every fault N times and print what the far end saw of it."""

import argparse
import signal
import sys
import threading
import time
from pathlib import Path

from . import of_load
from .catalogue import rows
from .runner import Row, run_all

_HEAD = f"{'fault':<78} {'database':<10} {'runs':>4} {'rings':>5} {'double':>6} {'lost':>4} {'stuck':>5} {'outside':>7} {'slowest':>7} {'took':>6}"  # noqa: E501


def main() -> int:
    """0 if no promise was broken and every fault came about."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="of each fault (5)")
    parser.add_argument("--seed", type=int, default=1, help="for the instants of the faults (1)")
    parser.add_argument("--only", default="", help="faults whose name contains this")
    parser.add_argument("--database", default="", choices=("sqlite", "postgresql"))
    parser.add_argument("--workers", type=int, default=3, help="how many side by side (3)")
    parser.add_argument("--full", action="store_true", help="10,000 requests at once, not 1,000")
    parser.add_argument("--table", type=Path, help="write the table as Markdown to this file")
    given = parser.parse_args()
    if given.full:
        of_load.AT_ONCE = 10_000
    chosen = rows(given.only, given.database)
    if not chosen:
        parser.error(f"no fault is called {given.only!r}")
    # Ended from outside, it ends and removes its stages as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began, lock = time.monotonic(), threading.Lock()
    print(_HEAD, flush=True)

    def show(row: Row) -> None:
        with lock:
            print(_line(row), flush=True)
            for note in (*row.broken, *row.sum.notes, *row.sum.remarks):
                print(f"    {note}", file=sys.stderr, flush=True)

    done = run_all(chosen, given.runs, given.seed, given.workers, show)
    if given.table is not None:
        given.table.write_text(_markdown(done))
    bad = [row for row in done if row.broken or row.sum.harm]
    print(
        f"{len(done)} rows, {sum(row.runs for row in done)} runs, seed {given.seed}, "
        f"{time.monotonic() - began:.0f} s; {len(bad)} rows are not well"
    )
    return 1 if bad else 0


def _line(row: Row) -> str:
    total = row.sum
    return (
        f"{row.fault.name:<78} {row.database:<10} {row.runs:>4} {total.rings:>5} "
        f"{total.double:>6} {total.lost:>4} {total.stuck:>5} {total.outside:>7} "
        f"{total.settled:>5.1f} s {row.took:>4.0f} s"
        + (f"  {len(row.broken)} broken" if row.broken else "")
    )


def _markdown(rows: list[Row]) -> str:
    head = (
        "| fault | database | runs | rings | double | lost | stuck | outside | slowest |\n"
        "|---|---|--:|--:|--:|--:|--:|--:|--:|\n"
    )
    return head + "".join(
        f"| {row.fault.name} | {row.database} | {row.runs} | {row.sum.rings} | {row.sum.double} "
        f"| {row.sum.lost} | {row.sum.stuck} | {row.sum.outside} | {row.sum.settled:.0f} s |\n"
        for row in rows
    )


if __name__ == "__main__":
    sys.exit(main())
