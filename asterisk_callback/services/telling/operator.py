"""Alarms: what is wrong is noticed by every dispatcher, written once, told once on each channel.

A dispatcher looks at its own Asterisk server and at what concerns all. If none runs, nobody looks:
watch /readyz from outside.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asterisk_callback.domain.alarm import STOPS, Alarm, AlarmCondition, AlarmEvent, AlarmName
from asterisk_callback.domain.limits import DAY, HOUR, Limits
from asterisk_callback.domain.queue import Queues
from asterisk_callback.domain.trunk import trunk_paused_until
from asterisk_callback.services.ports import Store, Transaction
from asterisk_callback.services.telling.clocks import asterisk_clock, database_clock
from asterisk_callback.services.telling.untold import untold

# Shorter breaks of the link happen at every restart of Asterisk.
LINK_GRACE = timedelta(seconds=40)
# So long after the last attempt of unknown outcome its alarm is cleared.
UNKNOWN_FOR = timedelta(hours=1)
NAMED = 5
# So long after somebody was refused who has no place here.
STRANGER_FOR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Unready:
    """Why a dispatcher can place no call: the alarm's name (None: it does not know yet) and the
    sentence. since: for how long it has been so."""

    name: AlarmName | None
    text: str = ""
    since: timedelta = timedelta(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarms:
    """server: whose trunks and link are looked at. channels: names of those that are told.
    limits: of which those of blocks and countries are looked at, if given; home: the company's
    country (ISO 3166). me: the dispatcher that looks, whose word on its own link comes before what
    it last wrote of it. known: the callback queues of the configuration; None: not looked at.
    host_clock: aware UTC; None: not compared with the database's. asterisk_clock: what Asterisk's
    shows, where that is known. missing_queues: the Asterisk queues that it does not have."""

    store: Store
    queues: Queues
    server: str
    channels: Sequence[str] = ()
    limits: Limits | None = None
    home: str = ""
    me: str = ""
    known: frozenset[str] | None = None
    host_clock: Callable[[], datetime] | None = None
    asterisk_clock: Callable[[], datetime | None] = lambda: None
    missing_queues: Callable[[], Sequence[str]] = tuple

    def look(self, unready: Unready | None) -> Sequence[tuple[AlarmEvent, Alarm]]:
        """Raises and clears alarms; returns those that changed, for the log.

        unready: why this dispatcher can place no call; None: it can.
        """
        with self.store.reading() as tx:
            if not self._changes(tx, unready):
                return []
        with self.store.writing() as tx:
            tx.lock("alarms")
            return [self._write(tx, one) for one in self._changes(tx, unready)]

    def _changes(
        self, tx: Transaction, unready: Unready | None
    ) -> Sequence[AlarmCondition | Alarm]:
        """Conditions that have no alarm yet, and alarms whose condition is gone."""
        found = {one.key: one for one in self._conditions(tx, unready)}
        standing = {
            alarm.key: alarm for alarm in tx.alarms.standing() if alarm.server in (self.server, "")
        }
        new = [one for key, one in found.items() if one.certain and key not in standing]
        return [*new, *(alarm for key, alarm in standing.items() if key not in found)]

    def _write(self, tx: Transaction, change: AlarmCondition | Alarm) -> tuple[AlarmEvent, Alarm]:
        if isinstance(change, AlarmCondition):
            alarm, event = tx.alarms.raise_alarm(change), AlarmEvent.RAISED
        else:
            alarm, event = tx.alarms.clear_alarm(change), AlarmEvent.CLEARED
        for channel in self.channels:
            tx.alarm_notices.add(alarm, channel, event)
        return event, alarm

    def _conditions(self, tx: Transaction, unready: Unready | None) -> Iterable[AlarmCondition]:
        yield from self._trunks(tx)
        yield from self._stops(tx, unready)
        unknown = tx.attempts.unknown_since(self.server, tx.now - UNKNOWN_FOR)
        if unknown:
            named = ", ".join(str(request) for request in unknown[:NAMED])
            more = f" and {len(unknown) - NAMED} more" if len(unknown) > NAMED else ""
            text = (
                "how a call ended is unknown, so the customer may be rung again: callback "
                f"request {named}{more}"
            )
            yield AlarmCondition(name=AlarmName.UNKNOWN, server=self.server, text=text)
        yield from self._orphans(tx)
        yield from tx.servers.strangers(tx.now - STRANGER_FOR)
        yield from asterisk_clock(tx, self.asterisk_clock(), self.server)
        if self.host_clock is not None:
            yield from database_clock(tx, self.host_clock, self.me)
        yield from untold(tx, self.channels)
        if self.limits is not None:
            yield from _full(tx, self.limits, self.home)
        for hold in tx.holds.active():
            what = f"calls of {hold.scope} are" if hold.scope else "all calls are"
            # Its reason is free text: it stays in `dialling status`.
            text = f"{what} stopped by {hold.actor}; asterisk-callback dialling status says why"
            yield AlarmCondition(name=AlarmName.HELD, subject=hold.scope, text=text)

    def _orphans(self, tx: Transaction) -> Iterable[AlarmCondition]:
        """Requests of a callback queue that was renamed, or taken out: nobody calls them. And the
        same on Asterisk's side."""
        for name in self.missing_queues():
            text = (
                f"Asterisk has no queue {name!r}, so nobody is called for it; add it to queues.conf"
                " or change asterisk_queue in callback.toml"
            )
            yield AlarmCondition(
                name=AlarmName.NO_QUEUE, server=self.server, subject=name, text=text
            )
        if self.known is None:
            return
        for queue, count in sorted(tx.requests.open_by_queue().items()):
            if queue not in self.known:
                yield AlarmCondition(
                    name=AlarmName.NO_QUEUE, subject=queue, text=orphans(queue, count)
                )

    def _trunks(self, tx: Transaction) -> Iterable[AlarmCondition]:
        mine = [queue for queue in self.queues.values() if queue.server == self.server]
        trunks = {trunk.name: trunk for queue in mine for trunk in queue.every_trunk}
        for name, trunk in sorted(trunks.items()):
            tail = tx.limits.trunk_history(self.server, name)
            if not tail.faults:
                continue
            until = trunk_paused_until(tail, trunk, tx.now)
            then = "it is tried again" if until is None else f"left alone until {_clock(until)}"
            times = "once" if tail.faults == 1 else f"{tail.faults} times in a row"
            text = f"trunk {name} failed {times}; {then}"
            # A number that is refused between calls that ring is no fault of the trunk's.
            yield AlarmCondition(
                name=AlarmName.TRUNK,
                server=self.server,
                subject=name,
                text=text,
                certain=tail.doubted or not tail.own,
            )

    def _stops(self, tx: Transaction, unready: Unready | None) -> Iterable[AlarmCondition]:
        """Another dispatcher's link is as good as ours: agents and customers are connected. While
        none has one, nobody clears what another one found."""
        alive = [one for one in tx.servers.all() if one.alive(tx.now)]
        here = [one for one in alive if one.server == self.server and one.dispatcher != self.me]
        if unready is None or any(one.ready for one in here):
            return
        for name in STOPS if unready.name is None or here else (unready.name,):
            text = unready.text
            if name is AlarmName.NO_LINK:
                text = f"no dispatcher has a working link to Asterisk {self.server}: {text}"
            certain = name is not AlarmName.NO_LINK or unready.since > LINK_GRACE
            yield AlarmCondition(
                name=name,
                server=self.server,
                text=text,
                certain=certain and name is unready.name,
            )


def orphans(queue: str, count: int) -> str:
    """One sentence on the open requests of a callback queue that is not configured."""
    wait = "1 callback request waits" if count == 1 else f"{count} callback requests wait"
    return (
        f"{wait} for the callback queue {queue!r}, which is not in the configuration, so nobody "
        f"calls; asterisk-callback requests give --from {queue} --to NAME"
    )


def _full(tx: Transaction, limits: Limits, home: str) -> Iterable[AlarmCondition]:
    """Somebody may be having numbers rung; and whoever else asks for such a number is refused."""
    blocks = tx.limits.full_blocks(tx.now - HOUR, limits.requests_per_block)
    if blocks:
        what = "a block of numbers" if blocks == 1 else f"{blocks} blocks of numbers"
        text = (
            f"{what} got all {limits.requests_per_block} requests that a block may get in an hour: "
            "somebody may be having numbers rung; others who ask for such a number are refused"
        )
        yield AlarmCondition(name=AlarmName.FULL, text=text)
    most = limits.requests_per_country
    for region in tx.limits.full_regions(tx.now - DAY, most, home) if most else ():
        text = (
            f"{region} got all {most} requests that a foreign country may get in 24 hours; others "
            "who ask for a call there are refused"
        )
        yield AlarmCondition(name=AlarmName.FULL, subject=region, text=text)


def _clock(instant: datetime) -> str:
    return f"{instant:%H:%M:%S} UTC"
