"""Messages by e-mail, and the thread that sends them."""

from typing import TYPE_CHECKING

from asterisk_callback.bootstrap.rules import queues
from asterisk_callback.config.settings import MailSettings, Settings
from asterisk_callback.store import SqlStore

if TYPE_CHECKING:
    from asterisk_callback.dispatcher.outbox_thread import Postman
    from asterisk_callback.notify.channels.email import Mailer, MailServer


def mail_server(given: MailSettings) -> "MailServer":
    from asterisk_callback.notify.channels.email import MailServer, Security

    return MailServer(
        host=given.host,
        port=given.port,
        security=Security(given.security),
        username=given.username,
        password=given.password.get_secret_value() if given.password else "",
        ca_file=str(given.ca_file) if given.ca_file else None,
    )


def organizer(settings: Settings) -> str:
    """Of calendar entries, the same on a page and in a mail: else a calendar takes the second file
    for another entry's. "" if no mail is configured."""
    from asterisk_callback.notify.channels.mail_head import address

    return address(settings.mail.sender) if settings.mail else ""


def mailer(settings: Settings) -> "Mailer | None":
    """The channel for messages to customers; None if no mail is configured."""
    from asterisk_callback.notify.channels.email import Mailer
    from asterisk_callback.notify.customer import Company

    given, company = settings.mail, settings.company
    if given is None:
        return None
    return Mailer(
        server=mail_server(given),
        sender=given.sender,
        reply_to=given.reply_to or "",
        company=Company(
            name=company.name,
            base_url=settings.web.base_url,
            zone=company.zone,
            country=company.country,
            phone=company.phone,
        ),
    )


def postman(settings: Settings, made: SqlStore) -> "Postman":
    """The thread that works off the outbox, not yet started."""
    from asterisk_callback.dispatcher.outbox_thread import Postman
    from asterisk_callback.services.telling.outbox import Outbox

    given = settings.mail
    outbox = Outbox(
        store=made,
        queues=queues(settings),
        secret_key=settings.web.secret_key.get_secret_value(),
        send=mailer(settings),
    )
    if given is not None:
        outbox.reminder = given.reminder or None
        outbox.per_address = given.per_address
    return Postman(outbox.work_off)
