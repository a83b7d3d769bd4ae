"""What every command shares: the configuration, read on demand, and how failures are told.

`--help` of every command waits for this module: what reads a configuration, or knows a database, is
imported where it is used.
"""

import errno
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from asterisk_callback.commands.dispatcher_lock import AlreadyRunning
from asterisk_callback.domain.errors import CallbackError
from asterisk_callback.domain.typed import escaped

if TYPE_CHECKING:
    from asterisk_callback.config import Given, Settings


def say(line: str, *, err: bool = False) -> None:
    """Prints one line. What somebody typed is in most of them: whatever in it would steer the
    terminal, or begin a line of its own, is spelled out."""
    click.echo(escaped(line), err=err)


def foreseen() -> tuple[type[Exception], ...]:
    """What somebody can fix; everything else is a fault of ours."""
    from asterisk_callback.config.problems import ConfigError

    return (ConfigError, CallbackError, AlreadyRunning, OSError, CommandFailure)


class CommandFailure(click.ClickException):
    """A failure that somebody can mend: one line for each fact on stderr, exit 1, no traceback."""

    exit_code = 1

    def show(self, file: Any = None) -> None:
        for line in self.message.splitlines():
            say(f"asterisk-callback: {line}", err=True)


class App:
    """config_file: as given by --config. The configuration is read once, when first needed; or it
    was handed down by the parent, in the file `given_fd`."""

    def __init__(self, config_file: Path | None, given_fd: int | None = None) -> None:
        self.config_file = config_file
        self._given_fd = given_fd

    @cached_property
    def settings(self) -> "Settings":
        from asterisk_callback import config

        return config.understand(self.given)

    @cached_property
    def given(self) -> "Given":
        if self._given_fd is None:
            return self.take()
        from asterisk_callback.config import Given

        return Given.loads(handed_down(self._given_fd))

    def take(self) -> "Given":
        """What is given now, which may be something else than at the start. Raises ConfigError."""
        from asterisk_callback import config

        return config.take(self.config_file, os.environ)

    def anew(self) -> "App":
        """The same, for whom the configuration is read once more."""
        return App(self.config_file)

    @property
    def again(self) -> list[str]:
        """The options with which another process of ours reads the same configuration."""
        return ["--config", str(self.config_file)] if self.config_file else []


def hand_down(text: str) -> int:
    """A file without a name, for children that inherit it: no secret is on a disk or in a list of
    processes."""
    fd = os.memfd_create("asterisk-callback")
    os.write(fd, text.encode())
    return fd


def handed_down(fd: int) -> str:
    return os.pread(fd, os.fstat(fd).st_size, 0).decode()


pass_app = click.make_pass_decorator(App)


class Group(click.Group):
    """A group of commands that turns foreseeable failures into one line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            if isinstance(error, click.ClickException | click.exceptions.Exit | click.Abort):
                raise  # without a look at what the configuration may raise: `X --help` ends so
            if not isinstance(error, foreseen()):
                raise
            if not isinstance(error, OSError):
                raise CommandFailure(str(error)) from error
            if error.errno == errno.EPIPE:
                raise  # whoever reads us has had enough, as `head` does: click ends quietly
            place = f"{error.filename}: " if error.filename else ""
            raise CommandFailure(f"{place}{error.strerror or error}") from error
