"""Strangers: AGI requests of others at our gate. Each is refused, and the operator is told."""

import asyncio
import logging

from asterisk_callback.dispatcher.context import DispatcherContext
from asterisk_callback.domain.alarm import AlarmName
from asterisk_callback.domain.errors import CallbackError

log = logging.getLogger(__name__)

# A busy PBX may ask for each of its calls: each script is written down once in this time.
_AGAIN_AFTER = 60.0
_REMEMBERED = 50


class Strangers:
    def __init__(self, context: DispatcherContext) -> None:
        self._context = context
        self._seen: dict[str, float] = {}
        self._writes: set[asyncio.Task[None]] = set()

    def came(self, script: str) -> None:
        """Logs it, and writes it down for the alarm; never waits."""
        now = asyncio.get_running_loop().time()
        if now - self._seen.get(script, -_AGAIN_AFTER) < _AGAIN_AFTER:
            return
        if len(self._seen) >= _REMEMBERED:
            self._seen.clear()
        self._seen[script] = now
        port = self._context.settings.gate[1]
        text = (
            f"Asterisk asked port {port}, our gate, for the AGI script {script!r}, which is not "
            "ours; it was refused"
        )
        log.warning("%s", text)
        write = asyncio.create_task(self._write(text))
        self._writes.add(write)
        write.add_done_callback(self._writes.discard)

    async def _write(self, text: str) -> None:
        name = self._context.me.name
        try:
            await self._context.write(
                lambda tx: tx.servers.note_stranger(AlarmName.FOREIGN_AGI, name, text)
            )
        except CallbackError as error:
            log.warning("not written down: %s", error)
