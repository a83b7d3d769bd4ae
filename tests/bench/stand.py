"""A real Asterisk with many agents who answer at once, and the dispatcher as a process of its own.

Customers answer and hang up at once, so that calls cost as little as they can and what is measured
is ours.
"""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from asterisk_callback import bootstrap, config
from asterisk_callback.domain.pacing import QueueStatus
from tests.lab import deployment_files as files
from tests.lab import ports, processes
from tests.lab.pbx import Pbx
from tests.lab.trees import tree
from tests.lab.waiting import LabError, until

AGENTS = 40
_QUEUE = "bench"
_DIALPLAN = """
[bench-agents]
exten => _X.,1,Answer()
 same => n,Wait(60)
; customers: the trunk leads back to this Asterisk. Behind a Local channel alone nobody would be
; taken for a customer who answered
[from-trunk](+)
exten => _X.,1,Answer()
 same => n,Hangup()
"""
_QUEUES = f"""
[general]
persistentmembers=no
autofill=yes
[{_QUEUE}]
strategy=rrmemory
timeout=8
retry=1
ringinuse=no
"""

# Asterisk's own books cost more than its calls, and are the same for everybody.
_QUIET = {
    "cel.conf": "[general]\nenable=no\n",
    "cdr.conf": "[general]\nenable=no\n",
    "logger.conf": "[logfiles]\nfull => warning,error\n",
}


class Stand:
    """One Asterisk for all measurements. attach() brings a product on an empty database."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="acb-bench-", dir="/tmp"))
        self._gate, self._secret = ports.single(), secrets.token_hex(12)
        dialplan, manager = files.write_asterisk_files(self.folder, self._secret)
        files.write_gates(self.folder, self._gate, None)
        (self.folder / "bench.conf").write_text(_DIALPLAN)
        members = "".join(
            f"member => Local/{number}@bench-agents/n,0,Agent {number}\n"
            for number in range(1000, 1000 + AGENTS)
        )
        self.pbx = Pbx(
            tree("22"),
            dialplan_includes=[*dialplan, self.folder / "bench.conf"],
            manager_includes=manager,
            queues=(),
            agents=(),
            extra_files={"queues.conf": _QUEUES + members, **_QUIET},
        )
        self.pbx.trunks = {"trunk": self.pbx.sip_port}
        self.pbx.configure()

    def __enter__(self) -> "Stand":
        try:
            self.pbx.start()
            self.pbx.ami.action("Events", EventMask="call")  # Newchannel is all that is needed
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.pbx.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def attach(self, name: str, url: str) -> "Product":
        """The product on an empty database, migrated; its dispatcher is not started yet."""
        # The web is not started: its port is only named.
        base = files.settings(self.folder, url, 8080, self._gate, self.pbx.ami_port, self._secret)
        whisper = base["queues"]["support"]["whisper"]
        changes: dict[str, Any] = {
            "queues": dict.fromkeys(base["queues"]),  # None: left out
            "dispatcher": {"lease": 15, "reconcile_every": 30, "grace": 10},
        }
        merged = files.merged(base, changes)
        merged["queues"] = {
            "support": {
                "title": "Support",
                "asterisk_queue": _QUEUE,
                "trunk": "main",
                "whisper": whisper,
                "slots": {"capacity": 1_000_000, "notice": "0s"},
                "brief_talk": {"times": 0},
            }
        }
        config_file = self.folder / f"{name}.toml"
        config_file.write_text(files.toml(merged))
        return Product(config_file)


class Product:
    """The dispatcher's process, and our own store on its database."""

    def __init__(self, config_file: Path) -> None:
        self.config_file = config_file
        self.settings = config.load(config_file, {})
        self.store = bootstrap.store(self.settings)
        self.booking = bootstrap.booking(self.settings, self.store)
        bootstrap.upgrade(self.store)
        self._log = config_file.with_suffix(".log")
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def gate(self) -> tuple[str, int]:
        """Where the dispatcher listens for Asterisk's questions."""
        return self.settings.gate.listen.host, self.settings.gate.listen.port

    def start(self) -> None:
        """Returns when the dispatcher knows that every agent is free."""
        self._child = self.spawn("asterisk_callback", "--config", str(self.config_file),
                                 "dispatcher")  # fmt: skip
        try:
            until(self._ready, 60.0, "the dispatcher to know its agents", 0.05)
        except LabError as error:
            log = self._log.read_text(errors="replace").splitlines()[-8:]
            raise LabError("\n".join([str(error), *log])) from error

    def spawn(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Another process of the checkout's Python."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("LD_", "ASTERISK"))}
        return processes.spawn(
            [sys.executable, "-m", module, *arguments],
            self._log,
            self.config_file.parent,
            {**inherited, "PYTHONPATH": str(files.REPOSITORY)},
        )

    def wait_over(self, count: int, timeout: float = 30.0) -> None:
        """Until so many requests were completed, or the time is up: the rest counts as lost."""
        with contextlib.suppress(LabError):
            until(partial(self._over, count), timeout, f"{count} calls", 0.3)

    def cpu_seconds(self) -> float:
        """Processor time that the dispatcher has used: says more than a rate on a busy machine."""
        if self._child is None:
            return 0.0
        fields = Path(f"/proc/{self._child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # utime, stime

    def stop(self) -> None:
        processes.stop(self._child, signal.SIGTERM, 5.0)

    def close(self) -> None:
        self.stop()
        self.store.close()

    def _ready(self) -> bool:
        if not processes.alive(self._child):
            raise LabError("the dispatcher ended at its start")
        with self.store.reading() as tx:
            facts: QueueStatus = tx.servers.queue_facts(self.settings.asterisk.name, _QUEUE)
        return facts.free == AGENTS

    def _over(self, count: int) -> bool:
        with self.store.reading() as tx:
            return len(tx.requests.latest("completed", count)) >= count
