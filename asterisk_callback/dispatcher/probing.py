"""Probing: does Asterisk get a word from the gate? Asked without an agent, so that none is rung for
nothing while it does not."""

import asyncio
import contextlib
import logging
from datetime import timedelta

from asterisk_callback.dispatcher.context import DispatcherContext
from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.telephony.link import ActionTimeout, LinkNotReady

log = logging.getLogger(__name__)

AT_FIRST, TIMES = timedelta(seconds=5), 8


class Probing:
    def __init__(self, context: DispatcherContext) -> None:
        self._context = context
        self._now = asyncio.Event()
        self._stopped = False

    def look(self) -> None:
        """Something changed at the switchboard."""
        gate = self._context.switchboard.gate
        if gate.to_probe or bool(gate.fault) != self._stopped:
            self._now.set()

    async def run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause):
                    await self._now.wait()
            self._now.clear()
            try:
                await self._look()
            except (LinkNotReady, ActionTimeout, StoreUnavailable) as error:
                log.warning("whether Asterisk hears the gate could not be asked: %s", error)
            except Exception:
                log.exception("whether Asterisk hears the gate could not be asked")

    @property
    def _pause(self) -> float:
        """While something is wrong: as often as all else is looked at, and sooner at first, for it
        may be a restart of the dispatcher that has the gate."""
        settings, silent = self._context.settings, self._context.switchboard.gate.silent
        pause = settings.reconcile_every if silent else settings.probe_every
        return min(pause, AT_FIRST if 0 < silent < TIMES else pause).total_seconds()

    async def _look(self) -> None:
        board = self._context.switchboard
        gate = board.gate
        if board.linked and (gate.silent or gate.to_probe or gate.quiet_for(self._pause)):
            await board.probe_gate()
        stopped, self._stopped = self._stopped, bool(gate.fault)
        if self._stopped and not stopped:
            log.error("nothing is dialled: %s", gate.fault)
        elif stopped and not self._stopped:
            log.info("Asterisk hears the gate; dialling goes on")
        if self._stopped:
            await self._take_back()

    async def _take_back(self) -> None:
        """What stands in the Asterisk queue would ring agents, and for nothing."""
        context = self._context
        for attempt in await context.read(lambda tx: tx.attempts.open_on(context.server)):
            if attempt.gate_at is None and attempt.agent_at is None:
                await context.switchboard.end(attempt)
