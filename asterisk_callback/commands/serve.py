"""`web`, `dispatcher`, and `serve`: both of them under one supervisor."""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from asterisk_callback import bootstrap
from asterisk_callback.commands import channel, children
from asterisk_callback.commands.app import App, pass_app
from asterisk_callback.commands.channel import Channel
from asterisk_callback.commands.in_force import InForce
from asterisk_callback.commands.listening import address, gate_taken, listen
from asterisk_callback.config import Settings
from asterisk_callback.lock import only_dispatcher

if TYPE_CHECKING:
    from asterisk_callback.dispatcher import Dispatcher

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

    if child:
        children.end_with_parent()
    talk = Channel.of(channel_fd)
    with channel.preparing(talk):
        settings = app.settings
        store = bootstrap.ready_store(settings)
        bootstrap.own(settings, store)
        store.close()  # gunicorn forks; the worker connects anew
        if fd is None:
            listener = listen(settings.web.listen)
            click.echo(f"web on http://{address(listener)} (Ctrl-C ends it)")
        else:
            listener = socket.socket(fileno=fd)
    channel.wait_for_go(talk, standby)
    web_server.run(
        lambda: bootstrap.web_app(settings),
        listener,
        settings.web.threads,
        settings.web.trusted_proxies,
        lambda: channel.say(talk, channel.SERVING),
    )


@click.command()
@_child
@_channel
@_standby
@pass_app
def dispatcher(app: App, child: bool, channel_fd: int | None, standby: bool) -> None:
    """Place the calls: the gate, and the link to Asterisk."""
    if child:
        children.end_with_parent()
    _log_to_stderr()
    talk = Channel.of(channel_fd)
    with channel.preparing(talk):
        settings = app.settings
        store = bootstrap.ready_store(settings)
        bootstrap.own(settings, store)
        running = bootstrap.dispatcher(settings, store, InForce(app))
        channels = (bootstrap.postman(settings, store), bootstrap.team_postman(settings, store))
    gate = channel.wait_for_go(talk, standby)
    try:
        with channels[0], channels[1]:
            with channel.preparing(talk), _alone(settings):
                left = asyncio.run(_dispatch(running, settings, gate, talk))
            # Messages that are on their way hold up nobody who takes over.
            channel.say(talk, channel.OVER, left)
    finally:
        store.close()


async def _dispatch(
    running: "Dispatcher", settings: Settings, gate: socket.socket | None, talk: Channel | None
) -> socket.socket | None:
    """Returns the gate's socket, if it was asked to hand over."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.stop)
    loop.add_signal_handler(signal.SIGUSR1, running.hand_over)
    try:
        return await running.run(gate, lambda: channel.say(talk, channel.SERVING))
    except OSError as error:
        raise bootstrap.Misfit(gate_taken(settings.gate.listen, error)) from error


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
    from asterisk_callback.commands import supervisor

    listener = listen(settings.web.listen)
    click.echo(f"asterisk-callback serves http://{address(listener)} (Ctrl-C ends it)")
    supervisor.Supervisor(app, listener).run()


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
