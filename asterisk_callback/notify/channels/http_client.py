"""One HTTP request to a far end that the configuration names: webhooks, a provider of SMS.

Neither a redirect is followed nor a proxy asked, so what was judged is what is spoken to.
"""

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from asterisk_callback.notify.channels.public_address import (
    Inside,
    Resolve,
    public_addresses,
    resolve,
)
from asterisk_callback.services.telling.channel import TryLater

# Of one word with the far end, and of everything.
WORD_SECONDS, ALL_SECONDS = 5.0, 20.0
# No more of an answer is read: it says whether something was taken.
ANSWER_BYTES = 64 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What the far end said. retry_after: its header, as it came."""

    status: int
    retry_after: str | None = None
    text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FarEnd:
    """url: appears in no message. allow_hosts: hosts that may have inside addresses; None: all
    may. context: for https; None: the system's authorities."""

    url: str = field(repr=False)
    allow_hosts: tuple[str, ...] | None = ()
    look_up: Resolve = resolve
    context: ssl.SSLContext | None = None

    def knock(self) -> None:
        """Is somebody there, with the host's certificate? Nothing is sent. Raises TryLater."""
        with self._connected():
            pass

    def ask(
        self,
        method: str,
        body: bytes | None,
        headers: Mapping[str, str],
        *,
        with_text: bool = False,
    ) -> Answer:
        """with_text: the answer's text is waited for. Raises TryLater if no answer came in time."""
        given = urlsplit(self.url)
        with self._connected() as wire:
            connection = HTTPConnection(given.hostname or "", given.port, timeout=WORD_SECONDS)
            connection.sock = wire
            path = (given.path or "/") + (f"?{given.query}" if given.query else "")
            connection.request(method, path, body, dict(headers))
            with closing(connection.getresponse()) as answer:
                wait = answer.headers.get("Retry-After")
                text = answer.read(ANSWER_BYTES).decode("utf-8", "replace") if with_text else ""
                return Answer(status=answer.status, retry_after=wait, text=text)

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        """Raises TryLater, also for what goes wrong inside. Ends after ALL_SECONDS in any case."""
        given = urlsplit(self.url)
        secure, host = given.scheme == "https", given.hostname or ""
        try:
            port = given.port or (443 if secure else 80)
            allowed = (host,) if self.allow_hosts is None else self.allow_hosts
            address = public_addresses(host, port, allowed, self.look_up)[0]
            plain = socket.create_connection((address, port), timeout=WORD_SECONDS)
            late = threading.Event()
            limit = threading.Timer(ALL_SECONDS, _cut, [plain, late])
            limit.daemon = True
            limit.start()
            try:
                with self._secured(plain, host) if secure else plain as wire:
                    yield wire
                if late.is_set():  # what was read until then may be half of an answer
                    raise TimeoutError
            finally:
                limit.cancel()
                plain.close()
        except Inside as error:
            raise TryLater(str(error)) from None
        except (OSError, HTTPException) as error:
            # The type alone: the text may hold the address, and the address a secret.
            raise TryLater(f"the far end can’t be reached: {type(error).__name__}") from None

    def _secured(self, plain: socket.socket, host: str) -> socket.socket:
        """The certificate must be the host's, whatever address its name has."""
        context = self.context or ssl.create_default_context()
        return context.wrap_socket(plain, server_hostname=host)


def _cut(connection: socket.socket, late: threading.Event) -> None:
    late.set()
    with suppress(OSError):  # it is gone already
        connection.shutdown(socket.SHUT_RDWR)
