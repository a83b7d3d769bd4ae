"""The one place where parts are wired together.

What only one half of the service needs is imported where it is made: the dispatcher runs without
Flask, and the web without panoramisk.
"""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from asterisk_callback import store as stores
from asterisk_callback.config.hours import opening
from asterisk_callback.config.retry import reactions
from asterisk_callback.config.settings import (
    CallLimitSettings,
    LimitSettings,
    MailSettings,
    QueueSettings,
    Settings,
)
from asterisk_callback.domain.errors import CallbackError, StoreUnavailable
from asterisk_callback.domain.limits import CallLimits
from asterisk_callback.domain.phone import NumberRules
from asterisk_callback.domain.queue import CallbackQueue, Queues, Trunk, regions_of
from asterisk_callback.domain.site import Site
from asterisk_callback.services.availability import Availability
from asterisk_callback.services.booking import Booking
from asterisk_callback.services.guard import Guard, Limits
from asterisk_callback.services.move import Moving
from asterisk_callback.services.renumber import Renumbering
from asterisk_callback.services.status import Statuses
from asterisk_callback.store import SqlStore
from asterisk_callback.store.engine import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Flask

    from asterisk_callback.dispatcher import Dispatcher
    from asterisk_callback.notify.email import Mailer, MailServer
    from asterisk_callback.postman import Postman
    from asterisk_callback.services.alarms import Channel
    from asterisk_callback.telephony.link import AmiAddress, LinkTimings
    from flask_app import Readiness


class SchemaOutdated(CallbackError):
    """The database has no tables yet, or those of another version."""

    name = "schema-outdated"


class Misfit(CallbackError):
    """A value that only shows to be wrong when it is used."""

    name = "misfit"


def store(settings: Settings) -> SqlStore:
    """The store; nothing is connected yet. Raises Misfit for a URL that can't be used, OSError."""
    example = 'for example: [database] url = "sqlite:///callback.db"'
    url = settings.database.url.get_secret_value()
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError:
        raise Misfit(f"[database] url is no SQLite or PostgreSQL URL; {example}") from None
    if backend not in ("sqlite", "postgresql", "postgres"):
        raise Misfit(f"[database] url must be of SQLite or PostgreSQL; {example}")
    _make_private(database_file(settings))
    try:
        return SqlStore(url)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        driver = getattr(error, "name", None) or "another driver"
        raise Misfit(
            f"[database] url needs {driver}: pip install 'asterisk-callback[postgresql]'"
        ) from None


def _make_private(file: Path | None) -> None:
    """A new SQLite file, and what SQLite puts beside it, is for its owner only."""
    if file is not None and not file.exists():
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))


def database_name(settings: Settings) -> str:
    """The database's URL without its password, for messages."""
    return make_url(settings.database.url.get_secret_value()).render_as_string(hide_password=True)


def database_file(settings: Settings) -> Path | None:
    """The file of an SQLite database; None for every other one."""
    url = make_url(settings.database.url.get_secret_value())
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


def schema(made: SqlStore) -> tuple[str | None, str]:
    """The database's revision (None: no tables) and the one needed. Raises StoreUnavailable."""
    try:
        return stores.check_version(made)
    except SQLAlchemyError as error:
        raise StoreUnavailable(sentence(error)) from error


def upgrade(made: SqlStore) -> str:
    """Upgrades the database and returns its revision. Raises StoreUnavailable."""
    try:
        return stores.upgrade(made)
    except SQLAlchemyError as error:
        raise StoreUnavailable(sentence(error)) from error


def ready_store(settings: Settings) -> SqlStore:
    """A store whose database has the tables that this version needs. Raises SchemaOutdated."""
    made = store(settings)
    found, needed = schema(made)
    if found != needed:
        state = "has no tables yet" if found is None else f"is at revision {found}, not {needed}"
        raise SchemaOutdated(
            f"the database {database_name(settings)} {state}; run: asterisk-callback db upgrade"
        )
    return made


def queues(settings: Settings) -> Queues:
    return {name: _queue(settings, name, given) for name, given in settings.queues.items()}


def _queue(settings: Settings, name: str, given: QueueSettings) -> CallbackQueue:
    trunk = settings.trunks[given.trunk]
    return CallbackQueue(
        name=name,
        title=given.title,
        asterisk_queue=given.asterisk_queue,
        server=settings.asterisk.name,
        trunk=Trunk(
            name=given.trunk,
            dial=trunk.dial,
            caller_id=trunk.caller_id,
            prefix=trunk.prefix,
            gives_ringing=trunk.gives_ringing,
            pause=trunk.pause,
            limits=_call_limits(trunk),
        ),
        whisper=given.whisper,
        queue_for=given.queue_for,
        ring_for=given.ring_for,
        lifetime=given.lifetime,
        topics=given.topics,
        asks=given.ask,
        reactions=reactions(given.retry),
        limits=_call_limits(given),
        regions=given.regions,
        hours=opening(given.hours, given.zone or settings.company.zone, settings.company),
        permitted=settings.company.permitted,
        slots=given.slots.rules,
        max_waiting=given.max_waiting,
    )


def _call_limits(given: LimitSettings | CallLimitSettings) -> CallLimits:
    return CallLimits(
        at_once=given.calls_at_once,
        per_second=given.calls_per_second,
        per_hour=given.calls_per_hour,
    )


def guard(settings: Settings) -> Guard:
    limits = settings.limits
    return Guard(
        rules=NumberRules(
            home=settings.company.country,
            regions=settings.numbers.regions,
            kinds=settings.numbers.kinds,
            refused=settings.numbers.refused,
        ),
        limits=Limits(
            requests_per_number=limits.requests_per_number,
            requests_per_number_in_30_days=limits.requests_per_number_in_30_days,
            requests_per_block=limits.requests_per_block,
            requests_per_country=limits.requests_per_country,
            wishes_per_address=limits.wishes_per_address,
            calls_per_number=limits.calls_per_number,
            calls=_call_limits(limits),
        ),
    )


def number_rules(settings: Settings) -> NumberRules:
    """The rules of a company that rings whatever at least one of its queues may ring."""
    company = guard(settings).rules
    return replace(company, regions=regions_of(queues(settings).values(), company))


def booking(settings: Settings, made: SqlStore) -> Booking:
    return Booking(
        store=made,
        queues=queues(settings),
        guard=guard(settings),
        home_zone=settings.company.zone,
        secret_key=settings.web.secret_key.get_secret_value(),
    )


def statuses(settings: Settings, made: SqlStore) -> Statuses:
    return Statuses(
        store=made,
        queues=queues(settings),
        guard=guard(settings),
        keep=timedelta(days=settings.web.status_days),
    )


def sites(settings: Settings) -> tuple[Site, ...]:
    return tuple(
        Site(
            name=name,
            origins=given.origins,
            queues=given.queues,
            api_keys=tuple(key.get_secret_value() for key in given.api_keys),
        )
        for name, given in settings.sites.items()
    )


def web_app(settings: Settings, made: SqlStore | None = None) -> "Flask":
    """The web application on its store."""
    from flask_app import Company, Parts, create_app

    made = made or store(settings)
    company = settings.company
    return create_app(
        Parts(
            booking=booking(settings, made),
            availability=Availability(store=made, queues=queues(settings), home_zone=company.zone),
            moving=Moving(store=made, queues=queues(settings), home_zone=company.zone),
            renumbering=Renumbering(store=made, queues=queues(settings), guard=guard(settings)),
            statuses=statuses(settings, made),
            store=made,
            queues=queues(settings),
            number_rules=guard(settings).rules,
            company=Company(
                name=company.name,
                zone=company.zone,
                phone=company.phone,
                privacy_url=company.privacy_url,
            ),
            secret_key=settings.web.secret_key.get_secret_value(),
            base_url=settings.web.base_url,
            ready=lambda: readiness(made),
            sites=sites(settings),
            trusted_proxies=settings.web.trusted_proxies,
            languages=company.languages,
            mail=settings.mail is not None,
        )
    )


def readiness(made: SqlStore) -> "Readiness":
    """Database, tables, and a live dispatcher whose Asterisk is there."""
    from flask_app import Readiness

    try:
        found, needed = schema(made)
        if found != needed:
            return Readiness(ok=False, reasons=("the database needs `db upgrade`",))
        with made.reading() as tx:
            alive = [one for one in tx.servers() if one.alive_until > tx.now]
            alarms = len(tx.alarms())
    except StoreUnavailable:
        return Readiness(ok=False, reasons=("the database does not answer",))
    if not alive:
        return Readiness(ok=False, reasons=("no dispatcher is running",), alarms=alarms)
    if not any(one.ready for one in alive):
        # The dispatcher's own reason names hosts and users: for the operator, not for the web.
        reason = "no dispatcher has a working link to Asterisk"
        return Readiness(ok=False, reasons=(reason,), alarms=alarms)
    return Readiness(ok=True, alarms=alarms)


def ami_address(settings: Settings) -> "AmiAddress":
    """Raises Misfit if the file of the certificate authority can't be used."""
    import ssl

    from asterisk_callback.telephony.link import AmiAddress

    given = settings.asterisk
    tls: ssl.SSLContext | None = None
    if given.tls:
        try:
            tls = ssl.create_default_context(cafile=given.ca_file)
        except (OSError, ssl.SSLError):
            raise Misfit(
                f"[asterisk] ca_file: {given.ca_file} is no readable file of PEM certificates"
            ) from None
    secret = given.secret.get_secret_value()
    return AmiAddress(given.host, given.port, given.username, secret, tls)


def timings(settings: Settings) -> "LinkTimings":
    from asterisk_callback.telephony.link import LinkTimings

    return LinkTimings(**settings.asterisk.timings.model_dump())


def alarm_channels(settings: Settings) -> "Sequence[Channel]":
    """The ways to tell of alarms that are configured. A new one: a file in notify/, a line here."""
    from asterisk_callback.notify.alarm_mail import AlarmMail
    from asterisk_callback.notify.webhook import Webhook

    given = settings.alarms
    channels: list[Channel] = []
    if given.webhook:
        channels.append(Webhook(url=given.webhook.get_secret_value()))
    if given.email and settings.mail:
        server, sender = mail_server(settings.mail), settings.mail.sender
        channels.append(AlarmMail(server=server, sender=sender, recipients=given.email))
    return channels


def dispatcher(settings: Settings, made: SqlStore) -> "Dispatcher":
    from asterisk_callback.dispatcher import Dispatcher, DispatcherSettings
    from asterisk_callback.telephony.switchboard import Server

    given = settings.dispatcher
    return Dispatcher(
        store=made,
        queues=queues(settings),
        guard=guard(settings),
        settings=DispatcherSettings(
            name=given.name,
            server=Server(
                name=settings.asterisk.name,
                address=ami_address(settings),
                sounds=settings.asterisk.sounds,
                window=given.window,
                codecs=settings.asterisk.codecs,
                timings=timings(settings),
            ),
            gate=(settings.gate.listen.host, settings.gate.listen.port),
            lease=given.lease,
            reconcile_every=given.reconcile_every,
            grace=given.grace,
            drain=given.drain,
        ),
        channels=alarm_channels(settings),
    )


def mail_server(given: MailSettings) -> "MailServer":
    from asterisk_callback.notify.email import MailServer, Security

    return MailServer(
        host=given.host,
        port=given.port,
        security=Security(given.security),
        username=given.username,
        password=given.password.get_secret_value() if given.password else "",
        ca_file=str(given.ca_file) if given.ca_file else None,
    )


def mailer(settings: Settings) -> "Mailer | None":
    """The channel for messages to customers; None if no mail is configured."""
    from asterisk_callback.notify.email import Mailer
    from asterisk_callback.notify.wording import Company

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
    from asterisk_callback.postman import Postman
    from asterisk_callback.services.outbox import Outbox

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
