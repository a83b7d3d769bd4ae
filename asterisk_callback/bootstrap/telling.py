"""Notify mode: the channels by which each callback queue's team is told."""

from functools import partial
from typing import TYPE_CHECKING

from asterisk_callback.bootstrap.mail import mail_server
from asterisk_callback.bootstrap.rules import queues
from asterisk_callback.config.settings import QueueSettings, Settings
from asterisk_callback.domain.mode import Mode
from asterisk_callback.services.telling.team_page import Done
from asterisk_callback.store import SqlStore

if TYPE_CHECKING:
    from asterisk_callback.dispatcher.outbox_thread import Postman
    from asterisk_callback.notify.channels.webhook import SignedWebhook
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
