"""Alarming: what is wrong is noticed, written down, and logged when it begins and when it is over.

It is told by threads of the outbox, so that a mail server that does not answer delays no alarm.
"""

import asyncio
import contextlib
import logging
from datetime import timedelta

from asterisk_callback.dispatcher.context import DispatcherContext
from asterisk_callback.domain.alarm import AlarmEvent
from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.services.telling.operator import Alarms, Unready

log = logging.getLogger(__name__)


class Alarming:
    def __init__(self, context: DispatcherContext, alarms: Alarms) -> None:
        self._context = context
        self._alarms = alarms
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
