"""`dialling`: stop all calls, or those of one callback queue, and go on later."""

import json

import click

from asterisk_callback import bootstrap
from asterisk_callback.commands import finding
from asterisk_callback.commands.app import App, Failure, Group, pass_app
from asterisk_callback.domain.hold import EVERYTHING
from asterisk_callback.services import hold as holding

ACTOR = "operator"
_queue = click.argument("queue", required=False)


@click.group(cls=Group)
def dialling() -> None:
    """Stop all calls, or those of one callback queue, and resume them."""


@dialling.command()
@_queue
@click.option("--reason", default="", help="For whoever asks why nobody is called.")
@pass_app
def stop(app: App, queue: str | None, reason: str) -> None:
    """Ring nobody from now on, for QUEUE or for all of them. Talks go on.

    Wishes are accepted and keep their place in line; they expire at their time as always.
    """
    scope = _scope(app, queue)
    with bootstrap.ready_store(app.settings).writing() as tx:
        stands = holding.stop(tx, scope, actor=ACTOR, reason=reason)
        again = stands.since < tx.now
    click.echo(str(stands) + (", as before" if again else ""))


@dialling.command()
@_queue
@pass_app
def resume(app: App, queue: str | None) -> None:
    """Dial again, for QUEUE, or for all whose own queue is not stopped."""
    scope = _scope(app, queue)
    with bootstrap.ready_store(app.settings).writing() as tx:
        lifted = holding.resume(tx, scope, actor=ACTOR)
        rest = tx.holds()
    what = f"calls of {scope!r}" if scope else "all calls"
    click.echo(f"{what} {'go on' if lifted else 'were not stopped'}")
    for hold in rest:
        click.echo(f"but {hold}")


@dialling.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@pass_app
def status(app: App, as_json: bool) -> None:
    """Say what is stopped, since when, by whom and why."""
    with bootstrap.ready_store(app.settings).reading() as tx:
        holds = tx.holds()
    if as_json:
        click.echo(json.dumps([finding.plain(hold) for hold in holds], indent=2))
        return
    if not holds:
        click.echo("nothing is stopped")
    for hold in holds:
        since = finding.moment(hold.since, app.settings.company.zone)
        click.echo(f"{hold} (since {since})")


def _scope(app: App, queue: str | None) -> str:
    """Raises Failure for a queue that there is not: its hold would stop nothing."""
    if queue is None or queue in app.settings.queues:
        return queue or EVERYTHING
    known = ", ".join(app.settings.queues)
    raise Failure(f"there is no callback queue {queue!r}; there are: {known}")
