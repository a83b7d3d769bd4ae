"""`web`, `dispatcher`, and `serve`: both of them under one supervisor."""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Iterator

import click

from asterisk_callback import bootstrap, port_owner
from asterisk_callback.commands import supervisor
from asterisk_callback.commands.app import App, pass_app
from asterisk_callback.commands.listening import address, listen
from asterisk_callback.config import Settings
from asterisk_callback.lock import only_dispatcher

_child = click.option("--child", is_flag=True, hidden=True, help="End when the parent ends.")


@click.command()
@_child
@click.option("--fd", type=int, hidden=True, help="A listening socket, handed down.")
@pass_app
def web(app: App, child: bool, fd: int | None) -> None:
    """Serve the form, the status pages and the API."""
    from asterisk_callback.commands import web_server

    if child:
        supervisor.end_with_parent()
    settings = app.settings
    store = bootstrap.ready_store(settings)
    bootstrap.own(settings, store)
    store.close()  # gunicorn forks; the worker connects anew
    if fd is None:
        listener = listen(settings.web.listen)
        click.echo(f"web on http://{address(listener)} (Ctrl-C ends it)")
    else:
        listener = socket.socket(fileno=fd)
    web_server.run(
        lambda: bootstrap.web_app(settings),
        listener,
        settings.web.threads,
        settings.web.trusted_proxies,
    )


@click.command()
@_child
@pass_app
def dispatcher(app: App, child: bool) -> None:
    """Place the calls: the gate, and the link to Asterisk."""
    if child:
        supervisor.end_with_parent()
    _log_to_stderr()
    settings = app.settings
    with _alone(settings):
        asyncio.run(_dispatch(settings))


async def _dispatch(settings: Settings) -> None:
    store = bootstrap.ready_store(settings)
    bootstrap.own(settings, store)
    running = bootstrap.dispatcher(settings, store)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.stop)
    try:
        with bootstrap.postman(settings, store), bootstrap.team_postman(settings, store):
            await running.run()
    except OSError as error:
        gate = settings.gate.listen
        sits = port_owner.at(gate.port)
        who = f"{sits} sits there" if sits else "is another dispatcher running?"
        raise bootstrap.Misfit(
            f"[gate] listen: can't listen on {gate} ({error.strerror}); {who}"
        ) from error
    finally:
        store.close()


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
    listener = listen(settings.web.listen)
    click.echo(f"asterisk-callback serves http://{address(listener)} (Ctrl-C ends it)")
    supervisor.run(app.again, listener)


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
