"""`alarms`: what is wrong now, and what was."""

import json

import click

from asterisk_callback import bootstrap
from asterisk_callback.commands import lookup
from asterisk_callback.commands.app import App, pass_app, say


@click.command()
@click.option("--all", "past", is_flag=True, help="The last 50 that are over, too.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@pass_app
def alarms(app: App, past: bool, as_json: bool) -> None:
    """List the alarms that stand. They are raised and cleared by the dispatcher."""
    with bootstrap.ready_store(app.settings).reading() as tx:
        found = tx.alarms.standing(past=50 if past else 0)
    if as_json:
        click.echo(json.dumps([lookup.plain(alarm) for alarm in found], indent=2))
        return
    if not found:
        say("no alarm")
    zone = app.settings.company.zone
    for alarm in found:
        times = lookup.moment(alarm.raised_at, zone)
        if alarm.cleared_at:
            times += f" to {lookup.moment(alarm.cleared_at, zone)}"
        say(f"{times}  {alarm.name}: {alarm.text}")
