"""The command line: `asterisk-callback`."""

from importlib import import_module
from pathlib import Path

import click

from asterisk_callback import __version__
from asterisk_callback.commands.app import App, Group

# In the order of `--help`: the module, which is imported when the command is called, so that none
# waits for the others; and what `--help` says of it, a test holds to the command's own first words.
_COMMANDS = {
    "init": ("init", "Write a commented callback.toml and the files for Asterisk into DIRECTORY."),
    "serve": ("serve", "Run web and dispatcher together, and restart whichever ends."),
    "reload": (
        "reload",
        "Have the running `serve` take up the configuration: all of it or nothing, in the middle "
        "of calls, and without a page that is refused.",
    ),
    "web": ("serve", "Serve the form, the status pages and the API."),
    "dispatcher": ("serve", "Place the calls: the gate, and the link to Asterisk."),
    "db": ("db", "Upgrade, inspect or back up the database."),
    "doctor": ("doctor", "Check everything; exit 1 if anything is wrong."),
    "requests": ("requests", "List, show, cancel, retry or give callback requests."),
    "alarms": ("alarms", "List the alarms that stand."),
    "dialling": ("holds", "Stop all calls, or those of one callback queue, and resume them."),
    "intake": (
        "holds",
        "Stop the taking of new wishes, in all or for one callback queue, and resume it.",
    ),
    "why": ("why", "Say why REQUEST (its number or its public id) has not been called yet."),
    "report": ("report", "Promises kept, waits and outcomes of some days, by the company's clock."),
    "suppress": ("suppress", "Never call NUMBER, whoever asks for it."),
    "users": ("users", "Those who sign in at /login: agents, supervisors, administrators."),
    "sites": ("sites", "The websites that embed the form."),
}


class _Lazy(Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"asterisk_callback.commands.{_COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """As click does it, without an import of each command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in _COMMANDS.items()])


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
