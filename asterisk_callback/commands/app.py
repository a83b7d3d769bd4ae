"""What every command shares: the configuration, read on demand, and how failures are told."""

import errno
import os
from functools import cached_property
from pathlib import Path
from typing import Any

import click

from asterisk_callback import config
from asterisk_callback.config import ConfigError, Settings
from asterisk_callback.domain.errors import CallbackError
from asterisk_callback.domain.typed import escaped
from asterisk_callback.lock import AlreadyRunning


def say(line: str, *, err: bool = False) -> None:
    """Prints one line. What somebody typed is in most of them: whatever in it would steer the
    terminal, or begin a line of its own, is spelled out."""
    click.echo(escaped(line), err=err)


class Failure(click.ClickException):
    """A failure that somebody can mend: one line for each fact on stderr, exit 1, no traceback."""

    exit_code = 1

    def show(self, file: Any = None) -> None:
        for line in self.message.splitlines():
            say(f"asterisk-callback: {line}", err=True)


class App:
    """config_file: as given by --config. The configuration is read once, when first needed."""

    def __init__(self, config_file: Path | None) -> None:
        self.config_file = config_file

    @cached_property
    def settings(self) -> Settings:
        return config.load(self.config_file, os.environ)

    @property
    def again(self) -> list[str]:
        """The options with which another process of ours reads the same configuration."""
        return ["--config", str(self.config_file)] if self.config_file else []


pass_app = click.make_pass_decorator(App)


class Group(click.Group):
    """A group of commands that turns foreseeable failures into one line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ConfigError, CallbackError, AlreadyRunning) as error:
            raise Failure(str(error)) from error
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # whoever reads us has had enough, as `head` does: click ends quietly
            place = f"{error.filename}: " if error.filename else ""
            raise Failure(f"{place}{error.strerror or error}") from error
