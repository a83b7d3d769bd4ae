"""The half that calls: dispatcher, link to Asterisk, alarms.

What speaks to Asterisk is loaded where it is needed, so that the web's process never loads it.
"""

from typing import TYPE_CHECKING

from asterisk_callback.bootstrap.errors import SetupError
from asterisk_callback.bootstrap.rules import console_rules, guard, member_rules, queues
from asterisk_callback.bootstrap.telling import alarm_channels
from asterisk_callback.config.settings import Settings
from asterisk_callback.store import SqlStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from asterisk_callback.dispatcher.dispatcher import Dispatcher
    from asterisk_callback.notify.heartbeat import Heartbeat
    from asterisk_callback.telephony.link import AmiAddress, LinkTimings


def ami_address(settings: Settings) -> "AmiAddress":
    """Raises SetupError if the file of the certificate authority can't be used."""
    import ssl

    from asterisk_callback.telephony.link import AmiAddress

    given = settings.asterisk
    tls: ssl.SSLContext | None = None
    if given.tls:
        try:
            tls = ssl.create_default_context(cafile=given.ca_file)
        except (OSError, ssl.SSLError):
            raise SetupError(
                f"[asterisk] ca_file: {given.ca_file} is no readable file of PEM certificates"
            ) from None
    secret = given.secret.get_secret_value()
    return AmiAddress(given.host, given.port, given.username, secret, tls)


def timings(settings: Settings) -> "LinkTimings":
    from asterisk_callback.telephony.link import LinkTimings

    return LinkTimings(**settings.asterisk.timings.model_dump())


def heartbeat(settings: Settings) -> "Heartbeat | None":
    """None: nobody listens for it."""
    from asterisk_callback.notify.heartbeat import Heartbeat

    given = settings.alarms.heartbeat
    return Heartbeat(url=given.get_secret_value()) if given else None


def dispatcher(
    settings: Settings, made: SqlStore, overtaken: "Callable[[], str]" = lambda: ""
) -> "Dispatcher":
    """overtaken: says if the configuration is another one by now."""
    from asterisk_callback.dispatcher.context import DispatcherSettings
    from asterisk_callback.dispatcher.dispatcher import Dispatcher
    from asterisk_callback.telephony.log_in import LogIn
    from asterisk_callback.telephony.server_settings import AsteriskServer

    given = settings.dispatcher
    return Dispatcher(
        store=made,
        queues=queues(settings),
        guard=guard(settings),
        settings=DispatcherSettings(
            name=given.name,
            server=AsteriskServer(
                name=settings.asterisk.name,
                address=ami_address(settings),
                sounds=settings.asterisk.sounds,
                prompts=settings.asterisk.prompts,
                window=given.window,
                codecs=settings.asterisk.codecs,
                members=member_rules(settings),
                log_ins=tuple(
                    LogIn(**row.model_dump()) for row in settings.asterisk.log_in.values()
                ),
                timings=timings(settings),
                instance=settings.asterisk.instance,
            ),
            gate=(settings.gate.listen.host, settings.gate.listen.port),
            gate_within=settings.gate.within,
            lease=given.lease,
            reconcile_every=given.reconcile_every,
            probe_every=given.probe_every,
            grace=given.grace,
            drain=given.drain,
        ),
        channels=alarm_channels(settings),
        consoles=console_rules(settings),
        overtaken=overtaken,
        beat=heartbeat(settings),
    )
