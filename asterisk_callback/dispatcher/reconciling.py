"""Reconciling: at start, at each reconnect and every 30 s: our attempts against the live calls."""

import asyncio
import contextlib
import logging

from asterisk_callback.dispatcher.context import DispatcherContext
from asterisk_callback.dispatcher.forgetting import Forgetting, leaves_something
from asterisk_callback.dispatcher.listening import Inbox
from asterisk_callback.dispatcher.restore_check import RestoreCheck
from asterisk_callback.domain.alarm import AlarmName
from asterisk_callback.domain.errors import CallbackError, StoreUnavailable
from asterisk_callback.services.calling.reconcile import Reconciliation
from asterisk_callback.telephony.link import ActionRefused, ActionTimeout, LinkNotReady

log = logging.getLogger(__name__)


class Reconciling:
    def __init__(
        self,
        context: DispatcherContext,
        reconciliation: Reconciliation,
        inbox: Inbox,
        forgetting: Forgetting,
    ) -> None:
        self._context = context
        self._reconciliation = reconciliation
        self._inbox = inbox
        self._forgetting = forgetting
        self._memory = RestoreCheck(context)
        self._now = asyncio.Event()

    def soon(self) -> None:
        """Asterisk is back: what happened meanwhile?"""
        self._memory.ask_again()
        self._now.set()

    async def run(self) -> None:
        pause = self._context.settings.reconcile_every.total_seconds()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._now.wait()
            self._now.clear()
            try:
                await self._context.switchboard.look_again()
                if not self._context.switchboard.linked:
                    continue
                await self._look_around()
                await self._reconcile()
            except (LinkNotReady, ActionTimeout, ActionRefused, StoreUnavailable) as error:
                log.warning("reconciliation was given up for now: %s", error)
            except CallbackError:
                log.exception("reconciliation failed; the next one starts afresh")
            self._context.wake.set()

    async def _look_around(self) -> None:
        board, server = self._context.switchboard, self._context.server
        await board.look_around()
        if old := board.dialplan.old:
            await self._context.write(
                lambda tx: tx.servers.note_stranger(AlarmName.DIALPLAN, server, f"{old}; load ours")
            )

    async def _reconcile(self) -> None:
        context, reconciliation = self._context, self._reconciliation
        # First: nobody is claimed before the queues' members are known.
        await self._memory.compare()
        await context.switchboard.refresh_members()
        adopted = await self.adopt()
        expected = await asyncio.to_thread(reconciliation.expected, context.server)
        live = await context.switchboard.live_tokens()
        # What was told before the list has the first word: a call that is not in it has told its
        # end, and who reads it as missing would judge without knowing.
        await self._inbox.written()
        missing = await asyncio.to_thread(reconciliation.missing, context.server, expected - live)
        left = {}
        for attempt in missing:
            outcome = await context.switchboard.left_outcome(attempt) if attempt.gate_at else None
            if outcome is not None:
                left[attempt.token] = outcome
        ended = await asyncio.to_thread(reconciliation.decide, missing, left, context.me)
        for attempt in missing:
            if leaves_something(attempt):
                self._forgetting.soon(attempt.token)
        if adopted or ended:
            log.info("reconciled: %d adopted, %d ended, %d live", adopted, ended, len(live))

    async def adopt(self) -> int:
        """Takes over what dead dispatchers left open, and learns by which trunks it runs."""
        context = self._context
        adopted = await asyncio.to_thread(self._reconciliation.adopt, context.server, context.me)
        trunks = {one.name: one for queue in context.queues.values() for one in queue.every_trunk}
        for attempt in await context.read(lambda tx: tx.attempts.open_on(context.server)):
            if attempt.trunk in trunks:
                context.trunks.setdefault(attempt.token, trunks[attempt.trunk])
        return adopted
