"""`python -m tests.faults`: do every fault N times and print what the far end saw of it."""

import argparse
import resource
import signal
import sys
import time
from pathlib import Path

from . import nursery, of_load
from .catalogue import rows
from .runner import Row, run_all

_HEAD = f"{'fault':<82} {'database':<10} {'runs':>4} {'again':>5} {'rings':>5} {'double':>6} {'lost':>4} {'stuck':>5} {'outside':>7} {'slowest':>7} {'took':>6}"  # noqa: E501


def main() -> int:
    """0 if no promise was broken and every fault came about."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="of each fault (5)")
    parser.add_argument("--seed", type=int, default=1, help="for the instants of the faults (1)")
    parser.add_argument("--only", default="", help="faults whose name contains this")
    parser.add_argument(
        "--databases",
        default="",
        choices=("sqlite", "postgresql", "main", "rest"),
        help="one, or main: one for each fault, in turns; rest: the others (all)",
    )
    parser.add_argument("--workers", type=int, default=6, help="how many side by side (6)")
    parser.add_argument("--full", action="store_true", help="10,000 requests at once")
    parser.add_argument("--table", type=Path, help="write the table as Markdown to this file")
    given = parser.parse_args()
    of_load.at_once_in(given.runs, given.full)
    chosen = rows(given.only, given.databases)
    if not chosen:
        parser.error(f"no fault is called {given.only!r}")
    # Ended from outside, it ends and removes its stages as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    print(_HEAD, flush=True)
    try:
        done = run_all(chosen, given.runs, given.seed, given.workers, _show)
    finally:
        nursery.close_all()
    if given.table is not None:
        given.table.write_text(_markdown(done))
    bad = [row for row in done if not row.well]
    print(
        f"{len(done)} rows, {sum(row.runs for row in done)} runs, "
        f"{sum(len(row.again) for row in done)} of them again, seed {given.seed}, "
        f"{time.monotonic() - began:.0f} s, {_processor():.0f} s of processors; "
        f"{len(bad)} rows are not well"
    )
    for row in bad:
        print(f"NOT WELL: {row.fault.name}, {row.database}")
    return 1 if bad else 0


def _show(row: Row) -> None:
    print(_line(row), flush=True)
    again = [f"again: {one}" for one in row.again]
    for note in (*again, *row.broken, *row.sum.notes, *row.sum.remarks):
        print(f"    {note}", flush=True)


def _line(row: Row) -> str:
    total = row.sum
    return (
        f"{row.fault.name:<82} {row.database:<10} {row.runs:>4} {len(row.again):>5} "
        f"{total.rings:>5} {total.double:>6} {total.lost:>4} {total.stuck:>5} {total.outside:>7} "
        f"{total.settled:>5.1f} s {row.took:>4.0f} s"
        + ("  BROKEN" if row.broken else "")
        + ("  HARM" if total.harm else "")
    )


def _markdown(rows: list[Row]) -> str:
    head = (
        "| fault | database | runs | again | rings | double | lost | stuck | outside | slowest |\n"
        "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n"
    )
    return head + "".join(
        f"| {row.fault.name} | {row.database} | {row.runs} | {len(row.again)} | {row.sum.rings} "
        f"| {row.sum.double} | {row.sum.lost} | {row.sum.stuck} | {row.sum.outside} "
        f"| {row.sum.settled:.0f} s |\n"
        for row in rows
    )


def _processor() -> float:
    """Seconds of processor that we and all that has ended of ours have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    sys.exit(main())
