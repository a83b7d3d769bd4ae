"""Wait for a condition with a deadline: the only place in the lab that polls."""

import os
import time
from collections.abc import Callable
from typing import TypeVar

from .speed import Deadline

T = TypeVar("T")

# s: for what the test bed itself has to do, longer where the machine is slow (speed.py). Limits of
# the product are none of this: they are promises, and tested as such.
# tests/wild/before.sh, where waits are for what never comes, has less of it.
PATIENCE = float(os.environ.get("LAB_PATIENCE", "180"))


class LabError(RuntimeError):
    """The test bed itself failed; the message names the cause and, where known, the mend."""


def until(probe: Callable[[], T | None], timeout: float, what: str, every: float = 0.01) -> T:
    """Return the first true value of `probe`, asked every `every` s; LabError after `timeout` s,
    and later on a slow machine (speed.py).

    A probe that is slow, since the machine is busy, is asked less often: not to keep it so.

    For things that announce nothing (a port that opens, a file that grows). Whatever has an event
    (AMI, SIP) is awaited on a condition instead.
    """
    limit = Deadline(timeout)
    while True:
        asked = time.monotonic()
        value = probe()
        if value:
            return value
        took = time.monotonic() - asked
        if limit.left() <= 0:
            raise LabError(f"waited {timeout:g} s for {what}")
        time.sleep(max(every, took))
