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
    from asterisk_callback.dispatcher.outbox_thread import Postman
    from asterisk_callback.notify.channels.webhook import SignedWebhook
    from asterisk_callback.services.telling.team import TeamTelling, Tell
if TYPE_CHECKING:
    from collections.abc import Sequence

    from asterisk_callback.dispatcher.outbox_thread import Postman
    from asterisk_callback.notify.channels.email import Mailer, MailServer
    from asterisk_callback.services.telling.channel import Channel


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
    from asterisk_callback.notify.team import TeamMail

    given, ways = queue.notify, dict[str, "Tell"]()
    page = partial(_page, settings.web.base_url)
    if given.email and settings.mail is not None:
        ways["email"] = TeamMail(
            server=mail_server(settings.mail),
            sender=settings.mail.sender,
            recipients=given.email,
            page=page,
            zone=queue.zone or settings.company.zone,
        )
    hook = team_webhook(settings, queue)
    if hook is not None:
        ways["webhook"] = hook
    return ways


def team_webhook(settings: Settings, queue: QueueSettings) -> "SignedWebhook | None":
    from asterisk_callback.notify.channels.webhook import SignedWebhook

    given = queue.notify
    if given.webhook is None or given.webhook_secret is None:
        return None
    return SignedWebhook(
        url=given.webhook.get_secret_value(),
        secret=given.webhook_secret.get_secret_value(),
        page=partial(_page, settings.web.base_url),
        allow_hosts=given.allow_hosts,
    )


def _page(base_url: str, secret: str) -> str:
    return f"{base_url}/done/{secret}"


def alarm_channels(settings: Settings) -> "Sequence[Channel]":
    """The ways to tell of alarms that are configured. A new one: a file in notify/, a line here."""
    given = settings.alarms
    channels: list[Channel] = []
    if given.webhook:
        from asterisk_callback.notify.operator import Webhook

        channels.append(Webhook(url=given.webhook.get_secret_value()))
    if given.email and settings.mail:
        # What writes mails takes a tenth of a start to load.
        from asterisk_callback.notify.operator import AlarmMail

        server, sender = mail_server(settings.mail), settings.mail.sender
        channels.append(AlarmMail(server=server, sender=sender, recipients=given.email))
    return channels


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
