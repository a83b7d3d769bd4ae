"""gunicorn's worker, with a limit on how long a client may take to say what it wants.

Every connection that is being read holds a thread, and gunicorn waits for each byte as long as it
takes: a few dozen clients that send one now and then would keep everybody else out.
"""

import contextlib
import errno
import io
import socket
import time
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

# For head and body together. A form is two packets; a slow line needs a second.
SECONDS = 10.0
# More than any form of ours: the application refuses what is longer without reading it.
LARGEST_BODY = 64 * 1024


class DeadlineWorker(ThreadWorker):  # type: ignore[misc]
    """Connections whose request is not there in time are cut; the main loop looks each second."""

    wsgi: WSGIApplication

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._reading: dict[socket.socket, float] = {}

    def handle(self, conn: Any) -> Any:
        self._reading[conn.sock] = time.monotonic() + SECONDS
        try:
            return super().handle(conn)
        finally:
            self._reading.pop(conn.sock, None)

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self.wsgi = whole_body(self.wsgi, lambda sock: self._reading.pop(sock, None))

    def murder_pending(self) -> None:
        super().murder_pending()
        now = time.monotonic()
        for sock, deadline in list(self._reading.items()):
            if deadline < now:
                self._reading.pop(sock, None)
                _cut(sock)


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
