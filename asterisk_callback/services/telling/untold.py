"""What could not be told to anybody: the team of a wish, customers, or whoever hears of alarms."""

from collections.abc import Iterator, Sequence

from asterisk_callback.domain.alarm import AlarmCondition, AlarmName
from asterisk_callback.domain.customer_message import IN_VAIN_FOR, ReachedBy
from asterisk_callback.services.ports import Transaction

# Customers are told by these: the alarm's name, and who takes no message then.
_FAR_ENDS = (
    (ReachedBy.MAILBOX, AlarmName.MAIL, "the mail server"),
    (ReachedBy.NUMBER, AlarmName.SMS, "the SMS provider or gateway"),
)


def untold(tx: Transaction, channels: Sequence[str]) -> Iterator[AlarmCondition]:
    """channels: those of alarms."""
    yield from _teams(tx)
    yield from _customers(tx)
    for channel in tx.alarm_notices.channels_not_told(channels, tx.now - IN_VAIN_FOR):
        text = f"alarms can't be told by {channel}; the log says why"
        yield AlarmCondition(name=AlarmName.ALARM, subject=channel, text=text)


def _customers(tx: Transaction) -> Iterator[AlarmCondition]:
    for reach, name, far_end in _FAR_ENDS:
        found = tx.messages.undelivered(tx.now - IN_VAIN_FOR, reach)
        if found is not None and found.by_the_server:
            who = "a customer" if found.wishes == 1 else f"{found.wishes} customers"
            text = f"{far_end} takes no message; {who} could not be written to ({found.detail})"
            yield AlarmCondition(name=name, text=text)


def _teams(tx: Transaction) -> Iterator[AlarmCondition]:
    """An alarm a queue: in notify mode nobody but the team would learn of the wish."""
    by_queue: dict[str, list[str]] = {}
    for one in tx.team_notes.not_told(tx.now - IN_VAIN_FOR):
        what = "a callback request" if one.requests == 1 else f"{one.requests} callback requests"
        said = f"{what} by {one.channel} ({one.detail})"
        by_queue.setdefault(one.queue, []).append(said)
    for queue, parts in sorted(by_queue.items()):
        text = f"the team of {queue} could not be told of {' and of '.join(parts)}"
        yield AlarmCondition(name=AlarmName.TEAM, subject=queue, text=text)
