"""How slow this machine is right now: whatever limits a test's time is scaled by it.

A limit is written down as for a quiet machine with two cores on which `make test` runs; slowness()
is 1 there. It is measured, anew every few seconds: what others run beside the tests comes and goes.
"""

import os
import threading
import time
from pathlib import Path

# s of a processor that _work() takes on a machine of 2026.
_REFERENCE = 0.007
# Threads that want each processor while `make test` is all that runs.
_USUAL = 2.5
_LASTS = 5.0  # s that a measurement is good for
_MOST = 50.0


def slowness() -> float:
    """1.0 on a quiet machine; 3.0 if the same takes three times as long, by its speed and load."""
    global _measured
    with _lock:
        if _measured is None or time.monotonic() - _measured[0] > _LASTS:
            _measured = (time.monotonic(), _measure())
        return _measured[1]


def scaled(seconds: float) -> float:
    """A limit for one wait from now on, or of the product in a test bed (lease, ping, ...)."""
    return seconds * slowness()


def whole(seconds: float) -> int:
    """The same for what is configured in whole seconds."""
    return round(scaled(seconds))


class Deadline:
    """A limit of `seconds` from now; it moves if the machine is found slow when it is reached."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._began = time.monotonic()

    def left(self) -> float:
        """Seconds until it; 0 or less: it is over."""
        passed = time.monotonic() - self._began
        if passed < self.seconds:
            return self.seconds - passed
        return scaled(self.seconds) - passed


_lock = threading.Lock()
_measured: tuple[float, float] | None = None


def _measure() -> float:
    own = min(_probe()[0] for _ in range(3))
    waits = [wall / used for used, wall in (_probe() for _ in range(3))]
    load = max(sum(waits) / len(waits), _load())
    return min(max(1.0, own / _REFERENCE) * max(1.0, load / _USUAL), _MOST)


def _probe() -> tuple[float, float]:
    """Seconds of processor and of time that _work() takes: a quota or other threads part them."""
    used, began = time.thread_time(), time.monotonic()
    _work()
    return max(time.thread_time() - used, 1e-4), time.monotonic() - began


def _work() -> int:
    total = 0
    for number in range(100_000):
        total += number * number % 7
    return total


def _load(file: Path = Path("/proc/loadavg")) -> float:
    """Threads that want each processor, over the last minute."""
    try:
        return float(file.read_text().split()[0]) / (os.cpu_count() or 1)
    except (OSError, ValueError, IndexError):
        return 0.0
