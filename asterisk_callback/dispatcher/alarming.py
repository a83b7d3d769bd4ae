"""Alarming: what is wrong is noticed, logged when it begins and when it is over, and told.

A loop that looks and one for each channel, so that a mail server that does not answer delays
neither an alarm nor the webhook; none ever delays a call.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from datetime import timedelta

from asterisk_callback.dispatcher.context import DispatcherContext
from asterisk_callback.domain.alarm import AlarmEvent
from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.services.telling.operator import Alarms, Unready
from asterisk_callback.services.telling.outbox import Telling

log = logging.getLogger(__name__)


class Alarming:
    def __init__(
        self, context: DispatcherContext, alarms: Alarms, tellings: Sequence[Telling]
    ) -> None:
        """tellings: one for each channel."""
        self._context = context
        self._alarms = alarms
        self._tellings = tellings
        self._ready_at = 0.0
        self._changed = asyncio.Event()

    def soon(self) -> None:
        """Something began, or ended, that keeps calls from being placed."""
        self._changed.set()

    async def run(self) -> None:
        self._ready_at = self._time()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause):
                    await self._changed.wait()
            self._changed.clear()
            try:
                changes = await asyncio.to_thread(self._alarms.look, self._unready())
            except StoreUnavailable as error:
                log.warning("alarms could not be looked at: %s", error)
                continue
            except Exception:
                log.exception("alarms could not be looked at")
                continue
            for event, alarm in changes:
                level = logging.WARNING if event is AlarmEvent.RAISED else logging.INFO
                log.log(level, "alarm %s: %s", event, alarm.text)

    async def tell(self) -> None:
        async with asyncio.TaskGroup() as group:
            for telling in self._tellings:
                group.create_task(self._tell(telling))

    async def _tell(self, telling: Telling) -> None:
        while True:
            try:
                await asyncio.to_thread(telling.tell)
            except StoreUnavailable as error:
                log.warning("alarms could not be told: %s", error)
            except Exception:
                log.exception("alarms could not be told")
            await asyncio.sleep(self._pause)

    @property
    def _pause(self) -> float:
        return self._context.settings.alarm_every.total_seconds()

    def _unready(self) -> Unready | None:
        now, board = self._time(), self._context.switchboard
        if board.ready:
            self._ready_at = now
        if board.trouble is None:
            return None if board.ready else Unready(name=None)
        name, text = board.trouble
        return Unready(name=name, text=text, since=timedelta(seconds=now - self._ready_at))

    def _time(self) -> float:
        return asyncio.get_running_loop().time()
