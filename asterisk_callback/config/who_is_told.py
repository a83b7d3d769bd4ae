"""Who is told by which channel, read from several sections."""

from asterisk_callback.config.settings import Settings
from asterisk_callback.domain.customer_message import MessageKind


def faults(settings: Settings) -> list[tuple[tuple[str | int, ...], str]]:
    """Teams that are none, and callback queues in notify mode of which nobody hears."""
    found: list[tuple[tuple[str | int, ...], str]] = []
    notified = {name for name, queue in settings.queues.items() if not queue.mode.rules.makes_calls}
    for name, channel in settings.channels.given().items():
        others = sorted(set(channel.teams) - notified)
        if others:
            which = f"{', '.join(others)} {'is' if len(others) == 1 else 'are'} none"
            sentence = f'must name callback queues with mode = "notify"; {which}'
            found.append((("channels", name, "teams"), sentence))
    for name in sorted(notified):
        if not tells(settings, name):
            sentence = (
                f'mode = "notify" needs somebody to tell: email or webhook in '
                f"[queues.{name}.notify], or teams in [channels.sms]"
            )
            found.append((("queues", name), sentence))
    return found


def tells(settings: Settings, queue: str) -> tuple[str, ...]:
    """By which channels the team of this callback queue is told in notify mode."""
    others = settings.channels.given().items()
    more = tuple(name for name, channel in others if channel.teams.get(queue))
    return (*settings.queues[queue].notify.channels, *more)


def by_number(settings: Settings) -> frozenset[MessageKind]:
    """Kinds of messages that customers without an e-mail address get at their number."""
    channels = settings.channels.given().values()
    kinds = frozenset(kind for channel in channels for kind in channel.customers)
    # A reminder is planned by the confirmation, and that of a new time by the message of the move;
    # these themselves need not be sent.
    return (
        kinds | {MessageKind.CONFIRMATION, MessageKind.MOVED}
        if MessageKind.REMINDER in kinds
        else kinds
    )
