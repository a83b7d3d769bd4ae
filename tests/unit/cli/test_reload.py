"""A new configuration is taken up by the running service: all of it or nothing, and no page is
refused meanwhile."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from asterisk_callback.domain.alarm import AlarmName
from asterisk_callback.store import SqlStore
from tests.lab import ports
from tests.lab.speed import scaled
from tests.unit.cli.service import DEADLINE, Service, alive, listening

pytestmark = pytest.mark.slow


class Visitors:
    """Some who ask for the form without a pause, each on a connection of its own."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._over = threading.Event()
        self.answers: list[int | None] = []
        self._threads = [threading.Thread(target=self._ask) for _ in range(3)]

    def __enter__(self) -> "Visitors":
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for one in self._threads:
            one.join()

    def _ask(self) -> None:
        while not self._over.is_set():
            self.answers.append(self._service.get("/healthz"))


def reload(folder: Path) -> "subprocess.CompletedProcess[str]":
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "asterisk_callback",
        "--config",
        folder / "callback.toml",
    ]
    return subprocess.run(
        [*command, "reload"], capture_output=True, text=True, timeout=scaled(3 * DEADLINE)
    )


def change(folder: Path, old: str, new: str) -> None:
    file = folder / "callback.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


@pytest.fixture
def running(service: Service) -> Service:
    service.until(lambda: service.get("/healthz") == 200, "the web to answer")
    service.until(lambda: listening(service.gate), "the gate to listen")
    return service


@pytest.mark.case("CASES 6: callback.toml is taken up by reload, without a refused page")
def test_reload_takes_it_up(running: Service, folder: Path) -> None:
    before = running.children()
    assert "Larkmoor" not in running.page("/")
    change(folder, 'name = "', 'name = "Larkmoor ')
    with Visitors(running) as visitors:
        done = reload(folder)
        running.until(lambda: not any(alive(one) for one in before), "the old children to end")
    assert done.returncode == 0, done.stderr + running.log.read_text()
    assert set(visitors.answers) == {200}, len(visitors.answers)
    assert "Larkmoor" in running.page("/")
    assert len(running.children()) == 2 and not running.children() & before
    assert listening(running.gate)

    assert "Traceback" not in running.log.read_text()


@pytest.mark.thorough
def test_so_does_a_hang_up(running: Service, folder: Path) -> None:
    change(folder, 'name = "', 'name = "Eastmoor ')
    again = running.children()
    running.process.send_signal(signal.SIGHUP)
    running.until(lambda: not any(alive(one) for one in again), "the next children")
    assert "Eastmoor" in running.page("/")
    everybody = running.children()
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(scaled(DEADLINE)) == 0, running.log.read_text()
    assert not any(alive(one) for one in everybody)
    assert "Traceback" not in running.log.read_text()


@pytest.mark.thorough
@pytest.mark.case("CASES 6: a callback.toml that can't be used changes nothing")
def test_reload_changes_nothing_if_anything_is_wrong(running: Service, folder: Path) -> None:
    change(folder, 'name = "', 'name = "Larkmoor ')
    good, before, told = (folder / "callback.toml").read_text(), running.children(), []
    # In the file; only seen when it is used; and only by the supervisor itself.
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for old, new in (
            ("[limits]", "[nonsense]"),
            ("sqlite:///callback.db", "sqlite:///other.db"),
            (f"127.0.0.1:{running.gate}", f"127.0.0.1:{taken.getsockname()[1]}"),
        ):
            (folder / "callback.toml").write_text(good.replace(old, new, 1))
            refused = reload(folder)
            assert refused.returncode == 1, refused.stdout
            assert "nothing was changed" in refused.stderr
            told.append(refused.stderr)
    assert "nonsense" in told[0] and "db upgrade" in told[1] and "[gate] listen" in told[2]
    assert running.children() == before
    assert "Larkmoor" not in running.page("/")


@pytest.mark.thorough
def test_a_child_that_dies_comes_back_as_it_was(running: Service, folder: Path) -> None:
    """Half a service with the file as it is now, and half as it was, is what a reload prevents."""
    change(folder, 'name = "', 'name = "Larkmoor ')
    before = running.children()
    for one in before:
        os.kill(one, signal.SIGKILL)
    running.until(lambda: len(running.children() - before) == 2, "both to come back")
    running.until(lambda: running.get("/healthz") == 200, "the web to answer")
    assert "Larkmoor" not in running.page("/")


@pytest.mark.thorough
@pytest.mark.case("CASES 6: a running configuration older than the file is said")
def test_a_file_that_is_not_in_force_is_an_alarm(running: Service, folder: Path) -> None:
    store = SqlStore(f"sqlite:///{folder / 'callback.db'}")

    def alarm() -> bool:
        with store.reading() as tx:
            return AlarmName.OVERTAKEN in {one.name for one in tx.alarms.standing()}

    began = time.monotonic()
    change(folder, 'name = "', 'name = "Larkmoor ')
    running.until(alarm, "the alarm")
    assert time.monotonic() - began < scaled(60)
    assert reload(folder).returncode == 0
    running.until(lambda: not alarm(), "the alarm's end")
    store.close()


def test_nobody_to_reload(folder: Path) -> None:
    refused = reload(folder)
    assert refused.returncode == 1
    assert "no `asterisk-callback serve` with" in refused.stderr and "SIGHUP" in refused.stderr


@pytest.mark.thorough
def test_new_places_for_web_and_gate(running: Service, folder: Path) -> None:
    old_web, old_gate = running.web, running.gate
    web, gate = ports.single(), ports.single()
    change(folder, f"127.0.0.1:{old_web}", f"127.0.0.1:{web}")
    change(folder, f"127.0.0.1:{old_gate}", f"127.0.0.1:{gate}")
    done = reload(folder)
    assert done.returncode == 0, done.stderr + running.log.read_text()
    running.web = web
    assert running.get("/healthz") == 200 and listening(gate)
    running.until(lambda: not listening(old_web) and not listening(old_gate), "the old to close")


@pytest.mark.thorough
def test_the_halves_on_their_own_take_it_up_at_a_hang_up(service: Service, folder: Path) -> None:
    service.stop()
    web, dispatcher = service.half("web"), service.half("dispatcher")
    try:
        service.until(lambda: service.get("/healthz") == 200, "the web to answer")
        service.until(lambda: listening(service.gate), "the gate to listen")
        good = (folder / "callback.toml").read_text()
        (folder / "callback.toml").write_text(good.replace("[limits]", "[nonsense]"))
        for half in (web, dispatcher):
            half.send_signal(signal.SIGHUP)
        service.until(lambda: service.log.read_text().count("not taken up") == 2, "both to refuse")
        (folder / "callback.toml").write_text(good.replace("Our company", "Larkmoor"))
        with Visitors(service) as visitors:
            for half in (web, dispatcher):
                half.send_signal(signal.SIGHUP)
            service.until(lambda: "Larkmoor" in service.page("/"), "the new name")
        assert set(visitors.answers) == {200}
        service.until(lambda: service.log.read_text().count("; gate on") == 2, "the next gate")
        assert listening(service.gate)
        assert web.poll() is None and dispatcher.poll() is None
    finally:
        for half in (web, dispatcher):
            half.terminate()
            half.wait(scaled(DEADLINE))
