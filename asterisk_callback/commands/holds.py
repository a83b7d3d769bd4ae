"""Stop, resume, status: of `dialling` (calls) and of `intake` (offers of callbacks), in all or in
one callback queue.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass

import click

from asterisk_callback import bootstrap
from asterisk_callback.commands import lookup
from asterisk_callback.commands.app import App, CommandFailure, Group, pass_app, say
from asterisk_callback.domain.hold import EVERYTHING, HoldKind, named
from asterisk_callback.services.calling import holds as holding

ACTOR = "operator"
_queue = click.argument("queue", required=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """The help of the group and of its commands. why: of the option for a reason."""

    group: str
    stop: str
    resume: str
    why: str


def group(kind: HoldKind, words: Words) -> click.Group:
    """The commands that hold and release this kind of thing."""
    made = Group(kind.value, help=words.group)

    @made.command(help=words.stop)
    @_queue
    @click.option("--reason", default="", help=words.why)
    @pass_app
    def stop(app: App, queue: str | None, reason: str) -> None:
        scope = _scope(app, queue)
        with bootstrap.ready_store(app.settings).writing() as tx:
            stands = holding.stop(tx, scope, actor=ACTOR, reason=reason, kind=kind)
            again = stands.since < tx.now
        say(str(stands) + (", as before" if again else ""))

    @made.command(help=words.resume)
    @_queue
    @pass_app
    def resume(app: App, queue: str | None) -> None:
        with bootstrap.ready_store(app.settings).writing() as tx:
            scope = _scope(app, queue, {hold.scope for hold in tx.holds.active(kind)})
            lifted = holding.resume(tx, scope, actor=ACTOR, kind=kind)
            rest = tx.holds.active(kind)
        say(f"{named(kind, scope)} {'go on' if lifted else 'were not stopped'}")
        for hold in rest:
            say(f"but {hold}")

    @made.command()
    @click.option("--json", "as_json", is_flag=True, help="For programs.")
    @pass_app
    def status(app: App, as_json: bool) -> None:
        """Say what is stopped, since when, by whom and why."""
        _status(app, kind, as_json)

    return made


def _status(app: App, kind: HoldKind, as_json: bool) -> None:
    with bootstrap.ready_store(app.settings).reading() as tx:
        holds = tx.holds.active(kind)
    if as_json:
        click.echo(json.dumps([lookup.plain(hold) for hold in holds], indent=2))
        return
    if not holds:
        say("nothing is stopped")
    for hold in holds:
        since = lookup.moment(hold.since, app.settings.company.zone)
        say(f"{hold} (since {since})")


def _scope(app: App, queue: str | None, stopped: Collection[str] = ()) -> str:
    """Raises CommandFailure for a queue that there is not: its hold would stop nothing. stopped:
    what may be named all the same, such as a queue that was renamed since it was stopped."""
    if queue is None or queue in app.settings.queues or queue in stopped:
        return queue or EVERYTHING
    known = ", ".join(app.settings.queues)
    raise CommandFailure(f"there is no callback queue {queue!r}; there are: {known}")


dialling = group(
    HoldKind.DIALLING,
    Words(
        group="Stop all calls, or those of one callback queue, and resume them.",
        stop="Ring nobody from now on, for QUEUE or for all of them. Talks go on.\n\n"
        "Wishes are accepted and keep their place in line; they expire at their time as always.",
        resume="Dial again, for QUEUE, or for all whose own queue is not stopped.",
        why="For whoever asks why nobody is called.",
    ),
)

intake = group(
    HoldKind.INTAKE,
    Words(
        group="Stop the taking of new wishes, in all or for one callback queue, and resume it.",
        stop="Take no new wishes from now on, for QUEUE or for all of them.\n\n"
        "The form and the API say so. Wishes that there are go on being called.",
        resume="Take wishes again, for QUEUE, or for all whose own queue is not stopped.",
        why="For whoever asks why callbacks are not offered.",
    ),
)
