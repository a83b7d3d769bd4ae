"""The mail server: there, encrypted, and it lets us in. Nothing is sent."""

from collections.abc import Iterator

from asterisk_callback import bootstrap
from asterisk_callback.config import Settings
from asterisk_callback.doctor.finding import Finding, ok, warning, wrong
from asterisk_callback.notify.email import Security, session
from asterisk_callback.services.outbox import ServerAway

_NAME = "mail"


def check(settings: Settings) -> Iterator[Finding]:
    mailer = bootstrap.mailer(settings)
    if mailer is None:
        yield ok(_NAME, "no mail is configured: customers get no messages, and are asked for none")
        return
    server = mailer.server
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
    yield ok(_NAME, f"{server.host}:{server.port} takes messages{as_whom} ({server.security})")
    if settings.web.base_url.startswith("http:") and server.security is not Security.NONE:
        yield warning(
            "mail.links",
            f"messages link to {settings.web.base_url}, which only works where that is reached",
            'set base_url = "https://call.example.org" in [web], as customers reach it',
        )
