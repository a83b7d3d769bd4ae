"""`users`: who may come inside, and as what. A password never stands in a command line."""

import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from asterisk_callback import bootstrap
from asterisk_callback.commands import lookup
from asterisk_callback.commands.app import App, CommandFailure, Group, pass_app, say
from asterisk_callback.domain.account import EVERY_QUEUE, Role, User, new_grant, who
from asterisk_callback.services.accounts.passwords import check_new
from asterisk_callback.services.accounts.second_factor import SecondFactor
from asterisk_callback.services.accounts.users import Users
from asterisk_callback.store import SqlStore

ACTOR = "operator"
_login = click.argument("login")
_role = click.argument("role", type=click.Choice([role.value for role in Role]))
_queue = click.option("--queue", default=EVERY_QUEUE, help="In this callback queue only.")
_file = click.option(
    "--password-file",
    type=click.Path(path_type=Path, allow_dash=True, dir_okay=False),
    help="Its first line is the password; - for standard input. Default: ask for it.",
)


@click.group(cls=Group)
def users() -> None:
    """Those who sign in at /login: agents, supervisors, administrators."""


@users.command()
@_login
@click.option("--name", default="", help="What others read. Default: the login name.")
@click.option("--member", default="", help="Their queue member in Asterisk, such as PJSIP/anna.")
@click.option("--role", type=click.Choice([role.value for role in Role]), help="Their role.")
@_queue
@click.option("--link", is_flag=True, help="No password: print a link with which they choose it.")
@_file
@pass_app
def add(
    app: App,
    login: str,
    name: str,
    member: str,
    role: str | None,
    queue: str,
    link: bool,
    password_file: Path | None,
) -> None:
    """Add a user who signs in as LOGIN."""
    _, made = _open(app)
    grants = (new_grant(role, queue, made.queues),) if role else ()
    password = None if link else check_new(_password(password_file), login, name)
    user = made.add(login, name, member=member, grants=grants, actor=ACTOR)
    if password is None:
        token = made.link(user.id, actor=ACTOR)
        say(f"{user.login} chooses a password within 24 hours, once, at:")
        say(f"{app.settings.web.base_url}/welcome/{token}")
    else:
        made.set_password(user.id, password, actor=ACTOR)
        say(f"{user.login} is added: {_roles(user)}")


@users.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@pass_app
def list_(app: App, as_json: bool) -> None:
    """Who there is, and as what."""
    store, _ = _open(app)
    with store.reading() as tx:
        found = tx.accounts.all()
    if as_json:
        click.echo(json.dumps([_plain(user) for user in found], indent=2))
        return
    if not found:
        say("there are no users; add one: asterisk-callback users add NAME --role …")
    for user in found:
        notes = [_roles(user), user.member or ""]
        notes += ["second factor" if user.second_factor else ""]
        notes += ["disabled" if user.disabled_at else ""]
        notes += ["no password yet" if user.password_hash is None else ""]
        say(f"{user.login}  {user.name}: " + ", ".join(note for note in notes if note))


@users.command()
@_login
@_file
@pass_app
def passwd(app: App, login: str, password_file: Path | None) -> None:
    """Give LOGIN another password; it signs them out everywhere."""
    store, made = _open(app)
    user = _user(store, login)
    made.set_password(user.id, _password(password_file), actor=ACTOR)
    say(f"{user.login} has a new password, and is signed out everywhere")


@users.command()
@_login
@click.option("--undo", is_flag=True, help="Let them in again.")
@pass_app
def disable(app: App, login: str, undo: bool) -> None:
    """Keep LOGIN out: signed out everywhere at once, and kept for the records."""
    store, made = _open(app)
    user = _user(store, login)
    done = (made.enable if undo else made.disable)(user.id, actor=ACTOR)
    state = "may sign in" if undo else "is disabled"
    say(f"{user.login} {state}" + ("" if done else ", as before"))


@users.command()
@_login
@_role
@_queue
@pass_app
def grant(app: App, login: str, role: str, queue: str) -> None:
    """Make LOGIN an agent, supervisor or administrator."""
    _change(app, login, lambda made: made.grant, role, queue)


@users.command()
@_login
@_role
@_queue
@pass_app
def revoke(app: App, login: str, role: str, queue: str) -> None:
    """Take a role from LOGIN."""
    _change(app, login, lambda made: made.revoke, role, queue)


@users.command()
@_login
@click.argument("interface", required=False)
@click.option(
    "--none", "no_member", is_flag=True, help="They have none here; Asterisk is not changed."
)
@pass_app
def member(app: App, login: str, interface: str | None, no_member: bool) -> None:
    """Say by which INTERFACE, such as PJSIP/anna, Asterisk's queues know LOGIN.

    Without it: show which, and which ones Asterisk knows.
    """
    if interface and no_member:
        raise CommandFailure("give either an interface or --none, not both")
    store, made = _open(app)
    user = _user(store, login)
    if interface or no_member:
        made.rename(user.id, user.name, interface or "", actor=ACTOR)
        user = _user(store, login)
    say(f"{user.login}: {user.member or 'no queue member'}")
    known = _known_members(app, store)
    if user.member not in known and not no_member:
        _say_known(user, known)


def _known_members(app: App, store: SqlStore) -> dict[str, str]:
    """What Asterisk's queues call each, by interface; those who are logged in."""
    with store.reading() as tx:
        found = tx.queue_members.of(app.settings.asterisk.name)
        taken = {one.member: one.login for one in tx.accounts.all()}
    return {
        one.interface: f"{one.name}, {taken[one.interface]}'s"
        if one.interface in taken
        else one.name
        for one in found
    }


def _say_known(user: User, known: dict[str, str]) -> None:
    """To stderr: what was asked for is done, and it may well be right."""
    if user.member:
        say(f"no Asterisk queue knows {user.member} right now", err=True)
    if not known:
        say("nobody is logged in to a queue, or no dispatcher runs", err=True)
        return
    say("logged in to Asterisk's queues are:", err=True)
    for interface, name in sorted(known.items()):
        say(f"  {interface}  {name}", err=True)


@users.command("totp-off")
@_login
@pass_app
def totp_off(app: App, login: str) -> None:
    """Turn LOGIN's second factor off: the phone is lost, and the recovery codes with it."""
    store, _ = _open(app)
    user = _user(store, login)
    done = SecondFactor(store=store).turn_off(user.id, actor=ACTOR)
    say(f"{user.login} signs in without a second factor" + ("" if done else ", as before"))


def _change(
    app: App, login: str, verb: Callable[[Users], Callable[..., bool]], role: str, queue: str
) -> None:
    store, made = _open(app)
    user = _user(store, login)
    done = verb(made)(user.id, role, queue, actor=ACTOR)
    say(f"{user.login}: {_roles(_user(store, login))}" + ("" if done else ", as before"))


def _open(app: App) -> tuple[SqlStore, Users]:
    store = bootstrap.ready_store(app.settings)
    return store, bootstrap.users(app.settings, store)


def _user(store: SqlStore, login: str) -> User:
    with store.reading() as tx:
        found = tx.accounts.user_by_login(who(login))
    if found is None:
        raise CommandFailure(f"there is no user {login!r}; see: asterisk-callback users list")
    return found


def _password(file: Path | None) -> str:
    if file is None:
        if not sys.stdin.isatty():
            raise CommandFailure(
                "no terminal to ask for the password; use --password-file FILE or -"
            )
        text: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return text
    with click.open_file(str(file), encoding="utf-8") as opened:
        return str(opened.readline()).rstrip("\r\n")


def _roles(user: User) -> str:
    return ", ".join(str(grant) for grant in user.grants) or "no role"


def _plain(user: User) -> dict[str, Any]:
    disabled: datetime | None = user.disabled_at
    return {
        "login": user.login,
        "name": user.name,
        "member": user.member,
        "grants": [lookup.plain(grant) for grant in user.grants],
        "second_factor": user.second_factor,
        "password": user.password_hash is not None,
        "disabled_at": disabled.isoformat() if disabled else None,
        "created_at": user.created_at.isoformat(),
    }
