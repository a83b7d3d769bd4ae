"""The dispatcher: one process that releases, claims, originates, listens and reconciles.

Three loops share one event loop. `_work` acts on whatever is due, `_listen` writes down what
Asterisk reports, in its order, and `_keep_watch` renews the lease and reconciles. All database work
runs in threads, and none of it spans a word with Asterisk.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from asterisk_callback.clock import Clock
from asterisk_callback.domain.attempt import Attempt, Disposition, Token
from asterisk_callback.domain.errors import CallbackError, StaleWrite, StoreUnavailable
from asterisk_callback.domain.hold import over
from asterisk_callback.domain.pacing import QueueFacts
from asterisk_callback.domain.progress import AgentRings, Report
from asterisk_callback.domain.queue import CallbackQueue, Queues, Trunk
from asterisk_callback.services.claim import Claim, Me, claim
from asterisk_callback.services.gate import Gate
from asterisk_callback.services.guard import Guard
from asterisk_callback.services.progress import Progress
from asterisk_callback.services.reconcile import Reconciliation
from asterisk_callback.services.release import expire, release
from asterisk_callback.store import SqlStore, Watch
from asterisk_callback.store.transaction import SqlTransaction
from asterisk_callback.telephony.fastagi import FastAgiServer
from asterisk_callback.telephony.gate_server import open_gate
from asterisk_callback.telephony.link import NoAnswer, NotReady, Refused
from asterisk_callback.telephony.switchboard import Server, Switchboard

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class DispatcherSettings:
    """name: of this dispatcher. gate: where the gate listens. sweep: the longest nap.

    drain: how long a graceful stop waits for calls that have not reached the gate.
    """

    name: str
    server: Server
    gate: tuple[str, int] = ("127.0.0.1", 4573)
    lease: timedelta = timedelta(seconds=15)
    reconcile_every: timedelta = timedelta(seconds=30)
    grace: timedelta = timedelta(seconds=10)
    sweep: timedelta = timedelta(seconds=5)
    drain: timedelta = timedelta(seconds=20)


@dataclass(frozen=True, kw_only=True, slots=True)
class Todo:
    """What a round of the dispatcher finds. in_line: names of callback queues."""

    due: bool
    to_end: Sequence[Attempt]
    in_line: Sequence[str]
    next_instant: datetime | None


class Dispatcher:
    """Serves all callback queues of one Asterisk server. `run()` lasts until `stop()`."""

    def __init__(
        self, *, store: SqlStore, queues: Queues, guard: Guard, settings: DispatcherSettings
    ) -> None:
        self._store = store
        self._settings = settings
        server = settings.server
        self._queues = {
            name: queue for name, queue in queues.items() if queue.server == server.name
        }
        self._guard = guard
        self._gate = Gate(store=store, queues=queues, guard=guard)
        self._progress = Progress(store=store, queues=queues)
        self._reconciliation = Reconciliation(
            store=store, progress=self._progress, grace=settings.grace
        )
        self._me = Me(name=settings.name, epoch=0)
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._reconcile_now = asyncio.Event()
        self._reports: asyncio.Queue[Report] = asyncio.Queue()
        self._published: dict[str, QueueFacts] = {}
        self._trunks: dict[Token, Trunk] = {}
        self._sending: set[asyncio.Task[None]] = set()
        self._switchboard = Switchboard(
            server,
            on_report=self._reports.put_nowait,
            on_change=self._changed,
            trunk_of=self._trunks.get,
        )
        self._was_ready = False

    def stop(self) -> None:
        """Asks for a graceful stop: no new claims, the gate stays until nothing needs it."""
        self._stopping.set()
        self._wake.set()

    async def run(self) -> None:
        """Raises OSError if the gate's port is taken. A database that is away is waited for."""
        loop = asyncio.get_running_loop()
        await self._enrol()
        gate = await open_gate(self._settings.gate, self._gate.ask)
        clock = Clock(self._wake.set, sweep=self._settings.sweep)
        watch = Watch(self._store, lambda: loop.call_soon_threadsafe(self._wake.set))
        clock.start()
        watch.start()
        log.info(
            "dispatcher %s serves %s; the gate listens on %s:%d",
            self._me.name,
            self._settings.server.name,
            self._settings.gate[0],
            gate.port,
        )
        try:
            await self._together(gate, clock)
        finally:
            clock.stop()
            await asyncio.to_thread(watch.stop)
            await gate.close()
            with contextlib.suppress(StoreUnavailable):
                await self._in_store(lambda tx: tx.leave(self._me.name, self._me.epoch))

    async def _together(self, gate: FastAgiServer, clock: Clock) -> None:
        async with asyncio.TaskGroup() as group:
            others = [
                group.create_task(self._switchboard.run()),
                group.create_task(self._listen()),
                group.create_task(self._keep_watch()),
                group.create_task(self._reconcile_when_due()),
                group.create_task(self._work(clock)),
            ]
            await self._stopping.wait()
            await self._drain()
            await gate.drain()
            for task in others:
                task.cancel()

    # --- acting -----------------------------------------------------------------------------

    async def _work(self, clock: Clock) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                clock.aim(await self._act())
            except StoreUnavailable as error:
                log.warning("%s", error)
            except Exception:
                log.exception("a round was given up; the next one starts afresh")

    async def _act(self) -> datetime | None:
        """One round. Returns when the next one has something to do, if that is known."""
        todo = await self._in_store_read(self._look)
        if todo.due:
            await asyncio.to_thread(release, self._store)
            await asyncio.to_thread(expire, self._store)
            todo = await self._in_store_read(self._look)
        await self._publish()
        if self._switchboard.ready:
            for attempt in todo.to_end:
                await self._end(attempt)
            if not self._stopping.is_set():
                for name in todo.in_line:
                    await self._claim_from(self._queues[name])
        return todo.next_instant

    def _look(self, tx: SqlTransaction) -> "Todo":
        """What there is to do, in one read and without a lock."""
        holds = tx.holds()
        free = [name for name in self._queues if over(holds, name) is None]
        return Todo(
            due=tx.anything_due(),
            to_end=tx.attempts_to_end(self._settings.server.name),
            in_line=[name for name in free if tx.in_line(name)],
            next_instant=tx.next_instant(),
        )

    async def _claim_from(self, queue: CallbackQueue) -> None:
        """Claims and sends as many as there is room for."""
        while True:
            facts = self._switchboard.facts(queue.asterisk_queue)
            if facts.logged_in == 0:
                return
            claimed = await asyncio.to_thread(
                claim, self._store, self._me, queue, facts, self._guard
            )
            if claimed is None:
                return
            self._send(claimed)

    def _send(self, claimed: Claim) -> None:
        self._trunks[claimed.attempt.token] = claimed.queue.trunk
        attempt, name = claimed.attempt, claimed.queue.name
        log.info("request %d: attempt %d goes to queue %s", attempt.request_id, attempt.id, name)
        task = asyncio.create_task(self._switchboard.originate(claimed))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _end(self, attempt: Attempt) -> None:
        try:
            await self._switchboard.end(attempt)
            await self._in_store(lambda tx: tx.hangup_sent(attempt))
        except (NotReady, NoAnswer, StoreUnavailable) as error:
            log.warning("attempt %s could not be ended yet: %s", attempt.id, error)

    # --- listening --------------------------------------------------------------------------

    async def _listen(self) -> None:
        while True:
            report = await self._reports.get()
            await self._write_down(report)

    async def _write_down(self, report: Report) -> None:
        """In order: a report that can't be written yet holds back the later ones."""
        while True:
            try:
                attempt = await asyncio.to_thread(self._progress.report, report, self._me)
                break
            except StoreUnavailable as error:
                log.warning("a report waits for the database: %s", error)
                await asyncio.sleep(0.5)
            except StaleWrite as error:
                log.info("%s", error)
                return
            except Exception:
                log.exception("a report could not be applied; reconciliation will judge")
                return
        if attempt is None:
            return
        if not attempt.open:
            await self._after_end(attempt, report)
        self._wake.set()

    async def _after_end(self, attempt: Attempt, report: Report) -> None:
        if isinstance(report, AgentRings):
            # Cancelled, and the Asterisk queue goes on to the next agent: nobody is rung for it.
            await self._end(attempt)
            return
        self._trunks.pop(attempt.token, None)
        bad = attempt.disposition in (Disposition.TRUNK_FAULT, Disposition.UNKNOWN)
        log.log(
            logging.WARNING if bad else logging.INFO,
            "request %d: attempt %d ended: %s (%s)",
            attempt.request_id,
            attempt.id,
            attempt.disposition,
            attempt.detail,
        )
        if attempt.gate_at is not None:
            await self._switchboard.forget(attempt.token)

    # --- watching ---------------------------------------------------------------------------

    async def _keep_watch(self) -> None:
        """Renews the lease, and tells everybody whether Asterisk is there."""
        pause = self._settings.lease.total_seconds() / 3
        while True:
            try:
                await self._renew()
            except StoreUnavailable as error:
                log.warning("the lease could not be renewed: %s", error)
            except StaleWrite as error:
                log.error("%s; this process stops", error)
                self.stop()
                return
            await asyncio.sleep(pause)

    async def _renew(self) -> None:
        await self._in_store(
            lambda tx: tx.renew(
                self._me.name,
                self._me.epoch,
                self._settings.lease,
                self._switchboard.ready,
                self._switchboard.reason,
            )
        )

    async def _reconcile_when_due(self) -> None:
        pause = self._settings.reconcile_every.total_seconds()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._reconcile_now.wait()
            self._reconcile_now.clear()
            try:
                await self._switchboard.look_again()
                if not self._switchboard.ready:
                    continue
                await self._reconcile()
            except (NotReady, NoAnswer, Refused, StoreUnavailable) as error:
                log.warning("reconciliation was given up for now: %s", error)
            except CallbackError:
                log.exception("reconciliation failed; the next one starts afresh")
            self._wake.set()

    async def _reconcile(self) -> None:
        server = self._settings.server.name
        await self._switchboard.refresh_members()
        adopted = await self._adopt()
        live = await self._switchboard.live_tokens()
        missing = await asyncio.to_thread(self._reconciliation.missing, server, live)
        left = {}
        for attempt in missing:
            outcome = await self._switchboard.left_outcome(attempt) if attempt.gate_at else None
            if outcome is not None:
                left[attempt.token] = outcome
        ended = await asyncio.to_thread(self._reconciliation.decide, missing, left, self._me)
        for token in left:
            await self._switchboard.forget(token)
        if adopted or ended:
            log.info("reconciled: %d adopted, %d ended, %d live", adopted, ended, len(live))

    async def _adopt(self) -> int:
        """Takes over what dead dispatchers left open, and learns by which trunks it runs."""
        server = self._settings.server.name
        adopted = await asyncio.to_thread(self._reconciliation.adopt, server, self._me)
        trunks = {queue.trunk.name: queue.trunk for queue in self._queues.values()}
        for attempt in await self._in_store_read(lambda tx: tx.open_attempts(server)):
            if attempt.trunk in trunks:
                self._trunks.setdefault(attempt.token, trunks[attempt.trunk])
        return adopted

    def _changed(self) -> None:
        ready = self._switchboard.ready
        if ready and not self._was_ready:
            self._reconcile_now.set()
        self._was_ready = ready
        self._wake.set()

    async def _publish(self) -> None:
        """Lets the other processes read what this one knows of Asterisk."""
        server = self._settings.server.name
        names = {queue.asterisk_queue for queue in self._queues.values()} | {""}
        now = {name: self._switchboard.facts(name) for name in names if name}
        now[""] = QueueFacts(known=self._switchboard.ready)
        changed = {name: facts for name, facts in now.items() if self._published.get(name) != facts}
        if not changed:
            return
        for name, facts in changed.items():
            if name:
                await self._in_store(_put_facts(server, name, facts))
        if "" in changed:
            with contextlib.suppress(StaleWrite):
                await self._renew()
        self._published = now

    async def _drain(self) -> None:
        """Waits for the calls that have not reached the gate; talks go on without us."""
        server = self._settings.server.name
        with contextlib.suppress(TimeoutError, StoreUnavailable):
            async with asyncio.timeout(self._settings.drain.total_seconds()):
                while await self._in_store_read(lambda tx: _before_the_gate(tx, server)):
                    await asyncio.sleep(0.2)

    async def _enrol(self) -> None:
        while True:
            try:
                epoch = await self._in_store(
                    lambda tx: tx.enrol(
                        self._settings.name, self._settings.server.name, self._settings.lease
                    )
                )
                break
            except StoreUnavailable as error:
                log.warning("waiting for the database: %s", error)
                await asyncio.sleep(1.0)
        self._me = Me(name=self._settings.name, epoch=epoch)
        # At once, so that reports of calls that outlived the last process find their owner.
        await self._adopt()

    async def _in_store(self, work: Callable[[SqlTransaction], T]) -> T:
        def run() -> T:
            with self._store.writing() as tx:
                return work(tx)

        return await asyncio.to_thread(run)

    async def _in_store_read(self, work: Callable[[SqlTransaction], T]) -> T:
        def run() -> T:
            with self._store.reading() as tx:
                return work(tx)

        return await asyncio.to_thread(run)


def _before_the_gate(tx: SqlTransaction, server: str) -> bool:
    return any(attempt.gate_at is None for attempt in tx.open_attempts(server))


def _put_facts(server: str, name: str, facts: QueueFacts) -> Callable[[SqlTransaction], None]:
    return lambda tx: tx.put_queue_facts(server, name, facts)
