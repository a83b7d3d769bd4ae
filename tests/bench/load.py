"""Another process that submits: `python -m tests.bench.load CONFIG COUNT PER_SECOND FIRST OUT`.

Writes a line per commit to OUT: the request's id and the Unix time at which submit() returned.
"""

import sys
import time
from pathlib import Path

from asterisk_callback import bootstrap, config
from asterisk_callback.services.booking.booking import Origin, Submission

ORIGIN = Origin(scope="bench", actor="bench")


def number(n: int) -> str:
    """One of a million valid British mobile numbers."""
    return f"+447400{n:06d}"


def main(config_file: str, count: int, per_second: float, first: int, out: Path) -> None:
    settings = config.load(Path(config_file), {})
    booking = bootstrap.booking(settings, bootstrap.store(settings))
    began = time.monotonic()
    with out.open("w") as told:
        for place in range(count):
            time.sleep(max(0.0, began + place / per_second - time.monotonic()))
            booked = booking.submit(
                Submission(phone=number(first + place), queue="support"), ORIGIN
            )
            print(booked.request.id, time.time(), file=told, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5]))
