"""`python -m tests.workers`: how many tests this machine carries side by side.

One more than it has processors, since a test with real parts waits for half of its time; fewer
where memory is short. More would only make each of them wait for the others.
"""

import os
from pathlib import Path

# MB: a worker with what it starts, two Asterisks, a PostgreSQL, a browser and our own processes.
EACH = 700
LEAST, MOST = 1, 16


def workers(processors: float, megabytes: float) -> int:
    """For so many processors (a quota may leave half a one) and so much memory that is free."""
    wanted = int(processors) + 1
    return max(LEAST, min(wanted, int(megabytes / EACH), MOST))


def processors(groups: Path = Path("/sys/fs/cgroup")) -> float:
    """That we may use: of the machine's, and of what a container was given of their time."""
    count = float(len(os.sched_getaffinity(0)))
    try:  # cgroup v2: "QUOTA PERIOD" in µs, or "max PERIOD"
        quota, period = (groups / "cpu.max").read_text().split()
        return count if quota == "max" else min(count, int(quota) / int(period))
    except (OSError, ValueError):
        return count


def megabytes(file: Path = Path("/proc/meminfo")) -> float:
    """That are free, or that the kernel would free."""
    lines = dict(line.split(":", 1) for line in file.read_text().splitlines())
    return int(lines["MemAvailable"].split()[0]) / 1024


if __name__ == "__main__":
    print(workers(processors(), megabytes()))
