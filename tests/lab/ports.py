"""Free loopback ports, unique across threads, pytest-xdist workers and test runs on one machine.

Port 0 would hand out a port that somebody else can take before Asterisk binds it, and gives no
ranges (RTP). Here a block of ports is claimed by a locked file; the kernel drops the lock when its
process dies, and a bind test skips ports that a stranger, or a leaked server, still uses.
"""

import fcntl
import os
import socket
import threading
from pathlib import Path

from .waiting import LabError

FIRST, LAST, BLOCK = 12000, 32000, 50  # below the kernel's ephemeral range (32768 and up)
_BLOCKS = (LAST - FIRST) // BLOCK
_held: dict[int, int] = {}
_singles: list[int] = []
_given_back: list[range] = []
_mutex = threading.Lock()


def lease(count: int) -> range:
    """Claim at least `count` consecutive ports (UDP and TCP, 127.0.0.1) until this process ends."""
    with _mutex:
        for one in _given_back:
            if len(one) >= count and all(_all_free(base) for base in one[::BLOCK]):
                _given_back.remove(one)
                return one
        return _lease(count)


def give_back(leased: range) -> None:
    """Of a server that has ended: the next one of this process may have them. There are enough for
    all that run at a time, but not for all that a run of the tests starts in turn."""
    with _mutex:
        _given_back.append(leased)


def single() -> int:
    """Claim one port."""
    with _mutex:
        if not _singles:
            _singles.extend(_lease(BLOCK))
        return _singles.pop(0)


def _lease(count: int) -> range:
    size = -(-count // BLOCK)
    start = os.getpid() * 7 % _BLOCKS  # workers begin at different places
    for i in range(_BLOCKS):
        first = (start + i) % _BLOCKS
        if first + size <= _BLOCKS and _claim(range(first, first + size)):
            base = FIRST + first * BLOCK
            return range(base, base + size * BLOCK)
    raise LabError(f"no {count} free consecutive ports between {FIRST} and {LAST} on 127.0.0.1")


def _claim(blocks: range) -> bool:
    taken: dict[int, int] = {}
    for block in blocks:
        handle = _lock(block) if block not in _held else None
        if handle is None or not _all_free(FIRST + block * BLOCK):
            for fd in (*taken.values(), handle):
                if fd is not None:
                    os.close(fd)
            return False
        taken[block] = handle
    _held.update(taken)
    return True


def _lock(block: int) -> int | None:
    folder = Path("/tmp/asterisk-callback-ports")
    folder.mkdir(mode=0o777, exist_ok=True)
    if folder.stat().st_uid == os.getuid():
        folder.chmod(0o777)
    previous = os.umask(0)  # root and an ordinary user may share the machine
    try:
        fd = os.open(folder / str(block), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except PermissionError:
        return None
    finally:
        os.umask(previous)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(fd)
        return None
    return fd


def _all_free(base: int) -> bool:
    return all(
        _free(port, kind)
        for port in range(base, base + BLOCK)
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)
    )


def _free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # TIME_WAIT is no owner
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
