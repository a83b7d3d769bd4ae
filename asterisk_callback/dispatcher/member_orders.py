"""Ordering: what agents ask of their phones is handed to Asterisk, once and at once or not at all.

A loop of its own: an Asterisk that is slow to answer one agent holds up no callback.
"""

import logging

from asterisk_callback.dispatcher.context import Desk
from asterisk_callback.domain.errors import StaleWrite, StoreUnavailable

log = logging.getLogger(__name__)


class Ordering:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def run(self) -> None:
        """Woken by a round that saw orders; those sweeps are also what finds the late ones."""
        while True:
            await self._desk.orders.wait()
            self._desk.orders.clear()
            try:
                await self._carry_out()
            except (StoreUnavailable, StaleWrite) as error:
                log.warning("orders of agents wait: %s", error)
            except Exception:
                log.exception("orders of agents were given up; the next round starts afresh")

    async def _carry_out(self) -> None:
        desk, server = self._desk, self._desk.server
        if dropped := await desk.write(lambda tx: tx.drop_late_orders(server)):
            log.warning("%d orders of agents came too late for Asterisk", dropped)
        while desk.switchboard.linked and await self._next():
            pass

    async def _next(self) -> bool:
        """Carries out one order; False: there is none."""
        desk, server, me = self._desk, self._desk.server, self._desk.me
        order = await desk.write(lambda tx: tx.claim_member_order(server, me.name, me.epoch))
        if order is None:
            return False
        outcome, detail = await desk.switchboard.carry_out(order)
        log.info("order %d of an agent, %s: %s", order.id, order.action, outcome)
        await desk.write(lambda tx: tx.finish_member_order(order, outcome, detail))
        return True
