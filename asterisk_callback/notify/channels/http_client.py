"""One HTTP request to a far end that the configuration names: webhooks, a provider of SMS.

Neither a redirect is followed nor a proxy asked, so what was judged is what is spoken to.
"""

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from asterisk_callback.notify.channels.public_address import (
    PrivateAddress,
    Resolve,
    public_addresses,
    resolve,
)
from asterisk_callback.services.telling.channel import ServerAway, TryLater

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
        """Is somebody there, with the host's certificate? Nothing is sent. Raises ServerAway."""
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
        """with_text: the answer's text is waited for. Raises ServerAway if it was not asked, and
        TryLater if it was and no answer came in time."""
        given = urlsplit(self.url)
        with self._connected() as wire:
            connection = HTTPConnection(given.hostname or "", given.port, timeout=WORD_SECONDS)
            connection.sock = wire
            path = (given.path or "/") + (f"?{given.query}" if given.query else "")
            connection.request(method, path, body, dict(headers))
            # What it was asked it may be doing: it is given all the time that there is.
            wire.settimeout(max(WORD_SECONDS, ALL_SECONDS))
            with closing(connection.getresponse()) as answer:
                wait = answer.headers.get("Retry-After")
                text = answer.read(ANSWER_BYTES).decode("utf-8", "replace") if with_text else ""
                return Answer(status=answer.status, retry_after=wait, text=text)

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        """Raises ServerAway; TryLater for what goes wrong inside. Ends after ALL_SECONDS in any
        case."""
        given = urlsplit(self.url)
        late = threading.Event()
        try:
            wire = self._wire(given.hostname or "", given.port, given.scheme == "https")
        except (OSError, PrivateAddress) as error:
            raise ServerAway(_why(error)) from None
        limit = threading.Timer(ALL_SECONDS, _cut, [wire, late])
        limit.daemon = True
        limit.start()
        try:
            try:
                if isinstance(wire, ssl.SSLSocket):
                    wire.do_handshake()
            except OSError as error:
                raise ServerAway(_why(error)) from None
            yield wire
            if late.is_set():  # what was read until then may be half of an answer
                raise TimeoutError
        except (OSError, HTTPException) as error:
            raise TryLater(_why(error)) from None
        finally:
            limit.cancel()
            wire.close()

    def _wire(self, host: str, port: int | None, secure: bool) -> socket.socket:
        """To the first of the host's addresses that answers; its certificate must be the host's,
        whatever address that is. Raises OSError, PrivateAddress."""
        port = port or (443 if secure else 80)
        allowed = (host,) if self.allow_hosts is None else self.allow_hosts
        plain = _first(public_addresses(host, port, allowed, self.look_up), port)
        if not secure:
            return plain
        context = self.context or ssl.create_default_context()
        # The handshake comes when the limit of time runs: it is the wrapped socket that is cut.
        return context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)


def _first(addresses: Sequence[str], port: int) -> socket.socket:
    for address in addresses[:-1]:
        with suppress(OSError):
            return socket.create_connection((address, port), timeout=WORD_SECONDS)
    return socket.create_connection((addresses[-1], port), timeout=WORD_SECONDS)


def _why(error: Exception) -> str:
    """The type alone: the text may hold the address, and the address a secret."""
    if isinstance(error, PrivateAddress):
        return str(error)
    return f"the far end can’t be reached: {type(error).__name__}"


def _cut(wire: socket.socket, late: threading.Event) -> None:
    late.set()
    with suppress(OSError):  # it is gone already
        socket.socket.shutdown(wire, socket.SHUT_RDWR)
