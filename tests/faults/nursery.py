"""Starts the product's processes without their imports: a parent that has done them forks.

Starting Python and importing the product costs more processor time than most faults take, so one
parent per kind of process imports everything once. What runs in the child is `cli.main`, as the
command does; it is killed, stopped and waited for like any other process.
"""

import contextlib
import importlib
import json
import multiprocessing
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.lab.deployment_files import REPOSITORY
from tests.lab.speed import scaled
from tests.lab.waiting import PATIENCE, LabError

# The dispatcher never loads Flask, here neither.
IMPORTS = {
    "web": ("asterisk_callback.commands.serve", "asterisk_callback.commands.web_server",
            "asterisk_callback.bootstrap", "flask_app", "gunicorn.workers.gthread",
            "jinja2.ext", "encodings.idna", "phonenumbers.data.region_GB",
            "phonenumbers.shortdata.region_GB",
            "gunicorn.arbiter", "psycopg", "sqlalchemy.dialects.postgresql.psycopg",
            "sqlalchemy.dialects.sqlite"),
    "dispatcher": ("asterisk_callback.commands.serve", "asterisk_callback.dispatcher.dispatcher",
                   "asterisk_callback.bootstrap", "asterisk_callback.commands.db",
                   "asterisk_callback.notify.operator",
                   "asterisk_callback.dispatcher.outbox_thread", "alembic.command",
                   "apscheduler.executors.asyncio", "phonenumbers.data.region_GB", "psycopg",
                   "sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.sqlite"),
}  # fmt: skip


class Child:
    """A process of a nursery, with the part of Popen's face that the lab uses."""

    def __init__(self, pid: int, ended: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = ended  # a pipe: the nursery writes the exit code
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """The exit code (negative: the signal), or None while it lives."""
        return self._look(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end. Raises subprocess.TimeoutExpired."""
        code = self._look(-1 if timeout is None else timeout)
        if code is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return code

    def _look(self, timeout: float) -> int | None:
        with self._lock:
            if self.returncode is None:
                poll = select.poll()
                poll.register(self._ended, select.POLLIN)
                if poll.poll(timeout * 1000 if timeout >= 0 else None):
                    self.returncode = int(os.read(self._ended, 32) or b"-9")
                    os.close(self._ended)
            return self.returncode


class Nursery:
    """One parent process; `kind` is a key of IMPORTS."""

    def __init__(self, kind: str) -> None:
        self._lock = multiprocessing.get_context("fork").Lock()  # our forks use it, too
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery", kind], cwd=REPOSITORY,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
            env={k: v for k, v in os.environ.items() if not k.startswith(("LD_", "ASTERISK"))},
        )  # fmt: skip
        assert self._parent.stdin is not None

    def close(self) -> None:
        """End it, and its children with it."""
        assert self._parent.stdin is not None
        self._parent.stdin.close()
        self._parent.wait(scaled(PATIENCE))

    def spawn(self, options: list[str], log: Path, cwd: Path, clock: Path | None) -> Child:
        """Start `asterisk-callback OPTION...` in a process group of its own."""
        pipe = cwd / f"ended-{os.urandom(6).hex()}"
        os.mkfifo(pipe)
        ended = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        order = {"options": options, "log": str(log), "cwd": str(cwd), "ended": str(pipe),
                 "clock": str(clock) if clock else ""}  # fmt: skip
        with self._lock:
            assert self._parent.stdin is not None and self._parent.stdout is not None
            self._parent.stdin.write(json.dumps(order).encode() + b"\n")
            self._parent.stdin.flush()
            answer = self._parent.stdout.readline()
        pipe.unlink()
        if not answer:
            raise LabError("the nursery of the product's processes has ended")
        return Child(int(answer), ended)


_nurseries: dict[str, Nursery] = {}


def nursery(kind: str) -> Nursery:
    """The "web" or "dispatcher" one of this process, and of those that it forks from then on."""
    if kind not in _nurseries:
        _nurseries[kind] = Nursery(kind)
    return _nurseries[kind]


def close_all() -> None:
    """To be called by who made them, last."""
    while _nurseries:
        _nurseries.popitem()[1].close()


# -- the parent


def _serve(kind: str) -> dict[str, Any]:
    """Fork at each order; returns in the child, with its order. The parent never returns."""
    for name in IMPORTS[kind]:
        importlib.import_module(name)
    waits: dict[int, int] = {}
    poll = select.poll()
    poll.register(0, select.POLLIN)
    while True:
        if poll.poll(20):
            line = os.read(0, 65536)  # one order at a time: its answer is waited for
            if not line:
                for pid in waits:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(pid, signal.SIGKILL)
                os._exit(0)
            order: dict[str, Any] = json.loads(line)
            # Who asked may have been killed since: without this we would wait for it for good.
            ended = os.open(order["ended"], os.O_WRONLY | os.O_NONBLOCK)
            child = os.fork()
            if child == 0:
                return order
            waits[child] = ended
            os.write(1, f"{child}\n".encode())
        _reap(waits)


def _reap(waits: dict[int, int]) -> None:
    while waits:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        with contextlib.suppress(OSError):
            os.write(waits[pid], str(os.waitstatus_to_exitcode(status)).encode())
        os.close(waits.pop(pid))


def _become(order: Mapping[str, Any]) -> None:
    os.setsid()
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.closerange(3, 256)
    os.chdir(order["cwd"])
    sys.argv[:] = ["asterisk-callback", *order["options"]]
    os.environ["PYTHONUNBUFFERED"] = "1"
    if order["clock"]:
        from tests.faults.moved_clock import follow

        follow(Path(order["clock"]))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who asked for us
    given = _serve(sys.argv[1])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _become(given)
    from asterisk_callback.cli import main

    main()
