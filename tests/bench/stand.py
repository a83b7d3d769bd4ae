"""A real Asterisk with many agents, and the dispatcher as a process of its own.

Agents and customers are one process on a UDP socket, who answer at once; customers hang up at once:
calls cost as little as they can, and what is measured is ours.
"""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from asterisk_callback import bootstrap, config
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.telephony import contract
from tests.bench import asterisk_files, due, machine
from tests.bench.asterisk_files import QUEUE
from tests.bench.counting import Counts, Shared, of_postgresql
from tests.lab import deployment_files as files
from tests.lab import ports, processes
from tests.lab.pbx import Pbx
from tests.lab.trees import tree
from tests.lab.waiting import LabError, until

# With more of them the ports of the lab's own rtp.conf would not do.
_LAB_AGENTS = 40
WINDOW = 16  # of the dispatcher, as shipped
_OURS = (contract.CONTEXT_AGENT, contract.CONTEXT_CUSTOMER)
_BARE = (asterisk_files.BARE_AGENT, asterisk_files.BARE_CUSTOMER)


@dataclass(frozen=True, slots=True)
class BareRun:
    """began, ended: Unix times; due: by the number that is called."""

    began: float
    ended: float
    done: int
    due: dict[str, float]

    @property
    def rate(self) -> float:
        return self.done / (self.ended - self.began)


class Stand:
    """One Asterisk for all measurements. attach() brings a product on an empty database."""

    def __init__(self, agents: int) -> None:
        self.agents = agents
        self.folder = Path(tempfile.mkdtemp(prefix="acb-bench-", dir="/tmp"))
        self._gate, self._secret = ports.single(), secrets.token_hex(12)
        self._phones, self._log = ports.single(), self.folder / "invites"
        self._child: subprocess.Popen[bytes] | None = None
        self._tokens = 1
        dialplan, manager = files.write_asterisk_files(self.folder, self._secret)
        files.write_gates(self.folder, self._gate, None)
        own = self.folder / "bench.conf"
        own.write_text(asterisk_files.DIALPLAN)
        more = {
            "queues.conf": asterisk_files.queues(agents),
            **(asterisk_files.rtp(ports.lease(4 * agents)) if agents > _LAB_AGENTS else {}),
            **asterisk_files.QUIET,
        }
        self.pbx = Pbx(
            tree("22"), dialplan_includes=[*dialplan, own], manager_includes=manager,
            queues=(), agents=(), extra_files=more,
        )  # fmt: skip
        names = ("trunk", *asterisk_files.agents(agents))
        self.pbx.trunks = dict.fromkeys(names, self._phones)
        self.pbx.configure()

    def __enter__(self) -> "Stand":
        try:
            self._child = spawn(
                self.folder, "tests.bench.far_end", str(self._phones), str(self._log)
            )
            self.pbx.start()
            self.pbx.ami.action("Events", EventMask="off")  # it is not the one that listens
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        processes.kill(self._child)
        self.pbx.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def forget_invites(self) -> None:
        """The far end appends: its place is the end of what there is."""
        self._log.touch()
        os.truncate(self._log, 0)

    def invites(self) -> dict[str, float]:
        """When the far end first had an INVITE for each number (digits), since the last forget."""
        found: dict[str, float] = {}
        for line in self._log.read_text().splitlines():
            at, number = line.split()
            found.setdefault(number, float(at))
        return found

    def bare(
        self, count: int, *, window: int, pace: str = "done", seconds: float = 0.0,
        ours: bool = False,
    ) -> BareRun:  # fmt: skip
        """A client that only sends Originate. ours: through our dialplan, with the gate that says
        yes. Returns when Asterisk is idle again."""
        first, self._tokens = self._tokens, self._tokens + count
        out = self.folder / "bare.json"
        given = (
            self.pbx.ami_port, self.pbx.secret, *(_OURS if ours else _BARE), first, count, window,
            pace, seconds, self.folder / "beep", out,
        )  # fmt: skip
        with self._yes() if ours else contextlib.nullcontext():
            run = spawn(self.folder, "tests.bench.bare_client", *map(str, given))
            until(lambda: not processes.alive(run), 300.0, "the bare client", 0.05)
        if not out.exists():
            raise LabError((self.folder / "bare_client.log").read_text()[-2000:])
        found = BareRun(**json.loads(out.read_text()))
        out.unlink()
        self.rest()
        if found.done != count:
            raise LabError(f"the bare client's calls were {found.done} of {count}")
        return found

    def rest(self) -> None:
        """Asterisk is idle, and knows nothing of earlier calls."""
        self.pbx.wait_idle(60)
        self.pbx.cli(f"database deltree {contract.ASTDB_FAMILY}")

    @contextlib.contextmanager
    def _yes(self) -> Iterator[None]:
        child = spawn(self.folder, "tests.bench.yes_gate", str(self._gate))
        try:
            until(partial(_listens, self._gate), 60.0, "the gate that says yes", 0.05)
            yield
        finally:
            processes.stop(child, signal.SIGTERM, 5.0)

    def attach(self, name: str, url: str) -> "Product":
        """The product on an empty database, migrated; its dispatcher is not started yet. url: ""
        for SQLite."""
        url = url or f"sqlite:///{self.folder}/{name}.db"
        # The web is not started: its port is only named.
        base = files.settings(self.folder, url, 8080, self._gate, self.pbx.ami_port, self._secret)
        whisper = base["queues"]["support"]["whisper"]
        changes: dict[str, Any] = {
            "queues": dict.fromkeys(base["queues"]),  # None: left out
            "dispatcher": {"lease": 15, "reconcile_every": 30, "grace": 10, "window": WINDOW},
        }
        merged = files.merged(base, changes)
        merged["queues"] = {
            "support": {
                "title": "Support",
                "asterisk_queue": QUEUE,
                "trunk": "main",
                "whisper": whisper,
                "slots": {"capacity": 1_000_000, "notice": "0s"},
                "brief_talk": {"times": 0},
            }
        }
        config_file = self.folder / f"{name}.toml"
        config_file.write_text(files.toml(merged))
        return Product(config_file, self.agents)


class Product:
    """The dispatcher's process, and our own store on its database."""

    def __init__(self, config_file: Path, agents: int) -> None:
        self.config_file, self._agents = config_file, agents
        self.settings = config.load(config_file, {})
        self.store = bootstrap.store(self.settings)
        bootstrap.upgrade(self.store)
        self._shared: Shared | None = None
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, *, counted: bool = False) -> None:
        """Returns when the dispatcher knows that every agent is free."""
        given = ["asterisk_callback", "--config", str(self.config_file), "dispatcher"]
        if counted and self.store.dialect == "sqlite":
            file = self.config_file.with_suffix(".counts")
            self._shared = Shared(file)
            given = ["tests.bench.counting", str(file), *given[1:]]
        self._child = spawn(self.config_file.parent, *given)
        self._log = self.config_file.parent / f"{given[0].rpartition('.')[2]}.log"
        try:
            until(self._ready, 60.0, "the dispatcher to know its agents", 0.05)
        except LabError as error:
            log = self._log.read_text(errors="replace").splitlines()[-8:]
            raise LabError("\n".join([str(error), *log])) from error

    def wait_over(self, count: int, timeout: float) -> None:
        """Until so many requests were completed. Raises LabError."""
        until(lambda: due.completed(self.store) >= count, timeout, f"{count} calls", 0.1)

    def processor(self) -> float:
        """Seconds that the dispatcher has used."""
        return machine.processor(self._child.pid) if self._child else 0.0

    def counts(self) -> Counts:
        """Since its start (`counted`), and on PostgreSQL of all who use its database."""
        return self._shared.read() if self._shared else of_postgresql(self.store)

    def close(self) -> None:
        processes.stop(self._child, signal.SIGTERM, 5.0)
        self.store.close()

    def _ready(self) -> bool:
        if not processes.alive(self._child):
            raise LabError("the dispatcher ended at its start")
        with self.store.reading() as tx:
            facts: QueueStatus = tx.servers.queue_facts(self.settings.asterisk.name, QUEUE)
        return facts.free == self._agents


def spawn(folder: Path, module: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Another process of the checkout's Python; its log is MODULE.log."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("LD_", "ASTERISK"))}
    return processes.spawn(
        [sys.executable, "-m", module, *arguments],
        folder / f"{module.rpartition('.')[2]}.log",
        folder,
        {**inherited, "PYTHONPATH": str(files.REPOSITORY)},
    )


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
        return True
    return False
