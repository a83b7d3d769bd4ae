"""The outbox without a mail server: what went out, and what became of each message."""

from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Any

from asterisk_callback.domain.customer_message import MessageKind
from asterisk_callback.notify.channels.email import Email, MailServer, Security
from asterisk_callback.notify.customer import CustomerWords, Sender
from asterisk_callback.services.telling.channel import Way
from asterisk_callback.services.telling.customer import Dispatch
from asterisk_callback.services.telling.worker import Worker
from tests.factories import Office


@dataclass
class Post:
    """A channel that takes everything, unless told what to do instead."""

    sent: list[Dispatch] = field(default_factory=list)
    instead: Callable[[Dispatch], None] | None = None

    def __call__(self, dispatch: Dispatch) -> None:
        if self.instead is not None:
            self.instead(dispatch)
        self.sent.append(dispatch)

    @property
    def kinds(self) -> list[MessageKind]:
        return [one.message.kind for one in self.sent]


def mail_server(port: int, security: Security = Security.NONE, **given: Any) -> MailServer:
    return MailServer(host="127.0.0.1", port=port, security=security, **given)


def customer_mail(server: MailServer, company: Sender, sender: str) -> Way[Dispatch]:
    """Messages to customers, as bootstrap puts them together."""
    words = CustomerWords(
        company=company, organizer=parseaddr(sender)[1], reply_to="help@example.org"
    )
    return Way(channel=Email(server=server, sender=sender), compose=words)


def work_off(worker: Worker[Any, Any]) -> None:
    while worker.work_off():
        pass


def outcomes(office: Office) -> list[tuple[str, str | None]]:
    with office.store.connect() as connection, connection.begin():
        rows = connection.exec_driver_sql("SELECT kind, outcome FROM message ORDER BY id")
        return [(row.kind, row.outcome) for row in rows]
