"""Overtaken: the configuration on the disk is another one than this process works with.

It matters before anybody asks for a reload: what an admin believes to be in force is not, and a
file with a fault in it would keep the service down after its next start.
"""

import asyncio
import logging
from collections.abc import Callable

from asterisk_callback.dispatcher.context import DispatcherContext
from asterisk_callback.domain.alarm import AlarmName
from asterisk_callback.domain.errors import StoreUnavailable

log = logging.getLogger(__name__)

# An alarm of this kind ends by itself an hour after it was last written down
# (services.telling.operator).
_AGAIN_AFTER = 600.0


class Overtaken:
    """ask: what there is to say of it, "" if nothing; it may read files."""

    def __init__(self, context: DispatcherContext, ask: Callable[[], str]) -> None:
        self._context = context
        self._ask = ask
        self._said: str | None = None  # unknown: what the process before us said may still stand
        self._said_at = 0.0

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except StoreUnavailable as error:
                log.warning("the configuration's state was not written down: %s", error)
            except Exception:
                log.exception("the configuration could not be looked at")
            await asyncio.sleep(self._context.settings.alarm_every.total_seconds())

    async def look(self) -> None:
        text, now = await asyncio.to_thread(self._ask), asyncio.get_running_loop().time()
        if text == self._said and (not text or now - self._said_at < _AGAIN_AFTER):
            return
        kind, name = AlarmName.OVERTAKEN, self._context.settings.name
        if text:
            await self._context.write(lambda tx: tx.servers.note_stranger(kind, name, text))
        else:
            await self._context.write(lambda tx: tx.servers.forget_stranger(kind, name))
        self._said, self._said_at = text, now
