"""Form and API against the smallest Flask view that inserts one row durably, on the same server
with as many threads, asked by another process.

Each measurement of ours stands between two of the peer's, and is divided by their mean.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from asterisk_callback import bootstrap, config
from tests.bench.figures import CLIENTS, CROWD, Figures, beside, figure
from tests.lab import deployment_files as files
from tests.lab import ports, processes
from tests.lab.postgres import Postgres
from tests.lab.waiting import until

THREADS = 32  # as the product has them unless it is told otherwise
# Within so many seconds each of the crowd is to be kept or refused.
CROWD_SECONDS = 60


class Web:
    """The product's web and its peer, each a process of its own on an empty database."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder, self._numbers = folder, 0
        self._ports = {"peer": ports.single(), "form": ports.single()}
        self._ports["api"] = self._ports["form"]
        base = files.settings(folder, url, self._ports["form"], 4574, 5038, "not asked")
        changes = {"queues": dict.fromkeys(set(base["queues"]) - {"support"})}
        base = files.merged(base, {**changes, "web": {"threads": THREADS}})
        self._config = folder / "callback.toml"
        self._config.write_text(files.toml(base))
        store = bootstrap.store(config.load(self._config, {}))
        bootstrap.upgrade(store)
        store.close()
        peer = str(folder / "peer.db") if url.startswith("sqlite") else url
        self._children = [
            self._spawn("asterisk_callback", "--config", str(self._config), "web"),
            self._spawn("tests.bench.web_peer", peer, str(self._ports["peer"]), str(THREADS)),
        ]
        for port in set(self._ports.values()):
            until(lambda port=port: _listens(port), 60.0, f"a server on port {port}", 0.1)  # type: ignore[misc]

    def close(self) -> None:
        for child in self._children:
            processes.stop(child, signal.SIGTERM, 20.0)

    def rate(self, what: str, clients: int, seconds: float) -> float:
        """Kept a second. Raises AssertionError if anything else was answered."""
        first, self._numbers = self._numbers, self._numbers + 20_000
        given = (what, self._ports[what], clients, seconds, first % 1_000_000)
        run = subprocess.run(
            [sys.executable, "-m", "tests.bench.web_load", *map(str, given)],
            cwd=files.REPOSITORY, stdout=subprocess.PIPE, check=True, text=True,
        )  # fmt: skip
        found = json.loads(run.stdout)
        assert not found["other"], f"{what}: {found}"
        return float(found["kept"] / found["seconds"])

    def crowd(self, what: str) -> float:
        """The share of many posts at once that were kept, or refused clearly, in time."""
        given = (what, self._ports[what], CROWD, CROWD_SECONDS, 900_000)
        run = subprocess.run(
            [sys.executable, "-m", "tests.bench.web_load", "crowd", *map(str, given)],
            cwd=files.REPOSITORY, stdout=subprocess.PIPE, check=True, text=True,
        )  # fmt: skip
        answers = json.loads(run.stdout)["answers"]
        print(f"{CROWD} at once: {answers}", file=sys.stderr)
        return float(answers.get("kept", 0) + answers.get("refused", 0)) / CROWD

    def _spawn(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        environment = os.environ | {"PYTHONPATH": str(files.REPOSITORY)}
        log = self._folder / f"{module.rpartition('.')[2]}.log"
        command = [sys.executable, "-m", module, *arguments]
        return processes.spawn(command, log, self._folder, environment)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
        return True
    return False


def at_load(short: bool) -> Figures:
    """Form and API beside the peer, in pairs, and a crowd. Raises LabError."""
    with Postgres() as server:
        found = _at_load("SQLite", "", short)
        return found | _at_load("PostgreSQL", server.create_database(), short)


def _at_load(name: str, url: str, short: bool) -> Figures:
    pairs, seconds = (1, 1.0) if short else (5, 4.0)
    found: Figures = {}
    with _web(url) as web:
        for many in CLIENTS:
            for what in ("form", "api"):
                web.rate(what, many, 1.0), web.rate("peer", many, 1.0)  # warm
                peers, rates = [web.rate("peer", many, seconds)], []
                for _ in range(pairs):
                    rates.append(web.rate(what, many, seconds))
                    peers.append(web.rate("peer", many, seconds))
                found |= figure(f"web: {what} POST, {many} clients", name, rates, beside(peers))
        crowd = f"web: {CROWD} form POSTs at once, kept or refused"
        return found | figure(crowd, name, [web.crowd("form")])


@contextlib.contextmanager
def _web(url: str) -> Iterator[Web]:
    folder = Path(tempfile.mkdtemp(prefix="acb-web-", dir="/tmp"))
    try:
        url = url or f"sqlite:///{folder}/callback.db"
        with contextlib.closing(Web(folder, url)) as web:
            yield web
    finally:
        shutil.rmtree(folder, ignore_errors=True)
