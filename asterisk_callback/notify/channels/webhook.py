"""Webhooks: a signed POST of JSON (standardwebhooks.com).

Signed is `id.timestamp.body` with HMAC-SHA256. The timestamp is of this try, so that a receiver can
refuse what is old; the id stays the same at each try, so that it can drop what comes twice.
"""

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from asterisk_callback import __version__
from asterisk_callback.notify.channels.public_address import (
    Inside,
    Resolve,
    public_addresses,
    resolve,
)
from asterisk_callback.notify.channels.retry_after import retry_after
from asterisk_callback.services.telling.channel import Envelope, Never, TryLater

# Of one word with the far end, and of everything.
WORD_SECONDS, ALL_SECONDS = 5.0, 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """url, secret: appear in no message. allow_hosts: hosts that may have inside addresses; None:
    all may."""

    url: str = field(repr=False)
    secret: str = field(repr=False)
    allow_hosts: tuple[str, ...] | None = ()
    look_up: Resolve = resolve
    clock: Callable[[], float] = time.time
    context: ssl.SSLContext | None = None
    name: str = "webhook"

    def send(self, envelope: Envelope) -> None:
        """Returns once the far end said 2xx. Raises TryLater; Never after a 410: it wants no
        more."""
        body = json.dumps(dict(envelope.data)).encode()
        status, wait = self._post(body, self._headers(envelope.id, body))
        if status == 410:
            raise Never("it answered 410: it wants no more")
        if not 200 <= status < 300:
            raise TryLater(f"it answered {status}", after=retry_after(wait, self._now()))

    def _headers(self, name: str, body: bytes) -> dict[str, str]:
        moment = str(int(self.clock()))
        return {
            "Content-Type": "application/json",
            "User-Agent": f"asterisk-callback/{__version__}",
            "Webhook-Id": name,
            "Webhook-Timestamp": moment,
            "Webhook-Signature": signature(self.secret, name, moment, body),
        }

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def knock(self) -> None:
        """Is somebody there, with the host's certificate? Nothing is sent. Raises TryLater."""
        with self._connected():
            pass

    def _post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str | None]:
        """The status of the answer and its Retry-After; a redirect is not followed, and no proxy
        is asked."""
        given = urlsplit(self.url)
        with self._connected() as wire:
            connection = HTTPConnection(given.hostname or "", given.port, timeout=WORD_SECONDS)
            connection.sock = wire
            path = (given.path or "/") + (f"?{given.query}" if given.query else "")
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers.get("Retry-After")

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        """Raises TryLater, also for what goes wrong inside. Ends after ALL_SECONDS in any case."""
        given = urlsplit(self.url)
        secure, host = given.scheme == "https", given.hostname or ""
        try:
            port = given.port or (443 if secure else 80)
            address = self._address(host, port)
            plain = socket.create_connection((address, port), timeout=WORD_SECONDS)
            limit = threading.Timer(ALL_SECONDS, _cut, [plain])
            limit.daemon = True
            limit.start()
            try:
                with self._secured(plain, host) if secure else plain as wire:
                    yield wire
            finally:
                limit.cancel()
                plain.close()
        except Inside as error:
            raise TryLater(str(error)) from None
        except (OSError, HTTPException) as error:
            # The type alone: the text may hold the address, and the address a secret.
            raise TryLater(f"the far end can’t be reached: {type(error).__name__}") from None

    def _address(self, host: str, port: int) -> str:
        """Raises OSError."""
        allowed = (host,) if self.allow_hosts is None else self.allow_hosts
        return public_addresses(host, port, allowed, self.look_up)[0]

    def _secured(self, plain: socket.socket, host: str) -> socket.socket:
        """The certificate must be the host's, whatever address its name has."""
        context = self.context or ssl.create_default_context()
        return context.wrap_socket(plain, server_hostname=host)


def signature(secret: str, name: str, moment: str, body: bytes) -> str:
    signed = b".".join((name.encode(), moment.encode(), body))
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):  # it is gone already
        connection.shutdown(socket.SHUT_RDWR)
