"""`make bench`: the product beside its peers, and where it falls short. Asserts nothing.

Without a name everything is measured, and docs/benchmarks.md is written.
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Mapping

from asterisk_callback.domain.errors import CallbackError
from tests.bench import at_rest, calls, machine, page, web
from tests.bench.figures import Figures
from tests.lab.waiting import LabError

FAMILIES: Mapping[str, Callable[[bool], Figures]] = {
    "calls": calls.at_load,
    "burst": calls.at_once,
    "spread": calls.spread,
    "web": web.at_load,
    "rest": at_rest.measured,
}


def main() -> int:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began, before = time.monotonic(), machine.load()
    names = arguments.names or list(FAMILIES)
    found: Figures = {}
    failed = False
    for name in names:
        print(f"{name}: load {machine.load()}", file=sys.stderr, flush=True)
        try:
            found |= FAMILIES[name](arguments.short)
        except (LabError, CallbackError, OSError, ValueError) as error:
            print(f"bench: {name}: {error}", file=sys.stderr)
            failed = True
        except KeyboardInterrupt:
            return 130
    whole = not failed and not arguments.names and not arguments.short
    page.write(found, page.PAGE if whole else None, (before, machine.load()), arguments.short)
    print(page.table(found))
    print(f"load {before} before, {machine.load()} after; {time.monotonic() - began:.0f} s in all")
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *FAMILIES], help="only these")
    parser.add_argument("--short", action="store_true", help="a few of each: does it work?")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
