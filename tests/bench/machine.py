"""The load of the machine, and the processor time of processes: it says more than a rate does."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def load() -> str:
    return " ".join(f"{one:.2f}" for one in os.getloadavg())


def processor(pid: int) -> float:
    """Seconds that a process, its children that ended and those that live have used."""
    return _own(pid) + sum(processor(child) for child in _children(pid))


def _own(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0  # it ended meanwhile, and counts with its parent
    return sum(map(int, fields[11:15])) / _TICKS  # utime, stime, cutime, cstime


def _children(pid: int) -> list[int]:
    """Of all its threads."""
    found = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(one) for one in file.read_text().split()]
        except OSError:
            continue
    return found
