"""Publishing: what this process knows of Asterisk is written down, for all others to read.

A loop of its own, so that no request waits while the agents of its queue are being counted.
"""

import asyncio
import contextlib
import logging

from asterisk_callback.dispatcher.desk import Desk
from asterisk_callback.domain.errors import StaleWrite, StoreUnavailable
from asterisk_callback.domain.pacing import QueueFacts

log = logging.getLogger(__name__)

# Pages that show it ask again after seconds; a busy queue changes several times in each.
PAUSE, AGAIN = 0.2, 1.0


class Publishing:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._published: dict[str, QueueFacts] = {}
        self._changed = asyncio.Event()

    def soon(self) -> None:
        """The link or a queue's members changed."""
        self._changed.set()

    async def run(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            pause = PAUSE
            try:
                await self._publish()
            except StoreUnavailable as error:
                log.warning("%s", error)
                pause = AGAIN
                self._changed.set()
            except Exception:
                log.exception("what is known of Asterisk could not be written down")
            await asyncio.sleep(pause)

    async def _publish(self) -> None:
        desk = self._desk
        names = {queue.asterisk_queue for queue in desk.queues.values()}
        now = {name: desk.switchboard.facts(name) for name in sorted(names)}
        now[""] = QueueFacts(known=desk.switchboard.ready)
        for name, facts in now.items():
            if self._published.get(name) == facts:
                continue
            if name:
                await self._put(name, facts)
            else:
                with contextlib.suppress(StaleWrite):
                    await desk.renew()
            self._published[name] = facts

    async def _put(self, name: str, facts: QueueFacts) -> None:
        server = self._desk.server
        await self._desk.write(lambda tx: tx.put_queue_facts(server, name, facts))
