"""Which process this is, and whether another one of this machine has ended.

Read from /proc (proc(5)): a number alone proves nothing, for numbers come again, machines are
restarted, and each container counts for itself.
"""

import os
import socket
from pathlib import Path

# Fields of /proc/PID/stat behind the name in brackets: the state, and the start in clock ticks.
_STATE, _START = 0, 19
_ENDED = frozenset("ZXx")


def identity() -> str:
    """This process: host, boot, space of process numbers, number, start; at most 160 characters."""
    pid = os.getpid()
    place = f"{socket.gethostname()[:64]}/{_here()}"
    return f"{place}/{pid}/{_started(pid)}"


def host_of(process: str) -> str:
    """For sentences: the host, and the number of the process."""
    parts = process.split("/")
    return f"{parts[0]}, process {parts[3]}" if len(parts) == 5 else "another machine"


def has_ended(process: str) -> bool:
    """True only if that is certain: it ran here, and is not here any more. One that ran on another
    machine, or in another container, may live."""
    parts = process.split("/")
    if len(parts) != 5 or not parts[3].isdigit():
        return False
    boot, _, space = _here().partition("/")
    if parts[0] != socket.gethostname()[:64] or not boot:
        return False
    if parts[1] != boot:
        return True  # this machine was started anew
    return parts[2] == space and _started(int(parts[3])) != parts[4]


def _here() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return "/"


def _started(pid: int) -> str:
    """When it was started, in clock ticks since the boot; "" if it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[_STATE] in _ENDED else fields[_START]
