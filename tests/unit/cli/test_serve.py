"""serve, as it is really started: both halves run, a dead one comes back, both end together."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab import ports
from tests.lab.speed import scaled
from tests.lab.waiting import LabError, until

pytestmark = pytest.mark.slow

DEADLINE = 60.0


class Service:
    def __init__(self, folder: Path) -> None:
        self.web, self.gate = ports.single(), ports.single()
        self.log = folder.parent / "serve.log"
        environ = {
            **os.environ,
            "ASTERISK_CALLBACK_WEB__LISTEN": f"127.0.0.1:{self.web}",
            "ASTERISK_CALLBACK_GATE__LISTEN": f"127.0.0.1:{self.gate}",
            "ASTERISK_CALLBACK_ASTERISK__PORT": str(ports.single()),
        }
        command = [sys.executable, "-m", "asterisk_callback", "--config"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, str(folder / "callback.toml"), "serve"],
                stdout=log,
                stderr=log,
                env=environ,
                cwd=Path(__file__).parents[3],
            )

    def children(self) -> set[int]:
        text = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return {int(pid) for pid in text.split()}

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

    def until(self, condition: Callable[[], object], what: str) -> None:
        try:
            until(condition, DEADLINE, what, 0.05)
        except LabError as error:
            raise LabError(f"{error}\n{self.log.read_text()}") from error


@pytest.fixture
def service(folder: Path) -> Iterator[Service]:
    made = Service(folder)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.process.kill()
            made.process.wait()


def alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    return False


def listening(port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=scaled(DEADLINE)).close()
        return True
    return False


def test_it_serves_restarts_and_ends(service: Service) -> None:
    service.until(lambda: service.get("/healthz") == 200, "the web to answer")
    service.until(lambda: listening(service.gate), "the gate to listen")
    assert service.get("/") == 200
    assert service.get("/readyz") == 503  # Asterisk is not there, and the service runs all the same
    assert f"http://127.0.0.1:{service.web}" in service.log.read_text()

    before = service.children()
    assert len(before) == 2
    killed = next(
        pid for pid in before if b"web" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    )
    os.kill(killed, signal.SIGKILL)
    service.until(lambda: len(service.children() - before) == 1, "another web process")
    service.until(lambda: service.get("/healthz") == 200, "the new web to answer")

    everybody = service.children()
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(scaled(DEADLINE)) == 0, service.log.read_text()
    assert not any(alive(pid) for pid in everybody)
    assert not listening(service.gate)
    assert "Traceback" not in service.log.read_text()


def test_killed_without_warning_it_leaves_nobody(service: Service) -> None:
    service.until(lambda: service.get("/healthz") == 200, "the web to answer")
    service.until(lambda: listening(service.gate), "the gate to listen")
    everybody = service.children()
    service.process.kill()
    service.process.wait()
    service.until(lambda: not any(alive(pid) for pid in everybody), "the children to end")
