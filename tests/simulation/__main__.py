"""`python -m tests.simulation --seeds N [--start S] [--workers W]`; --help tells the rest."""

import argparse
import os
import sys
import time

from tests.simulation.database import KINDS
from tests.simulation.mutations import MUTATIONS
from tests.simulation.run import Result
from tests.simulation.shards import Shards

# So many failing seeds are enough to begin with.
MOST_FAILURES = 10
SAY_EVERY = 30.0


def main() -> int:
    options = _options()
    begun = said = time.monotonic()
    done, rings = 0, 0
    failed: list[Result] = []
    shards = Shards(store=options.store, mutation=options.mutate)
    seeds = range(options.start, options.start + options.seeds)
    pause = 1.0 if sys.stderr.isatty() else SAY_EVERY
    for result in shards.run(seeds, options.workers):
        done += 1
        rings += result.rings
        if result.violation is not None:
            failed.append(result)
            show(result, whole=len(failed) == 1)
        now = time.monotonic()
        if now - said > pause:
            said = now
            _progress(done, options.seeds, now - begun, len(failed))
        late = options.seconds and now - begun > options.seconds
        if late or len(failed) == MOST_FAILURES:
            break
    took = time.monotonic() - begun
    print(
        f"{done} seeds, {rings} rings, {len(failed) or 'no'} broken promise"
        f"{'s' * (len(failed) > 1)}, in {took:.0f} s "
        f"({done / took * 60:.0f} a minute, {options.workers} at once)"
    )
    for result in failed:
        print(f"seed {result.seed}: {result.violation}")
    return 1 if failed else 0


def show(result: Result, *, whole: bool = True) -> None:
    """whole: with the last steps, too."""
    if whole:
        for at, who, what in result.trace:
            print(f"{at:9.3f}  {who:10} {what}")
    print(f"\nseed {result.seed}: {result.violation}")
    print(f"again: make simulate START={result.seed} SEEDS=1", flush=True)


def _progress(done: int, of: int, took: float, failed: int) -> None:
    line = f"{done} of {of} seeds, {done / took * 60:.0f} a minute, {failed} failed"
    tty = sys.stderr.isatty()
    print(f"\r{line} " if tty else line, end="" if tty else "\n", file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=0, help="stop after so many seconds")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="processes; all cores unless said"
    )
    parser.add_argument(
        "--store", choices=sorted(KINDS), default="", help="every 100th is on SQLite unless said"
    )
    parser.add_argument(
        "--mutate", choices=sorted(MUTATIONS), help="take this safeguard out: a seed must fail"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
