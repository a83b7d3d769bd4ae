"""The mail server: there, encrypted, lets us in, takes what we would send. Nothing is sent."""

from collections.abc import Iterator

from asterisk_callback import bootstrap
from asterisk_callback.config import Settings
from asterisk_callback.doctor.finding import Finding, ok, warning, wrong
from asterisk_callback.domain.errors import CallbackError
from asterisk_callback.notify.channels.email import Email, Security, knock, session
from asterisk_callback.services.telling.channel import Rejected, ServerAway

_NAME = "mail"
# Stands for all customers: another company's address that each domain must have (RFC 5321,
# section 4.5.1). Only asked for: a server that relays for us says yes without delivering anything.
ELSEWHERE = "postmaster@gmail.com"


def check(settings: Settings) -> Iterator[Finding]:
    channel = bootstrap.email(settings)
    if channel is None:
        yield ok(_NAME, "no mail is configured: customers get no messages, and are asked for none")
        return
    server = channel.server
    try:
        with session(server):
            pass
    except ServerAway as error:
        yield wrong(
            _NAME,
            f"messages can't be sent: {error.sentence}",
            "mend host, port, security, username or password in [mail]",
        )
        return
    as_whom = f" as {server.username}" if server.username else ""
    yield ok(_NAME, f"{server.host}:{server.port} lets us in{as_whom} ({server.security})")
    yield from _recipients(settings, channel)
    if settings.web.base_url.startswith("http:") and server.security is not Security.NONE:
        yield warning(
            "mail.links",
            f"messages link to {settings.web.base_url}, which only works where that is reached",
            'set base_url = "https://call.example.org" in [web], as customers reach it',
        )
    if settings.alarms.email and settings.alarms.webhook is None:
        yield warning(
            "mail.alarms",
            "alarms are told by this mail server alone: that it takes nothing, nobody would hear",
            "set webhook in [alarms], or watch the number of alarms in /readyz",
        )


def _recipients(settings: Settings, channel: Email) -> Iterator[Finding]:
    """One connection each: some servers end it after the first refusal."""
    whom = {"customers": ELSEWHERE}
    for name, queue in settings.queues.items():
        if not queue.mode.rules.makes_calls:
            whom |= {f"[queues.{name}.notify] email {one}": one for one in queue.notify.email}
    whom |= {f"[alarms] email {one}": one for one in settings.alarms.email}
    refused = False
    for who, address in whom.items():
        finding = _asked(channel, who, address)
        if finding is not None:
            refused = True
            yield finding
    if not refused:
        yield ok("mail.recipients", f"it takes messages for {', '.join(whom)}")


def _asked(channel: Email, who: str, address: str) -> Finding | None:
    says = wrong
    mend = "mend the address, or its mailbox"
    if address == ELSEWHERE:
        mend = "let the server relay for us: username and password in [mail], or by our address"
    try:
        with session(channel.server) as server:
            knock(server, channel.sender, address)
    except ServerAway as error:
        sentence, mend = error.sentence, "set a sender in [mail] that this server sends for"
    except Rejected as error:
        sentence = error.sentence
    except CallbackError as error:
        sentence, says, mend = error.sentence, warning, "ask again in a few minutes"
    else:
        return None
    return says("mail.recipients", f"it takes no message for {who}: {sentence}", mend)
