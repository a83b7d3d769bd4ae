"""`requests`: the operator's view of callback requests."""

import json
from typing import Any

import click

from asterisk_callback import bootstrap
from asterisk_callback.commands import lookup
from asterisk_callback.commands.app import App, CommandFailure, Group, pass_app, say
from asterisk_callback.domain.errors import NotPossible
from asterisk_callback.domain.phone import mask, redact
from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.services.board.reassign import ReassignService
from asterisk_callback.services.booking import ask_again, withdraw

ACTOR = "operator"

_json = click.option("--json", "as_json", is_flag=True, help="For programs.")
_full = click.option("--full", is_flag=True, help="Show whole telephone numbers.")


@click.group(cls=Group)
def requests() -> None:
    """List, show, cancel, retry or give callback requests."""


@requests.command("list")
@click.option("--state", type=click.Choice([state.value for state in RequestState]))
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@_json
@_full
@pass_app
def list_(app: App, state: str | None, limit: int, as_json: bool, full: bool) -> None:
    """The latest callback requests, the newest first."""
    with bootstrap.ready_store(app.settings).reading() as tx:
        found = tx.requests.latest(state, limit)
    if as_json:
        click.echo(json.dumps([_data(request, full) for request in found], indent=2))
        return
    zone = app.settings.company.zone
    row = "{:>6}  {:<12}  {:<16}  {:<20}  {:<19}  {:>5}  {}"
    say(row.format("id", "state", "queue", "number", "due", "rings", "note"))
    for one in found:
        due = lookup.moment(one.due_at, zone)
        shown = lookup.number(one, full)
        say(row.format(one.id, one.state, one.queue, shown, due, one.rings, one.note).rstrip())


@requests.command()
@click.argument("request")
@_json
@_full
@pass_app
def show(app: App, request: str, as_json: bool, full: bool) -> None:
    """One callback request with its wishes, its attempts and its trail."""
    with bootstrap.ready_store(app.settings).reading() as tx:
        found = lookup.find(tx, request)
        wishes, attempts = tx.wishes.of(found.id), tx.attempts.of(found.id)
        trail = tx.trail.of(found.id)
    if as_json:
        data = _data(found, full)
        data["wishes"] = [lookup.wish(one, full) for one in wishes]
        data["attempts"] = [_without_secrets(lookup.plain(one), full) for one in attempts]
        data["trail"] = [lookup.plain(one) for one in trail]
        click.echo(json.dumps(data, indent=2))
        return
    zone = app.settings.company.zone
    for key, value in _data(found, full).items():
        if key.endswith("_at"):
            value = lookup.moment(getattr(found, key), zone)
        if value not in ("", None):
            say(f"{key:<12} {value}")
    for wish in wishes:
        say(f"wish         {lookup.wish_line(wish, zone, full)}")
    for one in attempts:
        rang = "rang" if one.rung else "did not ring"
        verdict = one.disposition or "under way"
        say(f"attempt      {lookup.moment(one.claimed_at, zone)}  {verdict}, {rang}")
    for entry in trail:
        change = f"{entry.old or ''} -> {entry.new}" if entry.new else entry.event
        at = lookup.moment(entry.at, zone)
        say(f"trail        {at}  {entry.actor}: {change} ({entry.reason})")


@requests.command()
@click.argument("request")
@pass_app
def cancel(app: App, request: str) -> None:
    """Cancel a callback request, whoever wished for it."""
    store = bootstrap.ready_store(app.settings)
    with store.reading() as tx:
        found = lookup.find(tx, request)
    done = withdraw.cancel(store, found, actor=ACTOR)
    if done.state is RequestState.CANCELLED:
        say(f"callback request {done.id} is cancelled.")
    else:
        say(f"callback request {done.id}: the phone rings already; it is being hung up.")


@requests.command()
@click.argument("request")
@pass_app
def retry(app: App, request: str) -> None:
    """Call again for a callback request that failed, expired or was cancelled.

    It becomes a new request as soon as possible, judged by the same rules as one from the form.
    """
    store = bootstrap.ready_store(app.settings)
    with store.reading() as tx:
        found = lookup.find(tx, request)
    if not found.state.can_be_asked_again:
        raise NotPossible(
            f"callback request {found.id} is {found.state}: only one that failed, expired or was "
            f"cancelled can be tried again; `asterisk-callback why {found.id}` says what it is "
            "waiting for"
        )
    booking = bootstrap.booking(app.settings, store)
    booked = ask_again.ask_again(booking, found.id, scope="cli", actor=ACTOR)
    say(f"callback request {booked.request.id} takes the place of {found.id}:")
    say(f"{app.settings.web.base_url}/c/{booked.secret}")


@requests.command()
@click.option("--from", "old", required=True, metavar="QUEUE", help="Also one that is gone.")
@click.option("--to", "new", required=True, metavar="QUEUE", help="One of callback.toml.")
@pass_app
def give(app: App, old: str, new: str) -> None:
    """Give all open callback requests of one callback queue to another: after it was renamed, say.

    Each keeps its place in line, its tries and what was promised. What could not be given is named,
    with why; exit 1 then. Said again, it tries these again.
    """
    store = bootstrap.ready_store(app.settings)
    giving = ReassignService(
        store=store, queues=bootstrap.queues(app.settings), guard=bootstrap.guard(app.settings)
    )
    given, left = giving.give_all(old, new, actor=ACTOR)
    say(f"{given} callback requests of {old} are {new}'s now." if given != 1 else
        f"1 callback request of {old} is {new}'s now.")  # fmt: skip
    if left:
        raise CommandFailure(
            "\n".join(f"callback request {one.id} was not given: {one.why}" for one in left)
        )


def _data(request: Request, full: bool) -> dict[str, Any]:
    return _without_secrets(lookup.plain(request), full)


def _without_secrets(data: dict[str, Any], full: bool) -> dict[str, Any]:
    """Numbers masked; and no token, which is nobody's business outside."""
    data.pop("token", None)
    if not full:
        data["e164"] = mask(data["e164"])
        for name in data.keys() & {"detail", "note", "about"}:
            data[name] = redact(data.get(name) or "")
    return data
