"""Who is told by which channels: customers by e-mail, the teams of notify mode, and operators; and
the threads that send.
"""

from functools import partial
from typing import TYPE_CHECKING

from asterisk_callback.bootstrap.rules import queues
from asterisk_callback.config.settings import MailSettings, QueueSettings, Settings
from asterisk_callback.domain.mode import Mode
from asterisk_callback.services.telling.team_page import Done
from asterisk_callback.store import SqlStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asterisk_callback.dispatcher.outbox_thread import Postman
    from asterisk_callback.domain.alarm import Notice
    from asterisk_callback.notify.channels.email import Email, MailServer
    from asterisk_callback.notify.channels.webhook import Webhook
    from asterisk_callback.services.telling.channel import Channel, Way
    from asterisk_callback.services.telling.customer import Dispatch
    from asterisk_callback.services.telling.team import TeamTelling, Tell


def team_telling(settings: Settings, made: SqlStore) -> "TeamTelling":
    from asterisk_callback.services.telling.team import TeamTelling

    channels: dict[tuple[str, str], Tell] = {}
    for name, queue in settings.queues.items():
        if queue.mode is Mode.NOTIFY:
            channels |= {(name, channel): tell for channel, tell in _ways(settings, queue).items()}
    return TeamTelling(
        store=made,
        queues=queues(settings),
        secret_key=settings.web.secret_key.get_secret_value(),
        channels=channels,
    )


def team_postman(settings: Settings, made: SqlStore) -> "Postman":
    """The thread that tells the teams, not yet started: a webhook that hangs delays no mail."""
    from asterisk_callback.dispatcher.outbox_thread import Postman

    return Postman(team_telling(settings, made).work_off)


def done(settings: Settings, made: SqlStore) -> Done:
    return Done(store=made, queues=queues(settings))


def _ways(settings: Settings, queue: QueueSettings) -> "dict[str, Tell]":
    from asterisk_callback.notify.team import TeamWords
    from asterisk_callback.services.telling.channel import Way

    words = TeamWords(
        page=partial(_page, settings.web.base_url),
        zone=queue.zone or settings.company.zone,
        mailboxes=queue.notify.email,
    )
    channels: list[Channel | None] = [
        email(settings) if queue.notify.email else None,
        team_webhook(queue),
    ]
    return {one.name: Way(channel=one, compose=words).send for one in channels if one}


def team_webhook(queue: QueueSettings) -> "Webhook | None":
    from asterisk_callback.notify.channels.webhook import Webhook

    given = queue.notify
    if given.webhook is None or given.webhook_secret is None:
        return None
    return Webhook(
        url=given.webhook.get_secret_value(),
        secret=given.webhook_secret.get_secret_value(),
        allow_hosts=given.allow_hosts,
    )


def _page(base_url: str, secret: str) -> str:
    return f"{base_url}/done/{secret}"


def alarm_channels(settings: Settings) -> "Sequence[Way[Notice]]":
    """The ways to tell of alarms that are configured. A new one: a line here."""
    from asterisk_callback.notify.operator import OperatorWords
    from asterisk_callback.services.telling.channel import Way

    words = OperatorWords(mailboxes=settings.alarms.email)
    channels: list[Channel | None] = [
        alarm_webhook(settings),
        email(settings) if settings.alarms.email else None,
    ]
    return [Way(channel=one, compose=words) for one in channels if one]


def alarm_webhook(settings: Settings) -> "Webhook | None":
    """Its host may be an inside one: its operator wrote it down."""
    from asterisk_callback.notify.channels.webhook import Webhook

    given = settings.alarms
    if given.webhook is None or given.webhook_secret is None:
        return None
    return Webhook(
        url=given.webhook.get_secret_value(),
        secret=given.webhook_secret.get_secret_value(),
        allow_hosts=None,
    )


def email(settings: Settings) -> "Email | None":
    """The channel; None if no mail is configured."""
    if settings.mail is None:
        return None
    # What writes mails takes a tenth of a start to load.
    from asterisk_callback.notify.channels.email import Email

    return Email(server=mail_server(settings.mail), sender=settings.mail.sender)


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


def customer_mail(settings: Settings) -> "Way[Dispatch] | None":
    """Messages to customers; None if no mail is configured."""
    from asterisk_callback.notify.customer import Company, CustomerWords
    from asterisk_callback.services.telling.channel import Way

    channel, company = email(settings), settings.company
    if channel is None:
        return None
    words = CustomerWords(
        company=Company(
            name=company.name,
            base_url=settings.web.base_url,
            zone=company.zone,
            country=company.country,
            phone=company.phone,
        ),
        organizer=organizer(settings),
        reply_to=settings.mail.reply_to or "" if settings.mail else "",
    )
    return Way(channel=channel, compose=words)


def postman(settings: Settings, made: SqlStore) -> "Postman":
    """The thread that works off the outbox, not yet started."""
    from asterisk_callback.dispatcher.outbox_thread import Postman
    from asterisk_callback.services.telling.outbox import Outbox

    given, way = settings.mail, customer_mail(settings)
    outbox = Outbox(
        store=made,
        queues=queues(settings),
        secret_key=settings.web.secret_key.get_secret_value(),
        send=way.send if way else None,
    )
    if given is not None:
        outbox.reminder = given.reminder or None
        outbox.per_address = given.per_address
    return Postman(outbox.work_off)
