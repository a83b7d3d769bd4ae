"""Whether the clocks of the machines that work together agree: calls come by the database's."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from asterisk_callback.domain.alarm import AlarmCondition, AlarmName
from asterisk_callback.services.ports import Transaction

# More than a clock drifts in weeks, or a transaction waits; less than a promised time is missed by.
APART = timedelta(seconds=30)


# Asterisk tells its own in whole seconds, and the news of it may have been on its way for some.
ASTERISK_APART = timedelta(minutes=1)


def apart(ahead: timedelta) -> str:
    """ "61 min ahead of", to be followed by whose clock it is compared with."""
    way = "ahead of" if ahead > timedelta(0) else "behind"
    seconds = abs(ahead).total_seconds()
    return f"{seconds / 60:.0f} min {way}" if seconds >= 120 else f"{seconds:.0f} s {way}"


def database_clock(
    tx: Transaction, host_clock: Callable[[], datetime], me: str
) -> Iterator[AlarmCondition]:
    """host_clock: aware UTC, of this machine. me: the dispatcher that looks. What another one says
    of its own machine stands as long as that one lives."""
    ahead = tx.now - host_clock()
    if abs(ahead) >= APART:
        text = (
            f"the database's clock is {apart(ahead)} that of dispatcher {me}'s machine; calls "
            "come by the database's clock"
        )
        yield AlarmCondition(name=AlarmName.CLOCK, subject=me, text=text)
    others = {one.dispatcher for one in tx.servers.all() if one.alive(tx.now)} - {me}
    for alarm in tx.alarms.standing():
        if alarm.name is AlarmName.CLOCK and not alarm.server and alarm.subject in others:
            yield AlarmCondition(name=AlarmName.CLOCK, subject=alarm.subject, certain=False)


def asterisk_clock(
    tx: Transaction, shown: datetime | None, server: str
) -> Iterator[AlarmCondition]:
    """shown: what the clock of this Asterisk server shows (aware UTC); None: it has not said so,
    and who does not know clears no alarm of another dispatcher's."""
    ahead = shown - tx.now if shown is not None else timedelta(0)
    if shown is None:
        name = AlarmName.CLOCK
        yield AlarmCondition(name=name, server=server, subject="asterisk", certain=False)
    elif abs(ahead) >= ASTERISK_APART:
        text = f"the clock of Asterisk {server} is {apart(ahead)} the database's; both need NTP"
        yield AlarmCondition(name=AlarmName.CLOCK, server=server, subject="asterisk", text=text)
