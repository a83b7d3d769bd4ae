"""Progress: what Asterisk reports about attempts is written down, once, and all that waits in one
transaction.

It is written with the instant at which Asterisk told it, however much later its turn to be written
comes: who rang when, and from when a pause counts, must not depend on how busy this machine is.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asterisk_callback.domain.attempt import Attempt, Token
from asterisk_callback.domain.disposition import Disposition
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
from asterisk_callback.domain.request import Request, RequestId
from asterisk_callback.domain.server import DispatcherIdentity
from asterisk_callback.services.ports import Store, Transaction
from asterisk_callback.services.requests.settling import EndedCall, complete_late, settle_all

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
        """Applies one report: see report_all."""
        (attempt,) = self.report_all([(report, age)], me)
        return attempt

    def report_all(
        self, reports: Sequence[tuple[Report, Age]], me: DispatcherIdentity
    ) -> list[Attempt | None]:
        """Applies reports in their order, all of them or none; returns for each the attempt as it
        then is, or None for a foreign token.

        Age: how long ago Asterisk told it. Asked at the transaction's own `now`, so that neither
        the wait for the database nor a difference of two clocks gets into what is written.
        Raises StaleWrite if one of the attempts belongs to another dispatcher by now (P6).
        """
        with self.store.writing() as tx:
            batch = _Batch(tx, self.queues, me, [report.token for report, _ in reports])
            done = [
                batch.apply(report, tx.now - max(age(), timedelta(0))) for report, age in reports
            ]
            batch.write()
        return done


@dataclass(frozen=True, slots=True)
class _Told:
    """What reports made of an attempt. reasons: one for each of them."""

    request: Request
    old: Attempt
    new: Attempt
    reasons: Sequence[str]
    talked: timedelta | None


class _Batch:
    """Attempts, and what reports made of them in this transaction: written together, ends with what
    they make of their requests."""

    def __init__(
        self, tx: Transaction, queues: Queues, me: DispatcherIdentity, tokens: Sequence[Token]
    ) -> None:
        self._tx = tx
        self._queues = queues
        self._me = me
        self._found = dict(tx.attempts.lock_with_requests(tokens))
        self._ours = frozenset(self._found)
        self._unwritten: dict[Token, _Told] = {}
        self._ending: set[RequestId] = set()

    def apply(self, report: Report, told: datetime) -> Attempt | None:
        """The attempt as it is after the report; None for a foreign token. told: aware UTC."""
        token = report.token
        if token not in self._ours:
            return None
        if token not in self._found:
            self._found |= self._tx.attempts.lock_with_requests([token])
        request, attempt = self._found[token]
        changed = apply(attempt, report, when(attempt, report, told, self._tx.now))
        if changed is attempt:
            return attempt
        if request.id in self._ending:  # by what becomes of it, it is judged anew
            self.write()
            return self.apply(report, told)
        if attempt.open:
            self._keep(request, attempt, changed, report)
        else:
            self.write()
            self._correct(request, attempt, changed, report)
        return changed

    def write(self) -> None:
        """Raises StaleWrite."""
        told = list(self._unwritten.values())
        self._unwritten.clear()
        self._tx.attempts.change_all(
            [(one.old, one.new) for one in told],
            actor=self._me.name,
            reasons=[one.reasons for one in told],
            epoch=self._me.epoch,
        )
        ended = [
            EndedCall(request=one.request, attempt=one.new, talked=one.talked)
            for one in told
            if not one.new.open
        ]
        if ended:
            settle_all(self._tx, ended, self._queues, actor=self._me.name)
        self._forget(self._ending)
        self._ending.clear()

    def _keep(self, request: Request, attempt: Attempt, changed: Attempt, report: Report) -> None:
        """Of one that could not be dialled it is asked how the trunk did before it: it is written
        alone."""
        alone = changed.disposition is Disposition.INVALID_NUMBER
        if alone:
            self.write()
        before = self._unwritten.get(report.token)
        self._unwritten[report.token] = _Told(
            request,
            before.old if before else attempt,
            changed,
            [*(before.reasons if before else ()), type(report).__name__],
            report.talked if isinstance(report, AttemptEnds) else None,
        )
        self._found[report.token] = request, changed
        if not changed.open:
            self._ending.add(request.id)
        if alone:
            self.write()

    def _correct(
        self, request: Request, attempt: Attempt, changed: Attempt, report: Report
    ) -> None:
        """Its end was judged without knowing of what is reported now."""
        tx, actor, reason = self._tx, self._me.name, type(report).__name__
        tx.attempts.change(attempt, changed, actor=actor, reason=reason, epoch=self._me.epoch)
        if changed.disposition is not attempt.disposition:
            queue = self._queues.get(request.queue)
            complete_late(tx, request, attempt, changed, actor=actor, queue=queue)
        self._forget({request.id})

    def _forget(self, moved: Collection[RequestId]) -> None:
        """They went on, and another attempt of theirs may have been called off: both are read
        anew."""
        kept = {one: both for one, both in self._found.items() if both[0].id not in moved}
        self._found = kept


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
