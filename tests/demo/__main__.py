"""Places one real callback and tells it as it happens; then goes on serving, on a terminal."""

import importlib
import signal
import sys
from types import FrameType

from tests.demo import trouble


def main() -> int:
    """0: a real call went as it should. 1: it did not; 130: Ctrl-C before its end."""
    signal.signal(signal.SIGTERM, _end)
    try:
        # Only now: a package that is missing is a trouble like others.
        importlib.import_module("tests.demo.show").run()
    except KeyboardInterrupt:
        print("\ndemo: ended", file=sys.stderr)
        return 130
    except Exception as error:
        if trouble.debugging():
            raise
        for line in trouble.explain(error):
            print(f"demo: {line}", file=sys.stderr)
        return 1
    return 0


def _end(number: int, frame: FrameType | None) -> None:
    # As an exception, so that everything that was started is ended.
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
