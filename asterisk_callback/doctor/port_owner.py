"""Who sits on a TCP port of this machine, as far as /proc lets us see (proc(5))."""

import os
from collections.abc import Iterator
from pathlib import Path

_LISTENS = "0A"


def at(port: int) -> str:
    """The programs that listen on it, such as "node (process 812)"; "" if nobody, or unknown."""
    wanted = {f"socket:[{inode}]" for inode in _inodes(port)}
    if not wanted:
        return ""
    found = [
        f"{_name(process)} (process {process.name})"
        for process in sorted(Path("/proc").glob("[0-9]*"), key=lambda one: int(one.name))
        if wanted & set(_open(process))
    ]
    return " and ".join(found)


def _inodes(port: int) -> Iterator[str]:
    """Of the sockets that listen on it, over IPv4 and IPv6."""
    for table in ("tcp", "tcp6"):
        try:
            lines = Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[3] == _LISTENS and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


def _open(process: Path) -> Iterator[str]:
    try:
        for name in os.listdir(process / "fd"):
            yield os.readlink(process / "fd" / name)
    except OSError:
        return  # ended meanwhile, or another user's


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text().strip()
    except OSError:
        return "a program"
