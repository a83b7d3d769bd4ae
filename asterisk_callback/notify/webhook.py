"""Alarms by webhook: a POST of JSON to an address of the company's choice."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from asterisk_callback import __version__
from asterisk_callback.domain.alarm import Notice
from asterisk_callback.notify.channels.retry_after import retry_after
from asterisk_callback.services.telling.operator import NotDelivered

SECONDS = 5.0


class _NoRedirect(HTTPRedirectHandler):
    """A redirected POST arrives as a GET without its body: better to fail, and say so."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = build_opener(_NoRedirect)


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """url: may hold a secret, so it appears in no message."""

    url: str = field(repr=False)
    name: str = "webhook"

    def tell(self, notice: Notice) -> None:
        """Returns once the far end said 2xx. Raises OSError; NotDelivered if it says until when."""
        request = Request(  # noqa: S310 - the configuration takes http and https only
            self.url,
            data=json.dumps(body(notice)).encode(),
            headers={
                "Content-Type": "application/json",
                "User-Agent": f"asterisk-callback/{__version__}",
            },
            method="POST",
        )
        try:
            _OPENER.open(request, timeout=SECONDS).close()
        except HTTPError as error:
            error.close()
            after = retry_after(error.headers.get("Retry-After"), datetime.now(UTC))
            raise NotDelivered(f"it answered {error.code}", after) from None
        except (HTTPException, ValueError) as error:
            raise OSError(f"it does not speak HTTP: {type(error).__name__}") from None


def body(notice: Notice) -> dict[str, Any]:
    """id names the notice: one that comes twice was told twice. Instants are ISO 8601 in UTC."""
    alarm = notice.alarm
    cleared = alarm.cleared_at.isoformat() if alarm.cleared_at else None
    return {
        "id": notice.id,
        "event": notice.event.value,
        "alarm": alarm.name.value,
        "alarm_id": alarm.id,
        "server": alarm.server,
        "subject": alarm.subject,
        "text": alarm.text,
        "raised_at": alarm.raised_at.isoformat(),
        "cleared_at": cleared,
    }
