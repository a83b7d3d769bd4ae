"""gunicorn, driven from code: one process with threads carries what one company needs."""

import gc
import socket
from collections.abc import Callable
from typing import Any
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from asterisk_callback.commands.web_worker import DeadlineWorker


def run(
    make_app: Callable[[], WSGIApplication],
    listener: socket.socket,
    threads: int,
    proxies: int = 0,
    serving: Callable[[], object] = lambda: None,
    again: Callable[[], tuple[Callable[[], WSGIApplication], int] | None] = lambda: None,
) -> None:
    """Serves until SIGTERM (requests in hand are finished) or SIGINT.

    proxies: how many stand in front of us. serving: called, in the worker's process, as soon as it
    takes requests. again: asked at a SIGHUP for another make_app and proxies; None: they stay. The
    address and the number of threads stay anyway.
    """
    DeadlineWorker.proxies = proxies  # before the fork
    _Server(make_app, listener, threads, serving, again).run()


# Longer than a request may take to come (web_worker) and the database to be waited for.
_FINISHES = 16


def _share_memory() -> None:
    """What is there before the fork stays shared: no collection writes to its pages. What nobody
    needs any more goes first, or it would be kept for good, once more at each reload."""
    gc.collect()
    gc.freeze()


class _Server(BaseApplication):  # type: ignore[misc]
    """make_app is called in the worker, after the fork: no connection is shared over it."""

    def __init__(
        self,
        make_app: Callable[[], WSGIApplication],
        listener: socket.socket,
        threads: int,
        serving: Callable[[], object],
        again: Callable[[], tuple[Callable[[], WSGIApplication], int] | None],
    ) -> None:
        self._make_app = make_app
        self._listener = listener
        self._threads = threads
        self._serving = serving
        self._again = again
        super().__init__()

    def reload(self) -> None:
        if (other := self._again()) is not None:
            self._make_app, DeadlineWorker.proxies = other
        super().reload()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": [f"fd://{self._listener.fileno()}"],
            "worker_class": DeadlineWorker,
            "workers": 1,
            "threads": self._threads,
            "worker_connections": 4 * self._threads + 256,
            "graceful_timeout": _FINISHES,
            "pre_fork": lambda arbiter, worker: _share_memory(),
            "post_worker_init": lambda worker: self._serving(),
            "keepalive": 5,
            "timeout": 30,
            "control_socket_disable": True,
            # Nobody may say by a header where we stand: the addresses in our pages would follow it.
            "forwarded_allow_ips": "",
            # Longer than the usual 8 kB for one field: browsers bring the cookies of all
            # applications of the domain.
            "limit_request_field_size": 32 * 1024,
            "loglevel": "warning",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        return self._make_app()
