"""The supervisor of `serve`: two children, restarted when they die, ended together.

Two processes rather than two threads, so that neither a busy web nor a stuck one can hold up the
gate. A new configuration is taken up by new children: they prepare themselves beside the old ones,
and only when both say that nothing is wrong does the work go over to them.
"""

import contextlib
import os
import signal
import socket
import time
from dataclasses import dataclass
from types import FrameType

import click

from asterisk_callback import config
from asterisk_callback.commands import channel, children, control
from asterisk_callback.commands.app import App, CommandFailure, hand_down
from asterisk_callback.commands.children import Child, StartRefused
from asterisk_callback.commands.listen_socket import listen, listen_for_gate
from asterisk_callback.config import ConfigError, Given, Settings

_TICK = 0.2
# Generous: the old children work on meanwhile.
_PREPARES = 120.0
# A dispatcher that hands over lets go within seconds; behind it, it is killed, which harms no call.
_HANDS_OVER = 20.0


class _Signals:
    """SIGTERM and SIGINT ask for the end, SIGHUP for a reload; a second one is no different. A
    SIGHUP that says that our terminal is gone asks for the end, too; under nohup(1) there is none.
    """

    def __init__(self) -> None:
        self.stop = self.reload = False
        self._on_terminal = _terminal()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._reload)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stop = True

    def _reload(self, number: int, frame: FrameType | None) -> None:
        if self._on_terminal and not _terminal():
            self.stop = True
        else:
            self.reload = True


def _terminal() -> bool:
    """Whether we have one that can be reached (tty(4))."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


@dataclass(frozen=True)
class _Generation:
    """The children of one configuration. given_fd: where they read it, also when they are started
    again; listener: the web's socket. It stays open while the web is restarted, so that a customer
    waits a moment instead of being turned away."""

    given: Given
    settings: Settings
    given_fd: int
    listener: socket.socket
    web: Child
    dispatcher: Child

    @property
    def children(self) -> list[Child]:
        return [self.dispatcher, self.web]


def _generation(
    again: list[str], given: Given, settings: Settings, listener: socket.socket
) -> _Generation:
    given_fd = hand_down(given.dumps())
    options = [*again, "--given", str(given_fd)]
    fd = listener.fileno()
    return _Generation(
        given=given,
        settings=settings,
        given_fd=given_fd,
        listener=listener,
        web=Child("web", [*options, "web", "--child", "--fd", str(fd)], (fd, given_fd)),
        dispatcher=Child("dispatcher", [*options, "dispatcher", "--child"], (given_fd,)),
    )


class _Stopping(Exception):
    """The end was asked for meanwhile."""


class Supervisor:
    def __init__(self, app: App, listener: socket.socket) -> None:
        self._app = app
        self._signals = _Signals()
        self._now = _generation(app.again, app.given, app.settings, listener)
        # Children of the configuration before, which finish what they have in hand.
        self._leaving: list[Child] = []

    def run(self) -> None:
        """Until SIGTERM or SIGINT. Raises CommandFailure if a child can't start at all: then what
        it said on stderr is the reason, and trying again would not help."""
        with control.door(self._app.given.file) as door:
            try:
                for child in self._now.children:
                    child.start(fork=True)
                while not self._signals.stop:
                    self._tick()
                    for asked in door.asked():
                        asked.answer(*self._reload())
                    if self._signals.reload:
                        self._signals.reload = False
                        self._reload()
                    door.wait(_TICK)
            finally:
                children.end([*self._now.children, *self._leaving])

    def _tick(self) -> None:
        for child in self._now.children:
            _look(child)
        self._leaving = [
            one for one in self._leaving if one.process is not None and one.process.poll() is None
        ]

    def _reload(self) -> tuple[bool, str]:
        """Whether the configuration was taken up, and a sentence; it is said on stderr, too."""
        try:
            self._take_up()
        except (ConfigError, StartRefused, CommandFailure, OSError) as error:
            text = error.message if isinstance(error, CommandFailure) else str(error)
            _say(f"the configuration was not taken up, the one before goes on: {text}")
            return False, text
        except _Stopping:
            return False, "the service is being stopped"
        _say("the configuration was taken up")
        return True, "the configuration was taken up"

    def _take_up(self) -> None:
        """All or nothing. Raises ConfigError, StartRefused, CommandFailure, _Stopping: then nothing
        was."""
        old = self._now
        given = self._app.take()
        settings = config.understand(given)
        moved = settings.web.listen != old.settings.web.listen
        listener = listen(settings.web.listen) if moved else old.listener
        new = _generation(self._app.again, given, settings, listener)
        gate = None
        try:
            if settings.gate.listen != old.settings.gate.listen:
                gate = listen_for_gate(settings.gate.listen)
            for child in new.children:
                child.start(standby=True)
            for child in new.children:
                self._until(child, channel.PREPARED)
            new.web.go()
            self._until(new.web, channel.SERVING)
        except BaseException:
            children.end(new.children, grace=0.0)
            os.close(new.given_fd)
            if moved:
                listener.close()
            raise
        self._now = new
        children.hand_over(old.dispatcher, _HANDS_OVER)
        new.dispatcher.go(gate or old.dispatcher.handed)
        old.web.signal(signal.SIGTERM)
        self._leaving += old.children
        for one in (gate, old.dispatcher.handed, old.listener if moved else None):
            if one is not None:
                one.close()
        os.close(old.given_fd)
        with contextlib.suppress(StartRefused, _Stopping):
            self._until(new.dispatcher, channel.SERVING)

    def _until(self, child: Child, word: str) -> None:
        deadline = time.monotonic() + _PREPARES
        while not child.heard(word):
            if self._signals.stop:
                raise _Stopping
            if time.monotonic() > deadline:
                raise StartRefused(f"the new {child.name} was not ready within {_PREPARES:g} s")
            self._tick()
            time.sleep(0.02)


def _look(child: Child) -> None:
    code = child.look()
    if code is None:
        return
    if not child.proven and code in (1, 2):
        raise CommandFailure(f"{child.name} could not start; see above")
    _say(f"{child.name} ended ({code}); starting it again in {child.pause / 2:g} s")


def _say(text: str) -> None:
    for line in text.splitlines():
        click.echo(f"asterisk-callback: {line}", err=True)
