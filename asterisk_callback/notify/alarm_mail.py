"""Alarms by e-mail, through the server that sends the customers' messages."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from asterisk_callback.domain.alarm import Alarm, AlarmEvent, Notice
from asterisk_callback.notify.email import MailServer, by_machine, hand_over, session
from asterisk_callback.services.outbox import Never, NotNow, ServerAway

log = logging.getLogger(__name__)


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
            with session(self.server) as server:
                refused = hand_over(server, self.compose(notice), self._address)
        except (Never, NotNow, ServerAway) as error:
            raise OSError(error.sentence) from None
        if refused:
            log.warning("alarm %d: the mail server refused %d addresses", notice.alarm.id, refused)

    def compose(self, notice: Notice) -> EmailMessage:
        alarm, cleared = notice.alarm, notice.event is AlarmEvent.CLEARED
        mail = EmailMessage()
        mail["From"] = self.sender
        mail["To"] = ", ".join(self.recipients)
        mail["Subject"] = _subject(alarm, notice.event)
        mail["Date"] = format_datetime((alarm.cleared_at if cleared else None) or alarm.raised_at)
        mail["Message-ID"] = self._id(alarm, notice.event)
        if cleared:
            # So that the mailbox shows the end below the beginning.
            mail["In-Reply-To"] = mail["References"] = self._id(alarm, AlarmEvent.RAISED)
        by_machine(mail)
        mail.set_content(_text(alarm, notice.event))
        return mail

    @property
    def _address(self) -> str:
        return parseaddr(self.sender)[1]

    def _id(self, alarm: Alarm, event: AlarmEvent) -> str:
        """With its time: a database that was restored gives the numbers of alarms again."""
        host = self._address.rpartition("@")[2]
        return f"<alarm-{alarm.id}-{alarm.raised_at:%Y%m%d%H%M%S}-{event}@{host}>"


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
