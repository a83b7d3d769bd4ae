"""Previewing: requests are offered to agents' consoles, and what they call back is sent."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from asterisk_callback.dispatcher.context import DispatcherContext
from asterisk_callback.domain.queue import ClaimedCall
from asterisk_callback.services.console.call_back import CallBackService
from asterisk_callback.services.console.offering import OfferService

log = logging.getLogger(__name__)


class Previewing:
    """A part of each round, while a queue is in preview mode or offers are left over from another
    configuration."""

    def __init__(
        self,
        context: DispatcherContext,
        offering: OfferService,
        calling: CallBackService,
        send: Callable[[ClaimedCall], None],
    ) -> None:
        self._context = context
        self._offering = offering
        self._calling = calling
        self._send = send
        self._queues = [one for one in context.queues.values() if one.mode.rules.offered]

    async def act(self, in_line: frozenset[str], offers: bool) -> datetime | None:
        """One round. in_line: the callback queues in which somebody could be offered now; offers:
        there are open ones. Returns when an offer's time is over next."""
        if not self._queues and not offers:
            return None
        if offers:
            await asyncio.to_thread(self._offering.sweep, self._context.me)
        if self._context.may_dial:
            await self._call()
            for queue in self._queues:
                if queue.name in in_line:
                    members = self._context.switchboard.members(queue.asterisk_queue)
                    free = frozenset(one.interface for one in members if one.free)
                    while await asyncio.to_thread(
                        self._offering.offer, self._context.me, queue, free
                    ):
                        log.info("a request of %s was offered", queue.name)
        return await asyncio.to_thread(self._offering.next_instant)

    async def _call(self) -> None:
        for offer in await asyncio.to_thread(self._calling.asked, self._context.server):
            claimed = await asyncio.to_thread(self._calling.claim, self._context.me, offer)
            if claimed is not None:
                self._send(claimed)
