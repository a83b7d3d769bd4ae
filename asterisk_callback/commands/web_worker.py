"""gunicorn's worker, with a limit on how long a client may take to say what it wants, and on how
many threads and connections one address may hold.

A request that waits too long for a turn, or has to make room while it does, or still waits when we
have to end, is answered 503 by the worker itself: `refusal` of the application says with what.

Every connection that is being read holds a thread, and gunicorn waits for each byte as long as it
takes: a few dozen clients that send one now and then would keep everybody else out.
"""

import contextlib
import errno
import io
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from selectors import EVENT_READ
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from asterisk_callback.commands.fair_turns import FairTurns, lane_of
from asterisk_callback.domain import client_network

# For head and body together. A form is two packets; a slow line needs a second.
SECONDS = 10.0
# For an answer of which the client takes nothing.
STALLED = 30
# More than any form of ours: the application refuses what is longer without reading it.
LARGEST_BODY = 64 * 1024
# For a turn: longer than a browser's reader stays, and shorter than what proxies wait for.
WAITS = 30.0
# Seconds before the end of the grace after a stop: requests that still wait are answered then.
TELLS = 3.0
# A new connection that said nothing yet is about to: only after so long it is the first to go.
QUIET = 1.0
_REFUSED = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 60\r\nConnection: close\r\n\r\n"
# Bytes of a head that are looked at: more than the longest that is accepted.
_LOOK = 64 * 1024


class DeadlineWorker(ThreadWorker):  # type: ignore[misc]
    """Connections whose request is not there in time are cut; the main loop looks each second."""

    wsgi: WSGIApplication
    proxies = 0  # in front of us; set by web_server

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._reading: dict[socket.socket, float] = {}
        self._refusals = dict[str, bytes]()
        self._ends_at: float | None = None  # of the grace after a stop, monotonic
        self._turns = FairTurns[Any](self.cfg.threads, super().enqueue_req)

    def accept(self, listener: Any) -> None:
        super().accept(listener)
        if self.nr_conns >= self.worker_connections:
            self._make_room()

    def enqueue_req(self, conn: Any) -> None:
        """In gunicorn's words: a connection that may be read. One that has not said anything yet
        gets no thread: it waits where those wait that gunicorn gave up waiting for."""
        if not conn.initialized and not conn.data_ready:
            conn.timeout = time.monotonic() + self.cfg.keepalive
            self.pending_conns.append(conn)
            readable = partial(self.on_pending_socket_readable, conn)
            self.poller.register(conn.sock, EVENT_READ, readable)
            return
        conn.lane = lane_of(_look(conn.sock), _peer(conn), self.proxies)
        conn.asked = time.monotonic()
        self._turns.ask(conn.lane, conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        self._turns.over(conn.lane)
        super().finish_request(conn, fs)

    def _make_room(self) -> None:
        """Ends the oldest connection without a thread of the address that has the most of them, so
        that no address takes the last one."""
        said_nothing = time.monotonic() + self.cfg.keepalive - QUIET
        pending = self.pending_conns
        idle = [
            *(one for one in pending if one.timeout <= said_nothing),
            *self.keepalived_conns,
            *self._turns.waiting(),
            *(one for one in pending if one.timeout > said_nothing),
        ]
        if not idle:
            return
        most, _ = Counter(map(_network, idle)).most_common(1)[0]
        conn = next(one for one in idle if _network(one) == most)
        for waiting in (self.pending_conns, self.keepalived_conns):
            if conn in waiting:
                waiting.remove(conn)
                self.poller.unregister(conn.sock)
                break
        else:
            self._refuse(conn)
            return
        self.nr_conns -= 1
        conn.close()

    def _refuse(self, conn: Any) -> None:
        """Of one whose request waits for its turn: it is told so, and nothing was done."""
        self._turns.drop(conn.lane, conn)
        self.nr_conns -= 1
        api = _look(conn.sock).partition(b" ")[2].startswith(b"/api/")
        _tell(conn.sock, self._refusals["/api/" if api else "/"])
        conn.close()

    def handle_request(self, req: Any, conn: Any) -> Any:
        try:
            return super().handle_request(req, conn)
        except BlockingIOError as error:
            raise OSError(errno.EPIPE, "the client takes nothing of its answer") from error

    def handle(self, conn: Any) -> Any:
        stalled = struct.pack("ll", STALLED, 0)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, stalled)
        self._reading[conn.sock] = time.monotonic() + SECONDS
        try:
            return super().handle(conn)
        finally:
            self._reading.pop(conn.sock, None)

    def load_wsgi(self) -> None:
        super().load_wsgi()
        # Made now: while too much is asked there is no time for it.
        refusal = getattr(self.wsgi, "refusal", lambda path: _REFUSED)
        self._refusals = {path: refusal(path) for path in ("/", "/api/")}
        self.wsgi = whole_body(self.wsgi, lambda sock: self._reading.pop(sock, None))

    def murder_pending(self) -> None:
        super().murder_pending()
        now = time.monotonic()
        for sock, deadline in list(self._reading.items()):
            if deadline < now:
                self._reading.pop(sock, None)
                _cut(sock)
        if not self.alive and self._ends_at is None:
            self._ends_at = now + self.cfg.graceful_timeout
        ends = self._ends_at is not None and self._ends_at - TELLS < now
        for conn in self._turns.waiting():
            if ends or conn.asked + WAITS < now:
                self._refuse(conn)


def _peer(conn: Any) -> str:
    return str(conn.client[0]) if isinstance(conn.client, tuple) else ""


def _network(conn: Any) -> str:
    """Whose it is, once it has asked for something; behind a proxy all have the same peer."""
    lane = getattr(conn, "lane", None)
    return lane.network if lane is not None else client_network.counted(_peer(conn))


def _look(sock: socket.socket) -> bytes:
    """What is there to be read; it stays there."""
    try:
        return sock.recv(_LOOK, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except OSError:
        return b""


def _tell(sock: socket.socket, answer: bytes) -> None:
    """As much of it as goes without a wait. What was sent is taken first: a connection that is
    closed with something unread in it is reset, and its answer with it."""
    with contextlib.suppress(OSError):
        while sock.recv(LARGEST_BODY, socket.MSG_DONTWAIT):
            pass
    with contextlib.suppress(OSError):
        sock.send(answer, socket.MSG_DONTWAIT)
        sock.shutdown(socket.SHUT_WR)


def _cut(sock: socket.socket) -> None:
    """The thread that reads from it wakes up with nothing more to read."""
    with contextlib.suppress(OSError):  # it is gone already
        sock.shutdown(socket.SHUT_RDWR)


def whole_body(app: WSGIApplication, read: Callable[[socket.socket], object]) -> WSGIApplication:
    """The application is called once the body is there, or not at all: half a form is no form.

    read: called with the connection's socket as soon as nothing more has to come.
    """

    def call(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        if chunked or 0 < length <= LARGEST_BODY:
            body = environ["wsgi.input"].read(LARGEST_BODY + 1)
            if len(body) < length:
                raise OSError(errno.ECONNRESET, "the client went away in the middle of its request")
            environ["wsgi.input"] = io.BytesIO(body)
        read(environ["gunicorn.socket"])
        return app(environ, start_response)

    return call
