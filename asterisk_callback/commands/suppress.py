"""`suppress`: never call this number."""

import click

from asterisk_callback import bootstrap
from asterisk_callback.commands.app import App, pass_app, say
from asterisk_callback.domain import typed
from asterisk_callback.domain.phone import mask, parse


@click.command()
@click.argument("number")
@click.option("--reason", default="", help="For your own records.")
@click.option("--undo", is_flag=True, help="Allow calls to it again.")
@pass_app
def suppress(app: App, number: str, reason: str, undo: bool) -> None:
    """Never call NUMBER, whoever asks for it. Open requests for it end at the gate."""
    e164 = parse(number, bootstrap.number_rules(app.settings)).e164
    reason = typed.reason(reason)
    with bootstrap.ready_store(app.settings).writing() as tx:
        changed = tx.suppressions.remove(e164) if undo else tx.suppressions.add(e164, reason)
    state = "may be called again" if undo else "is never called"
    say(f"{mask(e164)} {state}" + ("" if changed else ", as before"))
