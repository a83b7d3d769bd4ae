"""Alarms to operators: by e-mail, through the server that sends the customers' messages, and by
webhook, as a POST of JSON to an address of the company's choice.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from asterisk_callback import __version__
from asterisk_callback.domain.alarm import Alarm, AlarmEvent, Notice
from asterisk_callback.notify.channels.email import Mail, MailServer, body, put_together, to_company
from asterisk_callback.notify.channels.mail_head import Head
from asterisk_callback.notify.channels.retry_after import retry_after
from asterisk_callback.services.telling.channel import Never, NotNow, ServerAway
from asterisk_callback.services.telling.operator import NotDelivered


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmMail:
    """One mail for all recipients. sender, recipients: "Name <address>" or an address each."""

    server: MailServer
    sender: str
    recipients: Sequence[str]
    name: str = "email"

    def tell(self, notice: Notice) -> None:
        """Returns once the server took it for at least one recipient. Raises OSError."""
        try:
            to_company(self.server, self.compose(notice), f"alarm {notice.alarm.id}")
        except (Never, NotNow, ServerAway) as error:
            raise OSError(error.sentence) from None

    def compose(self, notice: Notice) -> Mail:
        alarm, cleared = notice.alarm, notice.event is AlarmEvent.CLEARED
        head = Head(
            sender=self.sender,
            to=self.recipients,
            subject=_subject(alarm, notice.event),
            date=(alarm.cleared_at if cleared else None) or alarm.raised_at,
            id=_id(alarm, notice.event),
            # So that the mailbox shows the end below the beginning.
            answers=_id(alarm, AlarmEvent.RAISED) if cleared else "",
        )
        return put_together(head, body(_text(alarm, notice.event)))


def _id(alarm: Alarm, event: AlarmEvent) -> str:
    """With its time: a database that was restored gives the numbers of alarms again."""
    return f"alarm-{alarm.id}-{alarm.raised_at:%Y%m%d%H%M%S}-{event}"


def _subject(alarm: Alarm, event: AlarmEvent) -> str:
    where = " ".join(one for one in (alarm.server, alarm.subject) if one)
    return f"[asterisk-callback] alarm {event}: {alarm.name}{f' ({where})' if where else ''}"


def _text(alarm: Alarm, event: AlarmEvent) -> str:
    lines = [alarm.text, "", f"Raised {_clock(alarm.raised_at)}."]
    if event is AlarmEvent.CLEARED and alarm.cleared_at:
        lines = ["It is over. It was:", "", *lines, f"Cleared {_clock(alarm.cleared_at)}."]
    else:
        lines += ["", "`asterisk-callback doctor` says what is wrong and how to mend it,"]
        lines += ["`asterisk-callback alarms` what stands in the way of calls right now."]
    return "\n".join(lines) + "\n"


def _clock(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"


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
            data=json.dumps(alarm_body(notice)).encode(),
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


def alarm_body(notice: Notice) -> dict[str, Any]:
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
