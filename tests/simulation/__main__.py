"""`python -m tests.simulation --seeds N [--start S] [--seconds T] [--mutate NAME]`"""

import argparse
import sys
import time

from tests.simulation.mutations import FOCUS, MUTATIONS, mutated
from tests.simulation.run import Result, simulate


def main() -> int:
    options = _options()
    begun = time.monotonic()
    done = 0
    for seed in range(options.start, options.start + options.seeds):
        if options.seconds and time.monotonic() - begun > options.seconds:
            break
        with mutated(options.mutate):
            result = simulate(seed, FOCUS.get(options.mutate or "", ()))
        done += 1
        if result.violation is not None:
            show(result)
            return 1
        if done % 100 == 0 and sys.stderr.isatty():
            print(f"\r{done} seeds", end="", file=sys.stderr)
    took = time.monotonic() - begun
    print(f"{done} seeds, no promise broken, in {took:.0f} s ({done / took * 60:.0f} a minute)")
    return 0


def show(result: Result) -> None:
    for at, who, what in result.trace:
        print(f"{at:9.3f}  {who:10} {what}")
    print(f"\nseed {result.seed}: {result.violation}")
    print(f"again: python -m tests.simulation --start {result.seed} --seeds 1")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=0, help="stop after so many seconds")
    parser.add_argument(
        "--mutate", choices=sorted(MUTATIONS), help="take this safeguard out: a seed must fail"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
