"""Acting: each round releases, expires, ends, claims and sends whatever is due."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asterisk_callback.clock import Clock
from asterisk_callback.dispatcher.desk import Desk
from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.errors import StaleWrite, StoreUnavailable
from asterisk_callback.domain.hold import over
from asterisk_callback.domain.pacing import QueueFacts
from asterisk_callback.domain.queue import CallbackQueue
from asterisk_callback.services.claim import Claim, claim
from asterisk_callback.services.guard import Guard
from asterisk_callback.services.release import expire, release
from asterisk_callback.store.transaction import SqlTransaction

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Todo:
    """What a round of the dispatcher finds. in_line: names of callback queues."""

    due: bool
    to_end: Sequence[Attempt]
    in_line: Sequence[str]
    next_instant: datetime | None


class Rounds:
    def __init__(self, desk: Desk, guard: Guard) -> None:
        self._desk = desk
        self._guard = guard
        self._published: dict[str, QueueFacts] = {}
        self._sending: set[asyncio.Task[None]] = set()

    async def run(self, clock: Clock) -> None:
        while True:
            await self._desk.wake.wait()
            self._desk.wake.clear()
            try:
                clock.aim(await self._act())
            except StoreUnavailable as error:
                log.warning("%s", error)
            except Exception:
                log.exception("a round was given up; the next one starts afresh")

    async def _act(self) -> datetime | None:
        """One round. Returns when the next one has something to do, if that is known."""
        desk = self._desk
        todo = await desk.read(self._look)
        if todo.due:
            await asyncio.to_thread(release, desk.store)
            await asyncio.to_thread(expire, desk.store)
            todo = await desk.read(self._look)
        await self._publish()
        if desk.switchboard.ready:
            for attempt in todo.to_end:
                await desk.end(attempt)
            if not desk.stopping.is_set():
                for name in todo.in_line:
                    await self._claim_from(desk.queues[name])
        return todo.next_instant

    def _look(self, tx: SqlTransaction) -> Todo:
        """What there is to do, in one read and without a lock."""
        holds = tx.holds()
        free = [name for name in self._desk.queues if over(holds, name) is None]
        return Todo(
            due=tx.anything_due(),
            to_end=tx.attempts_to_end(self._desk.server),
            in_line=[name for name in free if tx.in_line(name)],
            next_instant=tx.next_instant(),
        )

    async def _claim_from(self, queue: CallbackQueue) -> None:
        """Claims and sends as many as there is room for."""
        desk = self._desk
        while True:
            facts = desk.switchboard.facts(queue.asterisk_queue)
            if facts.logged_in == 0:
                return
            claimed = await asyncio.to_thread(claim, desk.store, desk.me, queue, facts, self._guard)
            if claimed is None:
                return
            self._send(claimed)

    def _send(self, claimed: Claim) -> None:
        self._desk.trunks[claimed.attempt.token] = claimed.queue.trunk
        self._desk.sent += 1
        attempt, name = claimed.attempt, claimed.queue.name
        log.info("request %d: attempt %d goes to queue %s", attempt.request_id, attempt.id, name)
        task = asyncio.create_task(self._desk.switchboard.originate(claimed))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _publish(self) -> None:
        """Lets the other processes read what this one knows of Asterisk."""
        desk = self._desk
        names = {queue.asterisk_queue for queue in desk.queues.values()}
        now = {name: desk.switchboard.facts(name) for name in names}
        now[""] = QueueFacts(known=desk.switchboard.ready)
        changed = {name: facts for name, facts in now.items() if self._published.get(name) != facts}
        for name, facts in changed.items():
            if name:
                await self._put(name, facts)
        if "" in changed:
            with contextlib.suppress(StaleWrite):
                await desk.renew()
        self._published = now

    async def _put(self, name: str, facts: QueueFacts) -> None:
        server = self._desk.server
        await self._desk.write(lambda tx: tx.put_queue_facts(server, name, facts))
