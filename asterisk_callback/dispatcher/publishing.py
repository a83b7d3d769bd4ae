"""Publishing: what this process knows of Asterisk is written down, for all others to read.

A loop of its own, so that no request waits while the agents of its queue are being counted.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import replace

from asterisk_callback.dispatcher.context import DispatcherContext
from asterisk_callback.domain.errors import StaleWrite, StoreUnavailable
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.queue_member import Member
from asterisk_callback.store.transaction import SqlTransaction

log = logging.getLogger(__name__)

# Pages that show it ask again after seconds; a busy queue changes several times in each.
PAUSE, AGAIN = 0.2, 1.0
# So often it looks whether what it wrote still stands.
LOOK = 10.0

# What is known of one Asterisk queue, and of its members.
Known = tuple[QueueStatus, Sequence[Member]]


class Publishing:
    def __init__(self, context: DispatcherContext) -> None:
        self._context = context
        self._published: dict[str, Known] = {}
        self._ready: bool | None = None
        self._changed = asyncio.Event()

    def soon(self) -> None:
        """The link or a queue's members changed."""
        self._changed.set()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        looked = loop.time()
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), LOOK)
            self._changed.clear()
            pause = PAUSE
            try:
                # Also where something changes all the time: it may be in other queues.
                if loop.time() - looked >= LOOK:
                    await self._look()
                    looked = loop.time()
                await self._publish()
            except StoreUnavailable as error:
                log.warning("%s", error)
                pause = AGAIN
                self._changed.set()
            except Exception:
                log.exception("what is known of Asterisk could not be written down")
            await asyncio.sleep(pause)

    async def _publish(self) -> None:
        context = self._context
        if self._ready != (ready := context.switchboard.ready):
            with contextlib.suppress(StaleWrite):
                await context.renew()
            self._ready = ready
        for name in sorted({queue.asterisk_queue for queue in context.queues.values()}):
            now = context.switchboard.facts(name), context.switchboard.members(name)
            before = self._published.get(name)
            if before != now:
                await self._put(name, before, now)
                self._published[name] = now

    async def _look(self) -> None:
        """Another dispatcher of this server may have written last, of a moment before ours, and
        have been stopped then: no change of Asterisk's would put that right."""
        server, names = self._context.server, list(self._published)

        def read(tx: SqlTransaction) -> dict[str, object]:
            return {
                n: _written(tx.servers.queue_facts(server, n), tx.queue_members.of(server, n))
                for n in names
            }

        for name, stands in (await self._context.read(read)).items():
            if stands != _written(*self._published[name]):
                del self._published[name]

    async def _put(self, name: str, before: Known | None, now: Known) -> None:
        """Counts and members together, so that no page shows one without the other. While nothing
        is known of a queue its members stay as they were, and are shown to nobody."""
        server, (facts, members) = self._context.server, now

        def put(tx: SqlTransaction) -> None:
            if before is None or before[0] != facts:
                tx.servers.put_queue_facts(server, name, facts)
            if facts.known and (before is None or before[1] != members):
                tx.queue_members.replace(server, name, members)

        await self._context.write(put)


def _written(facts: QueueStatus, members: Sequence[Member]) -> object:
    """What of it is written down as it is. Of a queue that is not known nobody is shown."""
    seen = {(one.interface, one.status, one.paused, one.in_call) for one in members}
    return replace(facts, one_more=False), seen if facts.known else set()
