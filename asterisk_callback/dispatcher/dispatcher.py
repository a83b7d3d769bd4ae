"""The dispatcher: one process that releases, claims, originates, listens and reconciles.

Its loops share one event loop and one `DispatcherContext`; each has a file of its own. `rounds`
acts on whatever is due, `listening` writes down what Asterisk reports, `forgetting` removes what
calls left there, `publishing` writes what is known of agents, `member_orders` hands Asterisk what
agents ask of their phones, `probing` asks whether Asterisk hears the gate, `reconciling` compares,
`keep_lease` renews the lease, `alarming` raises and clears alarms, `outage` tells of a database
that can't be written, `heartbeat` that all is well, `restore_check` finds out a restored database,
`retiming` a change of the time zone rules.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from asterisk_callback.dispatcher.alarming import Alarming
from asterisk_callback.dispatcher.clock import Clock
from asterisk_callback.dispatcher.context import DispatcherContext, DispatcherSettings
from asterisk_callback.dispatcher.forgetting import Forgetting
from asterisk_callback.dispatcher.heartbeat import Beat, keep_beating
from asterisk_callback.dispatcher.keep_lease import keep_lease
from asterisk_callback.dispatcher.listening import Inbox, ReportLoop
from asterisk_callback.dispatcher.member_orders import MemberOrderLoop
from asterisk_callback.dispatcher.outage import Outage
from asterisk_callback.dispatcher.overtaken import Overtaken
from asterisk_callback.dispatcher.probing import Probing
from asterisk_callback.dispatcher.publishing import Publishing
from asterisk_callback.dispatcher.reconciling import Reconciling
from asterisk_callback.dispatcher.retiming import keep_times
from asterisk_callback.dispatcher.rounds import RoundLoop
from asterisk_callback.dispatcher.strangers import Strangers
from asterisk_callback.domain.alarm import AlarmName, Notice
from asterisk_callback.domain.attempt import Token
from asterisk_callback.domain.console import ConsoleRules
from asterisk_callback.domain.errors import Occupied, StoreUnavailable
from asterisk_callback.domain.queue import Queues
from asterisk_callback.domain.server import DispatcherIdentity
from asterisk_callback.domain.trunk import Trunk
from asterisk_callback.services.calling.gate import Gate
from asterisk_callback.services.calling.guard import Guard
from asterisk_callback.services.calling.progress import Progress
from asterisk_callback.services.calling.reconcile import Reconciliation
from asterisk_callback.services.console.call_back import CallBackService
from asterisk_callback.services.console.offering import OfferService
from asterisk_callback.services.telling.channel import Way
from asterisk_callback.services.telling.operator import Alarms
from asterisk_callback.store import SqlStore, Watch, process
from asterisk_callback.store.transaction import SqlTransaction
from asterisk_callback.telephony.fastagi import FastAgiServer
from asterisk_callback.telephony.gate_server import open_gate
from asterisk_callback.telephony.server import ServerConnection

__all__ = ["Dispatcher", "DispatcherSettings"]

log = logging.getLogger(__name__)

# So often a database that is away is asked at the start, in seconds.
_AGAIN = 1.0


def _host_clock() -> datetime:
    return datetime.now(UTC)


class Dispatcher:
    """Serves all callback queues of one Asterisk server. `run()` lasts until `stop()`."""

    def __init__(
        self,
        *,
        store: SqlStore,
        queues: Queues,
        guard: Guard,
        settings: DispatcherSettings,
        channels: Sequence[Way[Notice]] = (),
        consoles: ConsoleRules | None = None,
        overtaken: Callable[[], str] = lambda: "",
        beat: Beat | None = None,
        host_clock: Callable[[], datetime] = _host_clock,
    ) -> None:
        """channels: told of alarms. overtaken: what there is to say of a configuration that is not
        in force yet, or "". beat: tells somebody outside that calls can be placed. host_clock: of
        this machine, aware UTC."""
        server = settings.server
        inbox = Inbox()
        trunks: dict[Token, Trunk] = {}
        switchboard = ServerConnection(
            server,
            on_report=inbox.hear,
            on_change=self._changed,
            trunk_of=trunks.get,
            queues={one.asterisk_queue for one in queues.values() if one.server == server.name},
        )
        self.context = context = DispatcherContext(
            store=store,
            settings=settings,
            queues={name: queue for name, queue in queues.items() if queue.server == server.name},
            switchboard=switchboard,
            trunks=trunks,
            me=DispatcherIdentity(name=settings.name, epoch=0),
        )
        progress = Progress(store=store, queues=queues)
        self._gate = Gate(store=store, queues=queues, guard=guard, within=settings.gate_within)
        rules = consoles or ConsoleRules()
        offering = OfferService(store=store, queues=context.queues, guard=guard)
        calling = CallBackService(store=store, queues=context.queues, guard=guard, rules=rules)
        self._rounds = RoundLoop(context, guard, offering, calling)
        self._publishing = Publishing(context)
        self._probing = Probing(context)
        self._ordering = MemberOrderLoop(context)
        self._forgetting = Forgetting(context)
        self._listening = ReportLoop(context, progress, inbox, self._forgetting)
        self._reconciling = Reconciling(
            context,
            Reconciliation(store=store, progress=progress, grace=settings.grace),
            inbox,
            self._forgetting,
        )
        names = [channel.name for channel in channels]
        alarms = Alarms(
            store=store,
            queues=context.queues,
            server=server.name,
            channels=names,
            limits=guard.limits,
            home=guard.rules.home,
            me=settings.name,
            known=frozenset(queues),
            host_clock=host_clock,
            asterisk_clock=switchboard.clock,
            missing_queues=self._missing_queues,
        )
        self._alarming = Alarming(context, alarms)
        self._overtaken = Overtaken(context, overtaken)
        self._outage = Outage(context, channels, host_clock)
        self._beat = beat
        self._hands_over = False
        self._was_linked = False
        self._trouble: tuple[AlarmName, str] | None = None

    def stop(self) -> None:
        """Asks for a graceful stop: no new claims, the gate stays until nothing needs it."""
        self.context.stop()

    def hand_over(self) -> None:
        """Asks for a stop that leaves everything to the next one, who waits for it already: calls
        on their way to the gate find it there."""
        self._hands_over = True
        self.context.stop()

    async def run(
        self, gate: socket.socket | None = None, serving: Callable[[], object] = lambda: None
    ) -> socket.socket | None:
        """gate: a socket that listens where the gate is to be; None: one is made. serving: called
        once everything runs. Returns the gate's socket if it was asked to hand over: it listens on,
        and who connects to it waits.

        Raises OSError if the gate's port is taken, Occupied if another dispatcher of this name
        lives. A database that is away is waited for, until it is told to stop."""
        outage = asyncio.create_task(self._outage.run())
        try:
            if await self._enrol():
                return await self._serve(gate, serving)
            return gate if self._hands_over else None
        finally:
            outage.cancel()

    async def _serve(
        self, gate: socket.socket | None, serving: Callable[[], object]
    ) -> socket.socket | None:
        loop, context, settings = asyncio.get_running_loop(), self.context, self.context.settings
        strangers = Strangers(context)
        server = await open_gate(
            gate or settings.gate, self._gate, self._gate.within, strangers.came
        )
        clock = Clock(context.wake.set, sweep=settings.sweep)
        watch = Watch(context.store, lambda: loop.call_soon_threadsafe(context.wake.set))
        clock.start()
        watch.start()
        where = f"{settings.gate[0]}:{server.port}"
        log.info("dispatcher %s serves %s; gate on %s", context.me.name, context.server, where)
        serving()
        try:
            await self._together(server, clock)
        finally:
            clock.stop()
            await asyncio.to_thread(watch.stop)
            await server.close()
            with contextlib.suppress(StoreUnavailable):
                await context.write(
                    lambda tx: tx.servers.unregister(context.me.name, context.me.epoch)
                )
        return server.left if self._hands_over else None

    async def _together(self, gate: FastAgiServer, clock: Clock) -> None:
        async with asyncio.TaskGroup() as group:
            others = [
                group.create_task(self.context.switchboard.run()),
                group.create_task(self._listening.run()),
                group.create_task(self._forgetting.run()),
                group.create_task(keep_lease(self.context)),
                group.create_task(self._reconciling.run()),
                group.create_task(self._alarming.run()),
                group.create_task(self._rounds.run(clock)),
                group.create_task(self._publishing.run()),
                group.create_task(self._probing.run()),
                group.create_task(self._ordering.run()),
                group.create_task(keep_times(self.context)),
                group.create_task(self._overtaken.run()),
                group.create_task(keep_beating(self.context, self._beat)),
            ]
            await self.context.stopping.wait()
            await self._rounds.sent()
            if not self._hands_over:
                await self._drain()
            await self._listening.caught_up()
            await self._forgetting.now()
            # Last: whoever asks from now on waits for the next one, and no longer than Asterisk
            # waits for a gate.
            await gate.drain(leave=self._hands_over)
            for task in others:
                task.cancel()

    def _missing_queues(self) -> Sequence[str]:
        """A team that is told needs no Asterisk queue."""
        mine = self.context.queues.values()
        needed = {one.asterisk_queue for one in mine if one.mode.rules.makes_calls}
        return [one for one in self.context.switchboard.missing_queues() if one in needed]

    def _changed(self) -> None:
        board = self.context.switchboard
        if board.linked and not self._was_linked:
            self._reconciling.soon()
        self._was_linked = board.linked
        if board.trouble != self._trouble:
            self._trouble = board.trouble
            self._alarming.soon()
        self._probing.look()
        self._publishing.soon()
        self.context.wake.set()

    async def _drain(self) -> None:
        """Waits for the calls that have not reached the gate; talks go on without us."""
        context = self.context
        with contextlib.suppress(TimeoutError, StoreUnavailable):
            async with asyncio.timeout(context.settings.drain.total_seconds()):
                while await context.read(lambda tx: _before_the_gate(tx, context.server)):
                    await asyncio.sleep(0.2)

    async def _enrol(self) -> bool:
        """Takes an epoch and a lease, and adopts at once, so that reports of calls that outlived
        the last process find their owner. False: it was told to stop first. Raises Occupied."""
        context, settings, me = self.context, self.context.settings, process.identity()
        while not context.stopping.is_set():
            try:
                epoch = await context.tried(
                    lambda tx: tx.servers.register(
                        settings.name, context.server, settings.lease, me, process.has_ended
                    )
                )
                context.me = DispatcherIdentity(name=settings.name, epoch=epoch)
                await self._reconciling.adopt()
                return True
            except Occupied as error:
                await self._told_apart(f"{process.host_of(me)}: {error}")
                raise
            except StoreUnavailable as error:
                log.warning("waiting for the database: %s", error)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_AGAIN):
                        await context.stopping.wait()
        return False

    async def _told_apart(self, text: str) -> None:
        name = self.context.settings.name
        await self.context.write(
            lambda tx: tx.servers.note_stranger(AlarmName.SECOND_OWNER, name, text)
        )


def _before_the_gate(tx: SqlTransaction, server: str) -> bool:
    return any(attempt.gate_at is None for attempt in tx.attempts.open_on(server))
