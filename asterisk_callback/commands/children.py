"""A child of the supervisor: its process, and when it may be started again."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field

import click

from asterisk_callback.commands import channel
from asterisk_callback.commands.app import CommandFailure
from asterisk_callback.commands.channel import ControlChannel
from asterisk_callback.commands.forked import Forked

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
# A child that lived this long was well: its next pause is short again.
_WELL = 60.0
# Longer than the dispatcher's own graceful stop.
_GRACE = 40.0
_PR_SET_PDEATHSIG = 1


def end_with_parent(talk: ControlChannel | None) -> None:
    """The kernel sends this process SIGTERM when its parent ends, even by SIGKILL (Linux). talk:
    tells who that is; in a container it may well be process 1, which elsewhere adopts orphans."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if talk is not None and os.getppid() != talk.maker:
        raise CommandFailure("the supervisor has ended already")


def run_command(options: list[str]) -> None:
    """As the command line does it, from within another command."""
    root = click.get_current_context().find_root()
    root.command.main(options, prog_name=root.info_name)


class StartRefused(Exception):
    """A child can't do with its configuration; says why. Nothing was changed."""


@dataclass
class Child:
    """proven: it served at least once, or stood by for it: then it is started again whenever it
    ends. said: since its start. handed: the socket that came with a word."""

    name: str
    options: list[str]
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | Forked | None = None
    started: float = 0.0
    pause: float = _FIRST_PAUSE
    again_at: float = 0.0
    proven: bool = False
    channel: ControlChannel | None = field(default=None, repr=False)
    said: set[str] = field(default_factory=set)
    handed: socket.socket | None = None

    def start(self, *, standby: bool = False, fork: bool = False) -> None:
        """standby: it prepares itself, and does nothing before it is told to. fork: with what is
        imported here already."""
        if self.channel is not None:
            self.channel.close()
        self.said.clear()
        self.channel, theirs = channel.pair()
        with theirs:
            fd = theirs.fileno()
            standing = ["--standby"] if standby else []
            options = [*self.options, "--channel", str(fd), *standing]
            fds = (*self.pass_fds, fd)
            if fork:
                self.process = Forked(lambda: run_command(options), f"acb-{self.name}", fds)
            else:
                program = [sys.executable, "-m", "asterisk_callback"]
                self.process = subprocess.Popen([*program, *options], pass_fds=fds)
        self.started = time.monotonic()
        self.proven = self.proven or standby

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
        self.proven = self.proven or self.served
        self.process = None
        if now - self.started > _WELL:
            self.pause = _FIRST_PAUSE
        self.again_at = now + self.pause
        self.pause = min(self.pause * 2, _LONGEST_PAUSE)
        return code

    def heard(self, word: str) -> bool:
        """Has it said this word since its start? Raises StartRefused if it can't do its work, or is
        gone."""
        try:
            while self.channel is not None and (said := self.channel.hear(0.0)):
                if said[0] == channel.REFUSED:
                    raise StartRefused(said[1])
                self.said.add(said[0])
                self.handed = said[2] or self.handed
        except EOFError:
            if word not in self.said:
                raise StartRefused(f"the {self.name} could not start; the log says why") from None
        return word in self.said

    @property
    def served(self) -> bool:
        """Whether it ever came so far as to do its work, this time."""
        with contextlib.suppress(StartRefused):
            return self.heard(channel.SERVING)
        return False

    def go(self, listening: socket.socket | None = None) -> None:
        assert self.channel is not None
        self.channel.say(channel.GO, listening=listening)

    def signal(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)


def hand_over(old: Child, within: float) -> None:
    """Returns when it has let go of everything, or is dead, if need be by force after `within`
    seconds; perhaps it left the gate's socket, on which Asterisk may be waiting already."""
    old.signal(signal.SIGUSR1)
    deadline = time.monotonic() + within
    while not _is_over(old):
        if time.monotonic() > deadline and old.process is not None:
            old.process.kill()
            old.process.wait()
        time.sleep(0.01)


def _is_over(old: Child) -> bool:
    # The end is looked at first, the last word read behind it: it may have come with the end.
    ended = old.process is None or old.process.poll() is not None
    with contextlib.suppress(StartRefused):
        return old.heard(channel.OVER) or ended
    return ended


def end(children: list[Child], grace: float = _GRACE) -> None:
    """All of them, together; who does not end in `grace` seconds is killed."""
    for child in children:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + grace
    for process in [child.process for child in children if child.process is not None]:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
