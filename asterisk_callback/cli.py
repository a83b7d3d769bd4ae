"""The command line: `asterisk-callback`."""

from importlib import import_module
from pathlib import Path

import click

from asterisk_callback import __version__
from asterisk_callback.commands.app import App, Group

# In the order of `--help`; each is imported when it is called, so that none waits for the others.
_COMMANDS = {
    "init": "init",
    "serve": "serve",
    "reload": "reload",
    "web": "serve",
    "dispatcher": "serve",
    "db": "db",
    "doctor": "doctor",
    "requests": "requests",
    "alarms": "alarms",
    "dialling": "holds",
    "intake": "holds",
    "why": "why",
    "report": "report",
    "suppress": "suppress",
    "users": "users",
    "sites": "sites",
}


class _Lazy(Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"asterisk_callback.commands.{_COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="asterisk-callback")
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The configuration. Default: $ASTERISK_CALLBACK_CONFIG, ./callback.toml, "
    "/etc/asterisk-callback/callback.toml.",
)
@click.option("--given", "given_fd", type=int, hidden=True, help="A configuration handed down.")
@click.pass_context
def cli(ctx: click.Context, config_file: Path | None, given_fd: int | None) -> None:
    """Web callbacks for Asterisk."""
    ctx.obj = App(config_file, given_fd)


def main() -> None:
    """The entry point. Exit 0: done; 1: it failed, and stderr says why; 2: wrong usage."""
    cli(prog_name="asterisk-callback")
