"""`why`: why has this one not been called yet?"""

import json

import click

from asterisk_callback import bootstrap
from asterisk_callback.commands import lookup
from asterisk_callback.commands.app import App, pass_app, say
from asterisk_callback.domain.wish import standing
from asterisk_callback.services.status.facts import read_facts
from asterisk_callback.services.status.line import expected_for
from asterisk_callback.services.status.why import explain


@click.command()
@click.argument("request")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@pass_app
def why(app: App, request: str, as_json: bool) -> None:
    """Say why REQUEST (its number or its public id) has not been called yet."""
    settings = app.settings
    with bootstrap.ready_store(settings).reading() as tx:
        found = lookup.find(tx, request)
        queue = bootstrap.queues(settings).get(found.queue)
        facts = read_facts(tx, found, queue, bootstrap.guard(settings))
        reason = explain(facts)
        expected = expected_for(tx, facts, reason)
        wishes = standing(tx.wishes.of(found.id))
    if as_json:
        data = {"id": found.id, "state": found.state, **lookup.plain(reason)}
        data["expected"] = lookup.plain(expected) if expected else None
        data["wishes"] = [lookup.wish(one, full=False) for one in wishes]
        click.echo(json.dumps(data))
        return
    say(f"{found.state}: {reason.reason}" + (f" ({reason.detail})" if reason.detail else ""))
    if reason.ahead:
        say(f"before it in line: {reason.ahead}")
    if reason.until:
        until = lookup.moment(reason.until, settings.company.zone)
        say(f"until: {until} {settings.company.zone}")
    if expected:
        ends = (expected.earliest, expected.latest)
        times = " and ".join(lookup.moment(one, settings.company.zone) for one in ends)
        say(f"expected between {times} {settings.company.zone}")
    say(f"the customer reads: {reason.sentence}")
    for one in wishes:
        say(f"wish: {lookup.wish_line(one, settings.company.zone, full=False)}")
