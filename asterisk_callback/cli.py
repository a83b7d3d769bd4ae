"""The command line: `asterisk-callback`."""

from pathlib import Path

import click

from asterisk_callback import __version__
from asterisk_callback.commands.app import App, Group
from asterisk_callback.commands.db import db
from asterisk_callback.commands.doctor import doctor
from asterisk_callback.commands.init import init
from asterisk_callback.commands.requests import requests
from asterisk_callback.commands.serve import dispatcher, serve, web
from asterisk_callback.commands.why import why


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="asterisk-callback")
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The configuration. Default: $ASTERISK_CALLBACK_CONFIG, ./callback.toml, "
    "/etc/asterisk-callback/callback.toml.",
)
@click.pass_context
def cli(ctx: click.Context, config_file: Path | None) -> None:
    """Web callbacks for Asterisk."""
    ctx.obj = App(config_file)


for command in (init, serve, web, dispatcher, db, doctor, requests, why):
    cli.add_command(command)


def main() -> None:
    """The entry point. Exit 0: done; 1: it failed, and stderr says why; 2: wrong usage."""
    cli(prog_name="asterisk-callback")
