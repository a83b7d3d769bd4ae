"""Alarms by e-mail, through the server that sends the customers' messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asterisk_callback.domain.alarm import Alarm, AlarmEvent, Notice
from asterisk_callback.notify.channels.email import Mail, MailServer, body, put_together, to_company
from asterisk_callback.notify.channels.mail_head import Head
from asterisk_callback.services.telling.outbox import Never, NotNow, ServerAway


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
