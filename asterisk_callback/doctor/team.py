"""Notify mode: is whoever hears of wishes by webhook there? Nothing is sent."""

from collections.abc import Iterator

from asterisk_callback import bootstrap
from asterisk_callback.config import Settings
from asterisk_callback.doctor.finding import Finding, ok, wrong
from asterisk_callback.services.telling.channel import TransportError

_NAME = "notify.webhook"


def check(settings: Settings) -> Iterator[Finding]:
    for name, queue in settings.queues.items():
        hook = bootstrap.team_webhook(queue)
        if queue.mode.rules.makes_calls or hook is None:
            continue
        try:
            hook.knock()
        except TransportError as error:
            mend = f"mend webhook in [queues.{name}.notify], or what hears it"
            yield wrong(_NAME, f"the team of {name} hears of no wish: {error.sentence}", mend)
        else:
            yield ok(_NAME, f"who tells the team of {name} is there; nothing was sent")
