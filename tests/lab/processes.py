"""Child processes of the lab: apart from the terminal, never left behind when Python exits."""

import atexit
import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from .speed import scaled


def children(pid: int) -> set[int]:
    """The processes that this one started, and that live."""
    return {int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


class Process(Protocol):
    """What is asked of a child, whoever its parent is. See subprocess.Popen."""

    pid: int

    def poll(self) -> int | None:
        """The exit code, or None."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for it. Raises subprocess.TimeoutExpired."""


_children: set[Process] = set()


def spawn(
    cmd: Sequence[str], log: Path, cwd: Path, env: Mapping[str, str] | None = None, **rights: Any
) -> subprocess.Popen[bytes]:
    """Start `cmd` in its own process group with its output appended to `log`.

    Without `env` it inherits ours less LD_* (an unpacked Asterisk brings its own libraries).
    """
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("LD_")}
    with log.open("ab") as out:
        child = subprocess.Popen(
            list(cmd), stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=cwd,
            env=dict(env) if env is not None else inherited, start_new_session=True, **rights,
        )  # fmt: skip
    _children.add(child)
    return child


def alive(child: Process | None) -> bool:
    """True while the child runs (a stopped one counts as running)."""
    return child is not None and child.poll() is None


def send(child: Process, number: int) -> None:
    """Signal the child's whole process group; one that has gone is no error."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)


def kill(child: Process | None) -> None:
    """SIGKILL, wait until gone. Nothing to do for None or an ended child."""
    if child is None:
        return
    if child.poll() is None:
        send(child, signal.SIGKILL)
        child.wait(scaled(60))
    _children.discard(child)


def stop(child: Process | None, number: int, grace: float) -> None:
    """Signal `number`, wait `grace` seconds, then kill."""
    if child is None:
        return
    if child.poll() is None:
        send(child, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(scaled(grace))
    kill(child)


@atexit.register
def _reap() -> None:
    for child in list(_children):
        kill(child)
