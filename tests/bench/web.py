"""Form and API against the smallest Flask view that inserts one row durably, on the same server
with as many threads, asked by another process: python -m tests.bench.web [--pairs N] [--seconds S]

Each measurement of ours stands between two of the peer's, and is divided by their mean.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from asterisk_callback import bootstrap, config
from tests.lab import deployment_files as files
from tests.lab import ports, processes
from tests.lab.postgres import Postgres
from tests.lab.waiting import until

CLIENTS = (8, 32)
GOAL = 0.5
THREADS = 32  # as the product has them unless it is told otherwise
# At once, and within so many seconds each is to be kept or refused.
CROWD, CROWD_SECONDS = 10_000, 60


class Figure(TypedDict):
    """value: the median of n measurements; ratio: of the value to the peer's. spread: the least and
    the largest ratio, or value where there is no peer."""

    value: float
    unit: str
    peer: float | None
    ratio: float | None
    n: int
    spread: tuple[float, float]
    goal: float
    met: bool


@dataclass
class Pairs:
    """Rates a second, and each one's share of its neighbours'."""

    rates: list[float] = field(default_factory=list)
    peers: list[float] = field(default_factory=list)

    def figure(self) -> Figure:
        ratios = [rate / peer for rate, peer in zip(self.rates, self.peers, strict=True)]
        ratio = statistics.median(ratios)
        return Figure(
            value=statistics.median(self.rates),
            unit="/s",
            peer=statistics.median(self.peers),
            ratio=ratio,
            n=len(ratios),
            spread=(min(ratios), max(ratios)),
            goal=GOAL,
            met=ratio >= GOAL,
        )


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

    def crowd(self, what: str) -> Figure:
        """The share of many posts at once that were kept, or refused clearly, in time."""
        given = (what, self._ports[what], CROWD, CROWD_SECONDS, 900_000)
        run = subprocess.run(
            [sys.executable, "-m", "tests.bench.web_load", "crowd", *map(str, given)],
            cwd=files.REPOSITORY, stdout=subprocess.PIPE, check=True, text=True,
        )  # fmt: skip
        answers = json.loads(run.stdout)["answers"]
        print(f"{CROWD} at once: {answers}", file=sys.stderr)
        share = (answers.get("kept", 0) + answers.get("refused", 0)) / CROWD
        return Figure(
            value=share,
            unit="of all",
            peer=None,
            ratio=None,
            n=1,
            spread=(share, share),
            goal=1.0,
            met=share >= 1.0,
        )

    def _spawn(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        environment = os.environ | {"PYTHONPATH": str(files.REPOSITORY)}
        log = self._folder / f"{module.rpartition('.')[2]}.log"
        command = [sys.executable, "-m", module, *arguments]
        return processes.spawn(command, log, self._folder, environment)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
        return True
    return False


def figures(
    name: str, url: str, *, pairs: int = 5, seconds: float = 4.0, clients: Sequence[int] = CLIENTS
) -> dict[str, Figure]:
    """name: of the database, for the figures' names. Raises LabError."""
    with _web(url) as web:
        found = {}
        for many in clients:
            web.rate("form", many, 1.0), web.rate("peer", many, 1.0)  # warm
            measured = {"form": Pairs(), "api": Pairs()}
            before = web.rate("peer", many, seconds)
            for _ in range(pairs):
                for what, own in measured.items():
                    own.rates.append(web.rate(what, many, seconds))
                    after = web.rate("peer", many, seconds)
                    own.peers.append((before + after) / 2)
                    before = after
            for what, own in measured.items():
                found[f"web: {what} POST, {many} clients, {name}"] = own.figure()
        found[f"web: {CROWD} form POSTs at once, kept or refused, {name}"] = web.crowd("form")
        return found


@contextlib.contextmanager
def _web(url: str) -> Iterator[Web]:
    folder = Path(tempfile.mkdtemp(prefix="acb-web-", dir="/tmp"))
    try:
        url = url or f"sqlite:///{folder}/callback.db"
        with contextlib.closing(Web(folder, url)) as web:
            yield web
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the servers are ended, too
    parser = argparse.ArgumentParser(prog="python -m tests.bench.web", description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--only", choices=("SQLite", "PostgreSQL"))
    given = parser.parse_args()
    found: dict[str, Figure] = {}
    if given.only != "PostgreSQL":
        found |= figures("SQLite", "", pairs=given.pairs, seconds=given.seconds)
    if given.only != "SQLite":
        with Postgres() as server:
            url = server.create_database()
            found |= figures("PostgreSQL", url, pairs=given.pairs, seconds=given.seconds)
    print(json.dumps({"figures": found}, indent=1))


if __name__ == "__main__":
    main()
