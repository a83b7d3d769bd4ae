"""`reload`: the running service takes up the configuration."""

import os

import click

from asterisk_callback import config
from asterisk_callback.commands import control
from asterisk_callback.commands.app import App, CommandFailure, pass_app


@click.command()
@pass_app
def reload(app: App) -> None:
    """Have the running `serve` take up the configuration: all of it or nothing, in the middle of
    calls, and without a page that is refused. What it says is the service's own word."""
    file = config.find(app.config_file, os.environ)
    try:
        done, text = control.ask(file)
    except control.Nobody:
        raise CommandFailure(
            f"no `asterisk-callback serve` with {file or 'this environment'} answers on this "
            "machine; start it, or as its own user or root send SIGHUP to its process"
        ) from None
    if not done:
        raise CommandFailure(f"nothing was changed, the service goes on as before:\n{text}")
    click.echo(text)
