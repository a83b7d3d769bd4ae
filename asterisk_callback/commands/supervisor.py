"""The supervisor of `serve`: two children, restarted when they die, ended together.

Two processes rather than two threads, so that neither a busy web nor a stuck one can hold up the
gate.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from types import FrameType

import click

from asterisk_callback.commands.app import Failure

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
# A child that lived this long was well: its next pause is short again.
_WELL = 60.0
# Longer than the dispatcher's own graceful stop.
_GRACE = 40.0
_PR_SET_PDEATHSIG = 1
_TICK = 0.2


def end_with_parent() -> None:
    """The kernel sends this process SIGTERM when its parent ends, even by SIGKILL (Linux)."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == 1:
        raise Failure("the supervisor has ended already")


@dataclass
class Child:
    name: str
    command: list[str]
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = _FIRST_PAUSE
    again_at: float = 0.0
    starts: int = 0

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, pass_fds=self.pass_fds)
        self.started = time.monotonic()
        self.starts += 1

    def look(self) -> int | None:
        """Starts it if it is due. Returns the exit code if it was just found dead."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.again_at:
                self.start()
            return None
        code = self.process.poll()
        if code is None:
            return None
        self.process = None
        if now - self.started > _WELL:
            self.pause = _FIRST_PAUSE
        self.again_at = now + self.pause
        self.pause = min(self.pause * 2, _LONGEST_PAUSE)
        return code


class _Stop:
    """Set by SIGTERM and SIGINT; a second signal is no different."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True


def run(options: list[str], listener: socket.socket) -> None:
    """Runs until SIGTERM or SIGINT. listener: the web's socket; it stays open while the web is
    restarted, so that a customer waits a moment instead of being turned away.

    Raises Failure if a child can't start at all: then what it said on stderr is the reason, and
    trying again would not help.
    """
    stop = _Stop()
    program = [sys.executable, "-m", "asterisk_callback", *options]
    web = [*program, "web", "--child", "--fd", str(listener.fileno())]
    children = [
        Child("dispatcher", [*program, "dispatcher", "--child"]),
        Child("web", web, pass_fds=(listener.fileno(),)),
    ]
    try:
        while not stop.asked:
            for child in children:
                _look(child)
            time.sleep(_TICK)
    finally:
        _end(children)


def _look(child: Child) -> None:
    code = child.look()
    if code is None:
        return
    if child.starts == 1 and code in (1, 2):
        raise Failure(f"{child.name} could not start; see above")
    click.echo(
        f"asterisk-callback: {child.name} ended ({code}); starting it again in "
        f"{child.pause / 2:g} s",
        err=True,
    )


def _end(children: list[Child]) -> None:
    alive = [child.process for child in children if child.process is not None]
    for process in alive:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + _GRACE
    for process in alive:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
