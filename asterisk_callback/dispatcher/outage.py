"""Outage: that the database can't be written is told without it, for it can't keep this alarm.

Away, on a full disk, read-only after a failover, or without its rights: to the dispatcher it is the
same. What it has to write waits, and it goes on by itself once it can.
"""

import asyncio
import itertools
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from asterisk_callback.dispatcher.context import DispatcherContext, Trouble
from asterisk_callback.domain.alarm import Alarm, AlarmCondition, AlarmEvent, AlarmName, Notice
from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.domain.outbox import TO_OPERATORS
from asterisk_callback.services.telling.channel import Way
from asterisk_callback.services.telling.delivery import deliver, is_hopeless

log = logging.getLogger(__name__)


class Outage:
    """Raises the alarm, clears it, and writes both down when that is possible again."""

    def __init__(
        self,
        context: DispatcherContext,
        channels: Sequence[Way[Notice]],
        host_clock: Callable[[], datetime],
    ) -> None:
        """host_clock: aware UTC; the database's can't be asked."""
        self._context = context
        self._host_clock = host_clock
        self._told = [(channel, asyncio.Queue[Notice]()) for channel in channels]
        self._alarm: Alarm | None = None
        self._unwritten: list[Alarm] = []

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for channel, notices in self._told:
                group.create_task(_tell(channel, notices))
            while True:
                await asyncio.sleep(self._pause)
                self._look()
                await self._write_down()

    @property
    def _pause(self) -> float:
        settings = self._context.settings
        return min(settings.alarm_every, settings.away_for).total_seconds()

    def _look(self) -> None:
        trouble = self._context.trouble
        if trouble is None and self._alarm is not None:
            over = replace(self._alarm, cleared_at=self._host_clock())
            self._alarm = None
            self._unwritten.append(over)
            self._say(over, AlarmEvent.CLEARED)
        elif trouble is not None and self._alarm is None and self._lasts(trouble):
            self._alarm = self._raised(trouble)
            self._say(self._alarm, AlarmEvent.RAISED)

    def _lasts(self, trouble: Trouble) -> bool:
        lasted = asyncio.get_running_loop().time() - trouble.since
        return lasted >= self._context.settings.away_for.total_seconds()

    def _raised(self, trouble: Trouble) -> Alarm:
        """Its number is the second at which it is raised: those of the database are far below."""
        now = self._host_clock()
        text = f"{trouble.what}; no call is placed and no wish accepted until it can be written"
        return Alarm(
            id=int(now.timestamp()),
            name=AlarmName.DATABASE,
            server=self._context.server,
            subject=self._context.settings.name,
            text=text,
            raised_at=now,
        )

    def _say(self, alarm: Alarm, event: AlarmEvent) -> None:
        raised = event is AlarmEvent.RAISED
        log.log(
            logging.WARNING if raised else logging.INFO, "alarm %s: %s", event.value, alarm.text
        )
        number = 2 * alarm.id + (0 if raised else 1)
        for channel, notices in self._told:
            notices.put_nowait(
                Notice(id=number, alarm=alarm, channel=channel.name, event=event, tries=0)
            )

    async def _write_down(self) -> None:
        while self._unwritten:
            alarm = self._unwritten[0]
            what = AlarmCondition(
                name=alarm.name, server=alarm.server, subject=alarm.subject, text=alarm.text
            )
            try:
                await self._context.write(
                    lambda tx: tx.alarms.clear_alarm(tx.alarms.raise_alarm(what, alarm.raised_at))  # noqa: B023
                )
            except StoreUnavailable:
                return
            except Exception:
                # Whoever listens was told; the next outage is to be told, too.
                log.exception("an alarm that is over is missing in the list")
            self._unwritten.pop(0)


async def _tell(channel: Way[Notice], notices: asyncio.Queue[Notice]) -> None:
    """In their order, each until it is delivered, or refused for good."""
    while True:
        notice = await notices.get()
        for tries in itertools.count(1):
            error = await asyncio.to_thread(deliver, channel.send, notice, what(notice))
            if error is None:
                break
            log.warning("%s was not told by %s: %s", what(notice), channel.name, error)
            if is_hopeless(error, tries):
                break  # what comes behind it need not meet the same
            pause = max(TO_OPERATORS.pause(tries), error.after or timedelta())
            await asyncio.sleep(pause.total_seconds())


def what(notice: Notice) -> str:
    """For the log."""
    return f"alarm {notice.alarm.id}"
