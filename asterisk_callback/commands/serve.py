"""`web`, `dispatcher`, and `serve`: both of them under one supervisor."""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from wsgiref.types import WSGIApplication

import click

from asterisk_callback import bootstrap
from asterisk_callback.commands import channel, children
from asterisk_callback.commands.app import App, foreseen, pass_app
from asterisk_callback.commands.channel import ControlChannel
from asterisk_callback.commands.dispatcher_lock import only_dispatcher
from asterisk_callback.commands.in_force import InForce
from asterisk_callback.commands.listen_socket import address, gate_taken, listen
from asterisk_callback.config import Settings
from asterisk_callback.store import SqlStore

if TYPE_CHECKING:
    from asterisk_callback.dispatcher.dispatcher import Dispatcher

T = TypeVar("T")

TAKEN_UP = "asterisk-callback: the configuration was taken up"
NOT_TAKEN_UP = "asterisk-callback: the configuration was not taken up, the one before goes on:"

_child = click.option("--child", is_flag=True, hidden=True, help="End when the parent ends.")
_channel = click.option("--channel", "channel_fd", type=int, hidden=True, help="To the parent.")
_standby = click.option(
    "--standby", is_flag=True, hidden=True, help="Prepare, and wait for a word."
)


@click.command()
@_child
@_channel
@_standby
@click.option("--fd", type=int, hidden=True, help="A listening socket, handed down.")
@pass_app
def web(app: App, child: bool, channel_fd: int | None, standby: bool, fd: int | None) -> None:
    """Serve the form, the status pages and the API."""
    from asterisk_callback.commands import web_server

    talk = ControlChannel.of(channel_fd)
    if child:
        children.end_with_parent(talk)
    with channel.preparing(talk):
        settings = _web_settings(app)
        if fd is None:
            listener = listen(settings.web.listen)
            click.echo(f"web on http://{address(listener)} (Ctrl-C ends it)")
        else:
            listener = socket.socket(fileno=fd)
    channel.wait_for_go(talk, standby)

    def making(chosen: Settings) -> tuple[Callable[[], WSGIApplication], int]:
        return (lambda: bootstrap.web_app(chosen)), chosen.web.trusted_proxies

    def again() -> tuple[Callable[[], WSGIApplication], int] | None:
        """At a SIGHUP, which under a supervisor is its own business."""
        other = None if child else _again(app, _web_settings)
        return making(other) if other is not None else None

    make_app, proxies = making(settings)
    web_server.run(
        make_app,
        listener,
        settings.web.threads,
        proxies,
        lambda: channel.say(talk, channel.SERVING),
        again,
    )


def _web_settings(app: App) -> Settings:
    """Checked against the database. Raises what stops a start."""
    store = bootstrap.ready_store(app.settings)
    bootstrap.own(app.settings, store)
    store.close()  # gunicorn forks; the worker connects anew
    return app.settings


def _again(app: App, prepare: Callable[[App], T]) -> T | None:
    """What the configuration is now, ready for use; None if it can't be: that is said, and the one
    before goes on."""
    try:
        prepared = prepare(app.anew())
    except foreseen() as error:
        click.echo(f"{NOT_TAKEN_UP} {error}", err=True)
        return None
    click.echo(TAKEN_UP, err=True)
    return prepared


@dataclass(frozen=True)
class _Work:
    """A dispatcher that can begin. app: with the configuration that it has."""

    app: App
    store: SqlStore
    running: "Dispatcher"
    outbox_threads: AbstractContextManager[object]


def _work(app: App) -> _Work:
    """Raises what stops a start."""
    settings = app.settings
    store = bootstrap.ready_store(settings)
    bootstrap.own(settings, store)
    running = bootstrap.dispatcher(settings, store, InForce(app))
    return _Work(app, store, running, bootstrap.outbox_threads(settings, store))


@click.command()
@_child
@_channel
@_standby
@pass_app
def dispatcher(app: App, child: bool, channel_fd: int | None, standby: bool) -> None:
    """Place the calls: the gate, and the link to Asterisk."""
    talk = ControlChannel.of(channel_fd)
    if child:
        children.end_with_parent(talk)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the parent's
    _log_to_stderr()
    with channel.preparing(talk):
        work: _Work | None = _work(app)
    gate = channel.wait_for_go(talk, standby)
    while work is not None:
        work, gate = _do(work, gate, talk, child)


def _do(
    work: _Work, gate: socket.socket | None, talk: ControlChannel | None, child: bool
) -> tuple[_Work | None, socket.socket | None]:
    """Returns what is to be done next, after a SIGHUP, and the gate's socket for it."""
    settings = work.app.settings
    try:
        with work.outbox_threads:
            with channel.preparing(talk), _alone(settings):
                following, left = asyncio.run(_dispatch(work, gate, talk, child))
            # Messages that are on their way hold up nobody who takes over.
            channel.say(talk, channel.OVER, left)
    finally:
        work.store.close()
    moved = following is not None and following.app.settings.gate.listen != settings.gate.listen
    if moved and left is not None:
        left.close()
        return following, None
    return following, left


async def _dispatch(
    work: _Work, gate: socket.socket | None, talk: ControlChannel | None, child: bool
) -> tuple[_Work | None, socket.socket | None]:
    loop, running = asyncio.get_running_loop(), work.running
    following: list[_Work] = []
    hups: set[asyncio.Task[None]] = set()

    async def again() -> None:
        # Aside: the gate answers meanwhile.
        prepared = await asyncio.to_thread(_again, work.app, _work)
        if prepared is not None and not running.context.stopping.is_set():
            following.append(prepared)
            running.hand_over()

    def hup() -> None:
        if not any(not one.done() for one in hups):
            hups.add(asyncio.create_task(again()))

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.stop)
    loop.add_signal_handler(signal.SIGUSR1, running.hand_over)
    if not child:
        loop.add_signal_handler(signal.SIGHUP, hup)
    try:
        left = await running.run(gate, lambda: channel.say(talk, channel.SERVING))
    except OSError as error:
        listens = work.app.settings.gate.listen
        raise bootstrap.SetupError(gate_taken(listens, error)) from error
    return (following[0] if following else None), left


@click.command()
@click.option("--migrate", is_flag=True, help="Upgrade a PostgreSQL database at the start, too.")
@pass_app
def serve(app: App, migrate: bool) -> None:
    """Run web and dispatcher together, and restart whichever ends."""
    settings = app.settings
    if migrate or bootstrap.database_file(settings) is not None:
        store = bootstrap.store(settings)
        done = bootstrap.upgrade(store)
        if done.before and done.changed:
            click.echo(f"asterisk-callback: {bootstrap.database_name(settings)} {done}", err=True)
    else:
        store = bootstrap.ready_store(settings)
    bootstrap.own(settings, store)
    store.close()
    # Before the fork, gunicorn for its process that only watches: what that would import by itself
    # would write to pages that all processes share.
    from asterisk_callback.commands import (
        process_supervisor,
        web_server,  # noqa: F401
    )

    listener = listen(settings.web.listen)
    click.echo(f"asterisk-callback serves http://{address(listener)} (Ctrl-C ends it)")
    process_supervisor.Supervisor(app, listener).run()


@contextlib.contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    file = bootstrap.database_file(settings)
    if file is None:
        yield
    else:
        with only_dispatcher(file):
            yield


def _log_to_stderr() -> None:
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("panoramisk").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
