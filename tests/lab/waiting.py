"""Wait for a condition with a deadline: the only place in the lab that polls."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class LabError(RuntimeError):
    """The test bed itself failed; the message names the cause and, where known, the mend."""


def until(probe: Callable[[], T | None], timeout: float, what: str, every: float = 0.01) -> T:
    """Return the first true value of `probe`, asked every `every` s; LabError after `timeout` s.

    For things that announce nothing (a port that opens, a file that grows). Whatever has an event
    (AMI, SIP) is awaited on a condition instead.
    """
    end = time.monotonic() + timeout
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() >= end:
            raise LabError(f"waited {timeout:g} s for {what}")
        time.sleep(every)
