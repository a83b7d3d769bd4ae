"""serve, as it is really started: both halves run, a dead one comes back, both end together."""

import contextlib
import os
import pty
import signal
import sys
from pathlib import Path

import pytest

from tests.lab.speed import scaled
from tests.unit.cli.service import DEADLINE, Service, alive, listening

pytestmark = pytest.mark.slow


@pytest.mark.case("CASES 6: from start to ready in three seconds")
def test_it_serves_restarts_and_ends(service: Service) -> None:
    service.until(lambda: service.get("/healthz") == 200, "the web to answer")
    service.until(lambda: listening(service.gate), "the gate to listen")
    # Of processor time, for all its processes together; one after the other it was 5.5.
    assert service.worked() < scaled(4)
    assert service.get("/") == 200
    assert service.get("/readyz") == 503  # Asterisk is not there, and the service runs all the same
    assert f"http://127.0.0.1:{service.web}" in service.log.read_text()

    before = service.children()
    assert len(before) == 2
    killed = next(
        pid for pid in before if Path(f"/proc/{pid}/comm").read_text().strip() == "acb-web"
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


@pytest.mark.thorough
def test_it_ends_with_its_terminal(service: Service, folder: Path) -> None:
    service.stop()
    command = [sys.executable, "-m", "asterisk_callback", "--config", str(folder / "callback.toml")]
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(Path(__file__).parents[3])
        os.execv(sys.executable, [*command, "serve"])
    try:
        service.until(lambda: service.get("/healthz") == 200, "the web to answer")
        os.close(terminal)
        service.until(lambda: os.waitpid(pid, os.WNOHANG) != (0, 0), "the end")
        assert not listening(service.web) and not listening(service.gate)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
