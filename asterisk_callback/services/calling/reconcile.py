"""Reconciliation: what the database believes is held against what Asterisk really has.

Run at start, at each reconnect and every 30 s, with a complete list of the live calls. Nothing is
concluded from time alone: an attempt that passed no gate is closed by a write that only succeeds
if it still has not, and that is the proof that nobody was rung.
"""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from asterisk_callback.domain.attempt import Attempt, Token
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.progress import AttemptEnds, Report
from asterisk_callback.domain.server import DispatcherIdentity
from asterisk_callback.services.calling.claim import leased
from asterisk_callback.services.calling.progress import Progress
from asterisk_callback.services.ports import Store
from asterisk_callback.services.requests.locking import attempt_with_request

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reconciliation:
    """grace: how long after its claim an attempt may be unknown to Asterisk."""

    store: Store
    progress: Progress
    grace: timedelta = timedelta(seconds=10)

    def expected(self, server: str) -> frozenset[Token]:
        """The open attempts that Asterisk should have by now. Asked before the list of its calls:
        one that is claimed while the list is made would be missed for nothing."""
        with self.store.reading() as tx:
            oldest = tx.now - self.grace
            attempts = tx.attempts.open_on(server)
        return frozenset(one.token for one in attempts if one.claimed_at <= oldest)

    def missing(self, server: str, tokens: Collection[Token]) -> list[Attempt]:
        """Those of `tokens`, which Asterisk does not have, that are still open here.

        For those that passed the gate the caller fetches what their call left behind.
        """
        with self.store.reading() as tx:
            return [one for one in tx.attempts.open_on(server) if one.token in tokens]

    def adopt(self, server: str, me: DispatcherIdentity) -> int:
        """Takes over the open attempts of dispatchers whose lease has ended. Returns how many.

        Raises StaleWrite if this dispatcher was itself replaced (P6).
        """
        with self.store.reading() as tx:
            open_attempts = tx.attempts.open_on(server)
        return sum(
            self._adopt(attempt.token, me) for attempt in open_attempts if attempt.epoch != me.epoch
        )

    def _adopt(self, token: Token, me: DispatcherIdentity) -> bool:
        """One transaction each, the request's row first: the gate may be at work on it."""
        with self.store.writing() as tx:
            if not leased(tx, me):
                return False
            found = attempt_with_request(tx, token)
            if found is None:
                return False
            _, attempt = found
            if not attempt.open or attempt.epoch == me.epoch:
                return False
            alive = {health.dispatcher for health in tx.servers.all() if health.alive(tx.now)}
            if attempt.owner in alive - {me.name}:
                return False
            mine = attempt.evolve(owner=me.name, epoch=me.epoch)
            tx.attempts.change(attempt, mine, actor=me.name, reason="adopted")
            return True

    def decide(
        self,
        missing: Collection[Attempt],
        left: Mapping[Token, AttemptEnds],
        me: DispatcherIdentity,
    ) -> int:
        """Ends the missing attempts. left: the outcomes that their calls left in Asterisk."""
        ended = 0
        for attempt in missing:
            try:
                if self.progress.report(_verdict(attempt, left), me) is not None:
                    ended += 1
            except StaleWrite:
                log.info("attempt %s belongs to another dispatcher", attempt.id)
        return ended


def _verdict(attempt: Attempt, left: Mapping[Token, AttemptEnds]) -> Report:
    outcome = left.get(attempt.token)
    if outcome is not None:
        return outcome
    if attempt.answered_at is not None:
        return AttemptEnds(token=attempt.token, disposition=Disposition.ANSWERED, rung=True)
    # Before the gate `apply` makes this "agent_gone", not rung: see progress.apply.
    return AttemptEnds(
        token=attempt.token,
        disposition=Disposition.UNKNOWN,
        rung=True,
        detail="the call is gone and left no outcome",
    )
