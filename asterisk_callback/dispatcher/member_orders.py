"""Ordering: what agents ask of their phones is handed to Asterisk, once and at once or not at all.

A loop of its own: an Asterisk that is slow to answer one agent holds up no callback.
"""

import logging

from asterisk_callback.dispatcher.context import DispatcherContext
from asterisk_callback.domain.errors import StaleWrite, StoreUnavailable

log = logging.getLogger(__name__)


class MemberOrderLoop:
    def __init__(self, context: DispatcherContext) -> None:
        self._context = context

    async def run(self) -> None:
        """Woken by a round that saw orders; those sweeps are also what finds the late ones."""
        while True:
            await self._context.orders.wait()
            self._context.orders.clear()
            try:
                await self._carry_out()
            except (StoreUnavailable, StaleWrite) as error:
                log.warning("orders of agents wait: %s", error)
            except Exception:
                log.exception("orders of agents were given up; the next round starts afresh")

    async def _carry_out(self) -> None:
        context, server = self._context, self._context.server
        if dropped := await context.write(lambda tx: tx.member_orders.expire(server)):
            log.warning("%d orders of agents came too late for Asterisk", dropped)
        while context.switchboard.linked and await self._next():
            pass

    async def _next(self) -> bool:
        """Carries out one order; False: there is none."""
        context, server, me = self._context, self._context.server, self._context.me
        order = await context.write(lambda tx: tx.member_orders.claim(server, me.name, me.epoch))
        if order is None:
            return False
        outcome, detail = await context.switchboard.orders.send(order)
        log.info("order %d of an agent, %s: %s", order.id, order.action, outcome)
        await context.write(lambda tx: tx.member_orders.finish(order, outcome, detail))
        return True
