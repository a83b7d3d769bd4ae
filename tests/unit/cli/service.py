"""`asterisk-callback serve` as a process, on what init wrote, without Asterisk."""

import contextlib
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from tests.lab import ports
from tests.lab.speed import scaled
from tests.lab.waiting import LabError, until

DEADLINE = 60.0


class Service:
    def __init__(self, folder: Path) -> None:
        self.web, self.gate = ports.single(), ports.single()
        self.log = folder.parent / "serve.log"
        file = folder / "callback.toml"
        text = file.read_text()
        for old, new in (
            ('listen = "127.0.0.1:8080"', f'listen = "127.0.0.1:{self.web}"'),
            ('listen = "127.0.0.1:4574"', f'listen = "127.0.0.1:{self.gate}"'),
            ("port = 5038", f"port = {ports.single()}"),
        ):
            assert old in text
            text = text.replace(old, new, 1)
        file.write_text(text)
        self._file = file
        self.log.touch()
        self.process = self.half("serve")

    def half(self, command: str) -> "subprocess.Popen[bytes]":
        """Another process of ours, which writes into the same log. The caller ends it."""
        ours = [sys.executable, "-m", "asterisk_callback", "--config", str(self._file)]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*ours, command], stdout=log, stderr=log, cwd=Path(__file__).parents[3]
            )

    def stop(self) -> None:
        """As soon as it has begun, and its database has its tables."""
        self.until(lambda: "serves http" in self.log.read_text(), "the start")
        self.process.terminate()
        self.process.wait(scaled(DEADLINE))
        self.log.write_bytes(b"")

    def children(self) -> set[int]:
        return _children(self.process.pid)

    def worked(self) -> float:
        """Processor seconds of all its processes so far, which no load of the machine lengthens
        much."""
        processes, seconds = {self.process.pid}, 0.0
        while processes:
            pid = processes.pop()
            processes |= _children(pid)
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return seconds

    def get(self, path: str) -> int | None:
        """The status, or None if nobody answers."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.web}{path}", timeout=scaled(DEADLINE)
            ) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def page(self, path: str) -> str:
        where = f"http://127.0.0.1:{self.web}{path}"
        with urllib.request.urlopen(where, timeout=scaled(DEADLINE)) as answer:
            return str(answer.read().decode())

    def until(self, condition: Callable[[], object], what: str) -> None:
        try:
            until(condition, DEADLINE, what, 0.05)
        except LabError as error:
            raise LabError(f"{error}\n{self.log.read_text()}") from error


def _children(pid: int) -> set[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return {int(child) for child in text.split()}


def alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    return False


def listening(port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=scaled(DEADLINE)).close()
        return True
    return False
