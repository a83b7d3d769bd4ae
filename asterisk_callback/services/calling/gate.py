"""The gate: the one place that decides whether a customer's phone rings (P2, P5, P9, P10, P13).

It says yes at most once per token, in a committed row. It is stateless, runs in every dispatcher,
answers any token, and needs no lease: the row is the fence.
"""

import logging
from dataclasses import dataclass

from asterisk_callback.domain import calling_hours
from asterisk_callback.domain.attempt import Attempt, Token, is_token
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.gate import Answer, GatePass, GateRefusal, RefusalReason
from asterisk_callback.domain.hold import over
from asterisk_callback.domain.phone import judge
from asterisk_callback.domain.queue import Queues
from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.services.calling.guard import Guard
from asterisk_callback.services.ports import Store, Transaction
from asterisk_callback.services.requests.locking import attempt_with_request
from asterisk_callback.services.requests.settling import settle_refusal

log = logging.getLogger(__name__)

# Longer than this and the agent would stand on a silent line: no answer in time is a no.
DATABASE_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    store: Store
    queues: Queues
    guard: Guard
    within: float = DATABASE_SECONDS

    def ask(self, token: str) -> Answer:
        """Yes with the number, or no with a reason. A yes is committed before it is returned.

        Raises StoreUnavailable if the database does not answer in time; the caller then says
        nothing to Asterisk, and no answer is no ring. PER_SECOND leaves the attempt open: the
        caller may ask again in a moment.
        """
        if not is_token(token):
            return GateRefusal(reason=RefusalReason.UNKNOWN)
        with self.store.reading() as tx:
            # Whoever tries tokens must not take SQLite's one write lock for it.
            if tx.attempts.by_token(Token(token)) is None:
                return GateRefusal(reason=RefusalReason.UNKNOWN)
        with self.store.writing(within=self.within) as tx:
            found = attempt_with_request(tx, Token(token))
            if found is None:
                return GateRefusal(reason=RefusalReason.UNKNOWN)
            request, attempt = found
            no = self._no(tx, request, attempt)
            if no is RefusalReason.PER_SECOND:
                return GateRefusal(reason=no)
            if no is not None:
                return self._refuse(tx, request, attempt, no)
            return self._pass(tx, request, attempt)

    def _no(self, tx: Transaction, request: Request, attempt: Attempt) -> RefusalReason | None:
        if attempt.gate_at is not None:
            return RefusalReason.USED
        if not attempt.open:
            cancelled = attempt.disposition is Disposition.CANCELLED
            return RefusalReason.CANCELLED if cancelled else RefusalReason.ENDED
        if request.state is not RequestState.IN_PROGRESS:
            return RefusalReason.ENDED
        if tx.now > attempt.gate_by:
            return RefusalReason.TOO_LATE
        if over(tx.holds.active(), request.queue) is not None:
            return RefusalReason.HELD
        if request.queue not in self.queues:
            return RefusalReason.NOT_ALLOWED
        queue = self.queues[request.queue]
        if not queue.mode.rules.makes_calls:
            return RefusalReason.NOT_A_CALLING_QUEUE
        # An agent may have changed the number: where no zone is known, it says where they are.
        called, wishes = request.evolve(e164=attempt.e164), tx.wishes.of(request.id)
        if not calling_hours.allowed(queue, called, wishes, tx.now):
            return RefusalReason.OUTSIDE_HOURS
        trunk = queue.trunk_named(attempt.trunk)
        if trunk is None:
            return RefusalReason.TRUNK_GONE
        no = self.guard.no(tx, queue, attempt.e164, trunk)
        return no or self.guard.reached(tx, queue, trunk, count_claimed=False)

    def _pass(self, tx: Transaction, request: Request, attempt: Attempt) -> Answer:
        queue = self.queues[request.queue]
        number = judge(attempt.e164, queue.number_rules(self.guard.rules))
        trunk = queue.trunk_named(attempt.trunk)
        assert trunk is not None  # else it was refused
        if not tx.attempts.pass_gate(attempt):
            return GateRefusal(reason=RefusalReason.USED)
        tx.trail.add(
            request.id,
            actor="gate",
            event=TrailEvent.GATE_PASSED,
            reason="still wanted, in time, allowed",
            attempt_id=attempt.id,
        )
        return GatePass(
            number=number,
            dial_string=trunk.dial_string(number),
            caller_id=trunk.caller_id,
            ring_for=queue.ring_for,
        )

    def _refuse(
        self, tx: Transaction, request: Request, attempt: Attempt, no: RefusalReason
    ) -> GateRefusal:
        if attempt.open and attempt.gate_at is None:
            closed = attempt.evolve(
                ended_at=tx.now, disposition=Disposition.REFUSED, detail=str(no), rung=False
            )
            tx.attempts.change(attempt, closed, actor="gate", reason=f"refused: {no}")
            if request.state is RequestState.IN_PROGRESS:
                settle_refusal(tx, request, no, actor="gate", queue=self.queues.get(request.queue))
        else:
            tx.trail.add(
                request.id,
                actor="gate",
                event=TrailEvent.GATE_REFUSED,
                reason=str(no),
                attempt_id=attempt.id,
            )
        return GateRefusal(reason=no)
