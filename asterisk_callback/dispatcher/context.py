"""What the dispatcher's loops share: who it is, its store, its Asterisk, and how to wake it.

All database work runs in threads, and none of it spans a word with Asterisk.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from asterisk_callback.domain.attempt import Attempt, Token
from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.domain.queue import Queues
from asterisk_callback.domain.server import DispatcherIdentity
from asterisk_callback.domain.trunk import Trunk
from asterisk_callback.services.calling.gate import DATABASE_SECONDS
from asterisk_callback.store import SqlStore
from asterisk_callback.store.transaction import SqlTransaction
from asterisk_callback.telephony.link import ActionTimeout, LinkNotReady
from asterisk_callback.telephony.server import ServerConnection
from asterisk_callback.telephony.server_settings import AsteriskServer

log = logging.getLogger(__name__)
T = TypeVar("T")

# How long it may take from the claim until Asterisk has the call's channel.
BEGINS = timedelta(seconds=10)


@dataclass(frozen=True, kw_only=True, slots=True)
class DispatcherSettings:
    """name: of this dispatcher. gate: where the gate listens. gate_within: seconds that its work on
    the database may take. sweep: the longest nap.

    drain: how long a graceful stop waits for calls that have not reached the gate. away_for: how
    long the database can't be written before that is an alarm. beat_every: between two heartbeats.
    probe_every: when no call has shown for so long that Asterisk hears the gate, it is asked.
    """

    name: str
    server: AsteriskServer
    gate: tuple[str, int] = ("127.0.0.1", 4574)
    gate_within: float = DATABASE_SECONDS
    lease: timedelta = timedelta(seconds=15)
    reconcile_every: timedelta = timedelta(seconds=30)
    grace: timedelta = timedelta(seconds=10)
    sweep: timedelta = timedelta(seconds=5)
    drain: timedelta = timedelta(seconds=20)
    alarm_every: timedelta = timedelta(seconds=10)
    probe_every: timedelta = timedelta(seconds=30)
    away_for: timedelta = timedelta(seconds=30)
    beat_every: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Trouble:
    """The database can't be written. since: the loop's time at the first try. what: a sentence."""

    since: float
    what: str


@dataclass(kw_only=True)
class DispatcherContext:
    """me: name and epoch, set when it enrols. queues: of its server. trunks: of the open attempts.

    sent: how many attempts so far. trouble: None while the database can be written. wake: a round
    is due. orders: agents ask for something. stopping: no new claims.
    """

    store: SqlStore
    settings: DispatcherSettings
    queues: Queues
    switchboard: ServerConnection
    trunks: dict[Token, Trunk]
    me: DispatcherIdentity
    sent: int = 0
    trouble: Trouble | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    orders: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def server(self) -> str:
        """The name of the Asterisk server."""
        return self.settings.server.name

    @property
    def can_dial(self) -> bool:
        """Whether all that a call needs is there: Asterisk, and a database that can be written."""
        return self.switchboard.ready and self.trouble is None

    @property
    def may_dial(self) -> bool:
        """May new attempts be sent?"""
        return self.can_dial and not self.stopping.is_set()

    def stop(self) -> None:
        self.stopping.set()
        self.wake.set()

    async def write(self, work: Callable[[SqlTransaction], T]) -> T:
        """Raises StoreUnavailable, and what the work raises."""

        def run() -> T:
            with self.store.writing() as tx:
                return work(tx)

        return await asyncio.to_thread(run)

    async def read(self, work: Callable[[SqlTransaction], T]) -> T:
        """Raises StoreUnavailable."""

        def run() -> T:
            with self.store.reading() as tx:
                return work(tx)

        return await asyncio.to_thread(run)

    async def renew(self) -> None:
        """Renews the lease and says whether Asterisk is there. Raises StaleWrite if replaced, and
        StoreUnavailable."""
        me, switchboard = self.me, self.switchboard
        lease, ready, reason = self.settings.lease, switchboard.ready, switchboard.reason
        await self.tried(lambda tx: tx.servers.renew_lease(me.name, me.epoch, lease, ready, reason))

    async def tried(self, work: Callable[[SqlTransaction], T]) -> T:
        """As `write`, and by it is known whether the database can be written."""
        try:
            done = await self.write(work)
        except StoreUnavailable as error:
            began = self.trouble.since if self.trouble else asyncio.get_running_loop().time()
            self.trouble = Trouble(began, error.sentence)
            raise
        self.trouble = None
        return done

    async def end(self, attempt: Attempt) -> None:
        """Has Asterisk end the call of a cancelled attempt; what fails is tried next round."""
        try:
            ended = await self.switchboard.end(attempt)
            # A call that was only just sent may not have its channel yet: once more next round.
            begins = not ended and await self.read(lambda tx: tx.now - attempt.claimed_at < BEGINS)
            if not begins:
                await self.write(lambda tx: tx.attempts.mark_hangup_sent(attempt))
        except (LinkNotReady, ActionTimeout, StoreUnavailable) as error:
            log.warning("attempt %s could not be ended yet: %s", attempt.id, error)
