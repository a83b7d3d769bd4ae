"""The channels of [channels], such as SMS: would they deliver? Nothing is sent."""

from collections.abc import Iterator

from asterisk_callback import bootstrap
from asterisk_callback.config import Settings
from asterisk_callback.doctor.finding import Finding, ok, wrong
from asterisk_callback.services.telling.channel import TransportError


def check(settings: Settings) -> Iterator[Finding]:
    for name, given in settings.channels.given().items():
        try:
            bootstrap.channel(name, given).knock()
        except TransportError as error:
            yield wrong(
                f"channels.{name}",
                f"nothing can be sent: {error.sentence}",
                f"mend [channels.{name}], or what takes its messages",
            )
        else:
            yield ok(f"channels.{name}", "who takes its messages is there; nothing was sent")
