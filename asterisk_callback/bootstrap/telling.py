"""Who is told by which channels: customers by e-mail, the teams of notify mode, and operators; and
the threads that send.
"""

from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from asterisk_callback.bootstrap.rules import queues
from asterisk_callback.config.channels import ChannelSettings
from asterisk_callback.config.delivery import NotifySettings
from asterisk_callback.config.settings import AlarmSettings, MailSettings, QueueSettings, Settings
from asterisk_callback.domain.customer_message import ReachedBy
from asterisk_callback.services.telling.team_page import TeamPage
from asterisk_callback.store import SqlStore

if TYPE_CHECKING:
    from asterisk_callback.dispatcher.outbox_thread import OutboxThreads
    from asterisk_callback.domain.alarm import Notice
    from asterisk_callback.notify.channels.email import Email, MailServer
    from asterisk_callback.notify.channels.webhook import Webhook
    from asterisk_callback.notify.customer import CustomerWords
    from asterisk_callback.services.telling.channel import CheckedChannel, Way
    from asterisk_callback.services.telling.customer import Dispatch
    from asterisk_callback.services.telling.outbox import Outbox, Telling
    from asterisk_callback.services.telling.team import TeamTelling, Tell
    from asterisk_callback.services.telling.worker import Worker


def team_telling(settings: Settings, made: SqlStore) -> "TeamTelling":
    from asterisk_callback.services.telling.team import TeamTelling

    channels: dict[tuple[str, str], Tell] = {}
    for name, queue in settings.queues.items():
        if not queue.mode.rules.makes_calls:
            ways = _ways(settings, name, queue).items()
            channels |= {(name, channel): tell for channel, tell in ways}
    return TeamTelling(
        store=made,
        queues=queues(settings),
        secret_key=settings.web.secret_key.get_secret_value(),
        channels=channels,
    )


def done(settings: Settings, made: SqlStore) -> TeamPage:
    return TeamPage(store=made, queues=queues(settings))


def _ways(settings: Settings, name: str, queue: QueueSettings) -> "dict[str, Tell]":
    """By which channels the team of this callback queue is told, by the channel's name."""
    from asterisk_callback.notify.team import TeamWords
    from asterisk_callback.services.telling.channel import Way

    def words(*, mailboxes: Sequence[str] = (), numbers: Sequence[str] = ()) -> TeamWords:
        return TeamWords(
            page=partial(_page, settings.web.base_url),
            zone=queue.zone or settings.company.zone,
            mailboxes=mailboxes,
            numbers=numbers,
        )

    mailboxes = queue.notify.email
    to_mailboxes = words(mailboxes=mailboxes)
    ways = [
        Way(channel=one, compose=to_mailboxes)
        for one in (email(settings) if mailboxes else None, team_webhook(queue))
        if one
    ]
    ways += [
        Way(channel=channel(other, given), compose=words(numbers=given.teams[name]))
        for other, given in settings.channels.given().items()
        if given.teams.get(name)
    ]
    return {way.name: way.send for way in ways}


def channel(name: str, given: ChannelSettings) -> "CheckedChannel":
    """A channel of [channels]: the module of its name in notify/channels makes it."""
    module = import_module(f"asterisk_callback.notify.channels.{name}")
    made: CheckedChannel = module.channel(**given.transport)
    return made


def team_webhook(queue: QueueSettings) -> "Webhook | None":
    return _webhook(queue.notify, queue.notify.allow_hosts)


def _webhook(
    given: NotifySettings | AlarmSettings, allow_hosts: tuple[str, ...] | None
) -> "Webhook | None":
    """allow_hosts: those of the inside that it may be on; None: any."""
    from asterisk_callback.notify.channels.webhook import Webhook

    if given.webhook is None or given.webhook_secret is None:
        return None
    return Webhook(
        url=given.webhook.get_secret_value(),
        secret=given.webhook_secret.get_secret_value(),
        allow_hosts=allow_hosts,
    )


def _page(base_url: str, secret: str) -> str:
    return f"{base_url}/done/{secret}"


def alarm_channels(settings: Settings) -> "Sequence[Way[Notice]]":
    """The ways to tell of alarms that are configured."""
    from asterisk_callback.notify.operator import OperatorWords
    from asterisk_callback.services.telling.channel import Way

    mailboxes = settings.alarms.email
    words = OperatorWords(mailboxes=mailboxes)
    ways = [
        Way(channel=one, compose=words)
        for one in (alarm_webhook(settings), email(settings) if mailboxes else None)
        if one
    ]
    others = [(name, one) for name, one in settings.channels.given().items() if one.operators]
    return ways + [
        Way(channel=channel(name, given), compose=OperatorWords(numbers=given.operators))
        for name, given in others
    ]


def alarm_webhook(settings: Settings) -> "Webhook | None":
    """Its host may be an inside one: its operator wrote it down."""
    return _webhook(settings.alarms, None)


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


def customer_words(settings: Settings) -> "CustomerWords":
    from asterisk_callback.notify.customer import CustomerWords, Sender

    company = settings.company
    return CustomerWords(
        company=Sender(
            name=company.name,
            base_url=settings.web.base_url,
            zone=company.zone,
            country=company.country,
            phone=company.phone,
        ),
        organizer=organizer(settings),
        reply_to=settings.mail.reply_to or "" if settings.mail else "",
    )


def customer_mail(settings: Settings) -> "Way[Dispatch] | None":
    """Messages to customers; None if no mail is configured."""
    from asterisk_callback.services.telling.channel import Way

    channel = email(settings)
    return Way(channel=channel, compose=customer_words(settings)) if channel else None


def outboxes(settings: Settings, made: SqlStore) -> "Sequence[Outbox]":
    """What tells customers: by e-mail, and by their number through each channel that does."""
    from asterisk_callback.services.telling.channel import Way
    from asterisk_callback.services.telling.outbox import Outbox

    given, way = settings.mail, customer_mail(settings)
    others = [(name, one) for name, one in settings.channels.given().items() if one.customers]
    shared = partial(
        Outbox,
        store=made,
        queues=queues(settings),
        secret_key=settings.web.secret_key.get_secret_value(),
        reminder=settings.reminder or None,
    )
    by_mail = shared(send=way.send if way else None, takes_all=not others)
    if given is not None:
        by_mail.per_address = given.per_address
    if not others:
        return [by_mail]  # without the words, which take a while to load
    words = customer_words(settings)
    return [by_mail] + [
        shared(
            send=Way(channel=channel(name, one), compose=words).send,
            reach=ReachedBy.NUMBER,
            takes_all=False,
            kinds=one.customers,
            per_address=one.per_number,
        )
        for name, one in others
    ]


def alarm_tellings(settings: Settings, made: SqlStore) -> "Sequence[Telling]":
    """What tells operators: one for each channel, so that mail that hangs delays no webhook."""
    from asterisk_callback.services.telling.outbox import Telling

    return [Telling(store=made, channels=[way]) for way in alarm_channels(settings)]


def outbox_threads(settings: Settings, made: SqlStore) -> "OutboxThreads":
    """All that works off what customers, teams and operators are told, not yet started."""
    from asterisk_callback.dispatcher.outbox_thread import OutboxThreads
    from asterisk_callback.services.telling.pruning import Pruning

    workers: list[Worker[Any, Any]] = [
        *outboxes(settings, made),
        team_telling(settings, made),
        *alarm_tellings(settings, made),
    ]
    pruning = Pruning(store=made)
    return OutboxThreads([*(worker.work_off for worker in workers), pruning.work_off])
