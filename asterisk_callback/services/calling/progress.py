"""Progress: what Asterisk reports about an attempt is written down, once and in one transaction.

It is written with the instant at which Asterisk told it, however much later its turn to be written
comes: who rang when, and from when a pause counts, must not depend on how busy this machine is.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.progress import (
    AgentAnswers,
    AgentRings,
    AttemptEnds,
    CustomerAnswers,
    CustomerRings,
    Report,
    apply,
)
from asterisk_callback.domain.queue import Queues
from asterisk_callback.domain.request import Request
from asterisk_callback.domain.server import DispatcherIdentity
from asterisk_callback.services.ports import Store, Transaction
from asterisk_callback.services.requests.locking import attempt_with_request
from asterisk_callback.services.requests.settling import complete_late, settle_ended

log = logging.getLogger(__name__)

Age = Callable[[], timedelta]


def _just_now() -> timedelta:
    return timedelta(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    store: Store
    queues: Queues

    def report(
        self, report: Report, me: DispatcherIdentity, *, age: Age = _just_now
    ) -> Attempt | None:
        """Applies one report; returns the attempt as it now is, or None for a foreign token.

        age: how long ago Asterisk told it. Asked at the transaction's own `now`, so that neither
        the wait for the database nor a difference of two clocks gets into what is written.
        Raises StaleWrite if the attempt belongs to another dispatcher by now (P6).
        """
        with self.store.writing() as tx:
            told = tx.now - max(age(), timedelta(0))
            found = attempt_with_request(tx, report.token)
            return self._apply(tx, *found, report, me, told) if found is not None else None

    def _apply(
        self,
        tx: Transaction,
        request: Request,
        attempt: Attempt,
        report: Report,
        me: DispatcherIdentity,
        told: datetime,
    ) -> Attempt:
        changed = apply(attempt, report, when(attempt, report, told, tx.now))
        if changed is attempt:
            return attempt
        reason = type(report).__name__
        changed = tx.attempts.change(attempt, changed, actor=me.name, reason=reason, epoch=me.epoch)
        if attempt.open and not changed.open:
            talked = report.talked if isinstance(report, AttemptEnds) else None
            settle_ended(tx, request, changed, self.queues, actor=me.name, talked=talked)
        elif not attempt.open and changed.disposition is not attempt.disposition:
            queue = self.queues.get(request.queue)
            complete_late(tx, request, attempt, changed, actor=me.name, queue=queue)
        return changed


def when(attempt: Attempt, report: Report, told: datetime, now: datetime) -> datetime:
    """The instant to be written: `told`, but not before what must have come before it, not after
    the attempt's end, and never in the future."""
    after = [attempt.claimed_at, *(at for at in _before(attempt, report) if at is not None)]
    latest = now if attempt.ended_at is None else min(attempt.ended_at, now)
    return min(max(told, *after), latest)


def _before(attempt: Attempt, report: Report) -> tuple[datetime | None, ...]:
    """What of an attempt comes before such a report, whatever the instants say."""
    gate, picked_up = attempt.gate_at, attempt.picked_up_at
    match report:
        case AgentRings() | AgentAnswers() if attempt.mode.rules.customer_first:
            return (gate, picked_up, attempt.agent_rang_at)
        case AgentRings() | AgentAnswers():
            return (attempt.agent_rang_at,)
        case CustomerRings():
            return (gate,)
        case CustomerAnswers():
            return (gate, attempt.ringing_at)
        case _:
            answered = (attempt.ringing_at, picked_up, attempt.answered_at)
            return (gate, attempt.agent_rang_at, attempt.agent_at, *answered)
