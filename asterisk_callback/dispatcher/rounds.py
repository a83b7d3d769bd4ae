"""Acting: each round releases, expires, ends, claims and sends whatever is due.

A request that somebody else committed waits for a round: its way to Asterisk is one read and one
claim, and whatever else the dispatcher writes is written by others.
"""

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from asterisk_callback.dispatcher.clock import Clock
from asterisk_callback.dispatcher.context import DispatcherContext
from asterisk_callback.dispatcher.offer_round import Previewing
from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.domain.hold import over
from asterisk_callback.domain.queue import CallbackQueue, ClaimedCall
from asterisk_callback.domain.work import WorkAtHand
from asterisk_callback.services.calling.claim import claim
from asterisk_callback.services.calling.guard import Guard
from asterisk_callback.services.calling.release import expire, release
from asterisk_callback.services.console.call_back import CallBackService
from asterisk_callback.services.console.offering import OfferService
from asterisk_callback.store.transaction import SqlTransaction

log = logging.getLogger(__name__)

# So many are claimed in one transaction, and at most so many are claimed and not sent yet.
AT_ONCE = 32
# So many of a line are counted; of a longer one all that there is room for are claimed.
COUNTED = 50
# Seconds from one round to the next, at the least.
GATHER = 0.03
# Asterisk answers an Originate within milliseconds, unless it is not well.
_SENT = 3.0


class RoundLoop:
    def __init__(
        self,
        context: DispatcherContext,
        guard: Guard,
        offering: OfferService,
        calling: CallBackService,
    ) -> None:
        self._context = context
        self._guard = guard
        self._previewing = Previewing(context, offering, calling, self._send)
        self._sending: set[asyncio.Task[None]] = set()
        self._calls = [name for name, one in context.queues.items() if one.mode.rules.makes_calls]
        self._between = asyncio.Event()
        self._between.set()

    async def sent(self) -> None:
        """Asterisk has heard of every call that was claimed, also of what the round in hand claims
        while it is told to stop; silence is not waited for long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SENT):
                await self._between.wait()
                while self._sending:
                    await asyncio.wait(list(self._sending))

    async def run(self, clock: Clock) -> None:
        while True:
            await self._context.wake.wait()
            self._context.wake.clear()
            self._between.clear()
            begun = asyncio.get_running_loop().time()
            try:
                clock.aim(await self._act())
            except StoreUnavailable as error:
                log.warning("%s", error)
            except Exception:
                log.exception("a round was given up; the next one starts afresh")
            finally:
                self._between.set()
            # While calls go on each of their reports wakes: the next round acts on several.
            await asyncio.sleep(begun + GATHER - asyncio.get_running_loop().time())

    async def _act(self) -> datetime | None:
        """One round. Returns when the next one has something to do, if that is known."""
        context = self._context
        work, in_line, to_end = await context.read(self._look)
        if work.due:
            await asyncio.to_thread(release, context.store)
            await asyncio.to_thread(expire, context.store)
            work, in_line, to_end = await context.read(self._look)
        if work.orders:
            context.orders.set()
        if context.switchboard.linked:
            for attempt in to_end:
                await context.end(attempt)
        if context.may_dial:
            for name, waiting in in_line.items():
                if not context.queues[name].mode.rules.offered:
                    await self._claim_from(context.queues[name], waiting)
        offers_end = await self._previewing.act(frozenset(in_line), work.offers)
        return min((at for at in (work.next_at, offers_end) if at), default=None)

    def _look(self, tx: SqlTransaction) -> tuple[WorkAtHand, Mapping[str, int], Sequence[Attempt]]:
        """What there is to do, without a lock; who could be called, by callback queue; and the
        calls to end."""
        server = self._context.server
        work = tx.work.at_hand(server, self._calls, COUNTED)
        holds = tx.holds.active() if work.held and work.in_line else ()
        return (
            work,
            {name: n for name, n in work.in_line.items() if over(holds, name) is None},
            tx.attempts.to_hang_up(server) if work.to_end else (),
        )

    async def _claim_from(self, queue: CallbackQueue, waiting: int) -> None:
        """Claims and sends as many as there is room for, of those that the look found: who came
        later woke the next round, and no transaction is spent on learning that nobody is left."""
        context = self._context
        left = waiting
        while left > 0:
            facts = context.switchboard.facts(queue.asterisk_queue)
            if facts.logged_in == 0 or not context.may_dial:
                return
            claims = await asyncio.to_thread(
                claim, context.store, context.me, queue, facts, self._guard, min(left, AT_ONCE)
            )
            if not claims:
                return
            for claimed in claims:
                self._send(claimed)
            left -= len(claims)
        if waiting == COUNTED:
            context.wake.set()

    def _send(self, claimed: ClaimedCall) -> None:
        self._context.trunks[claimed.attempt.token] = claimed.trunk
        self._context.sent += 1
        attempt, name = claimed.attempt, claimed.queue.name
        log.info("request %d: attempt %d goes to queue %s", attempt.request_id, attempt.id, name)
        task = asyncio.create_task(self._context.switchboard.originate(claimed))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
