"""Webhooks: a signed POST of JSON (standardwebhooks.com).

Signed is `id.timestamp.body` with HMAC-SHA256. The timestamp is of this try, so that a receiver can
refuse what is old; the id stays the same at each try, so that it can drop what comes twice.
"""

import base64
import hashlib
import hmac
import json
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from asterisk_callback import __version__
from asterisk_callback.notify.channels.http_client import FarEnd
from asterisk_callback.notify.channels.public_address import Resolve, resolve
from asterisk_callback.notify.channels.retry_after import retry_after
from asterisk_callback.services.telling.channel import Envelope, Never, TryLater


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
        """Returns once the far end said 2xx. Raises ServerAway, TryLater; Never after a 410: it
        wants no more."""
        body = json.dumps(dict(envelope.data)).encode()
        answer = self._far_end.ask("POST", body, self._headers(envelope.id, body))
        if answer.status == 410:
            raise Never("it answered 410: it wants no more")
        if not 200 <= answer.status < 300:
            wait = retry_after(answer.retry_after, self._now())
            raise TryLater(f"it answered {answer.status}", after=wait)

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
        """Is somebody there, with the host's certificate? Nothing is sent. Raises ServerAway."""
        self._far_end.knock()

    @property
    def _far_end(self) -> FarEnd:
        return FarEnd(
            url=self.url,
            allow_hosts=self.allow_hosts,
            look_up=self.look_up,
            context=self.context,
        )


def signature(secret: str, name: str, moment: str, body: bytes) -> str:
    signed = b".".join((name.encode(), moment.encode(), body))
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
