"""The gate: the one place that decides whether a customer's phone rings (P2, P5, P9, P10, P13).

It says yes at most once per token, in a committed row. It is stateless, runs in every dispatcher,
answers any token, and needs no lease: the row is the fence.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from asterisk_callback.domain import calling_hours
from asterisk_callback.domain.attempt import Attempt, Token, is_token
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.gate import Answer, GatePass, GateRefusal, RefusalReason
from asterisk_callback.domain.hold import over
from asterisk_callback.domain.phone import judge
from asterisk_callback.domain.queue import CallbackQueue, Queues
from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.domain.trunk import Trunk
from asterisk_callback.services.calling.guard import Guard, PassesLeft, lock_of
from asterisk_callback.services.ports import Store, Transaction
from asterisk_callback.services.requests.settling import settle_refusal

# Longer than this and the agent would stand on a silent line: no answer in time is a no.
DATABASE_SECONDS = 2.0


_UNKNOWN = GateRefusal(reason=RefusalReason.UNKNOWN)
_USED = GateRefusal(reason=RefusalReason.USED)


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
        (answer,) = self._ask([token], waits=True)
        assert answer is not None
        return answer

    def ask_all(self, tokens: Sequence[str]) -> Sequence[Answer | None]:
        """The same for many in one transaction, each by its place: one that is asked twice gets one
        yes. None: somebody else is at work on it just now, and it is to be asked alone, so that the
        others need not wait for that. Raises StoreUnavailable for all of them."""
        return self._ask(tokens, waits=False)

    def _ask(self, tokens: Sequence[str], *, waits: bool) -> Sequence[Answer | None]:
        some = [Token(token) for token in tokens if is_token(token)]
        if self.store.one_writer:
            # Whoever tries tokens must not take the one write lock for it.
            with self.store.reading() as tx:
                known = tx.attempts.known(some)
            some = [token for token in some if token in known]
        if not some:
            return [_UNKNOWN for _ in tokens]
        with self.store.writing(within=self.within) as tx:
            group = _Group(self, tx, some, waits=waits)
            return group.answers(tokens)

    def _no(self, seen: "_Group", request: Request, attempt: Attempt) -> RefusalReason | None:
        if attempt.gate_at is not None:
            return RefusalReason.USED
        if not attempt.open:
            cancelled = attempt.disposition is Disposition.CANCELLED
            return RefusalReason.CANCELLED if cancelled else RefusalReason.ENDED
        if request.state is not RequestState.IN_PROGRESS:
            return RefusalReason.ENDED
        if seen.now > attempt.gate_by:
            return RefusalReason.TOO_LATE
        if over(seen.holds, request.queue) is not None:
            return RefusalReason.HELD
        if request.queue not in self.queues:
            return RefusalReason.NOT_ALLOWED
        queue = self.queues[request.queue]
        if not queue.mode.rules.makes_calls:
            return RefusalReason.NOT_A_CALLING_QUEUE
        # An agent may have changed the number: where no zone is known, it says where they are.
        called = request.evolve(e164=attempt.e164)
        if not calling_hours.allowed(queue, called, seen.wishes[request.id], seen.now):
            return RefusalReason.OUTSIDE_HOURS
        trunk = queue.trunk_named(attempt.trunk)
        if trunk is None:
            return RefusalReason.TRUNK_GONE
        return seen.no[attempt.id] or seen.left.reached(queue, trunk)

    def _pass(self, request: Request, attempt: Attempt) -> GatePass:
        queue = self.queues[request.queue]
        number = judge(attempt.e164, queue.number_rules(self.guard.rules))
        trunk = queue.trunk_named(attempt.trunk)
        assert trunk is not None  # else it was refused
        return GatePass(
            number=number,
            dial_string=trunk.dial_string(number),
            caller_id=trunk.caller_id,
            ring_for=queue.ring_for,
        )

    def _refuse(
        self, tx: Transaction, request: Request, attempt: Attempt, no: RefusalReason
    ) -> GateRefusal:
        if no is RefusalReason.PER_SECOND:
            return GateRefusal(reason=no)
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


class _Group:
    """The attempts that are asked for in one transaction, and what decides about them, read under
    the locks: the rows of requests and attempts, the numbers', the counters'.

    now: after the last of these waits. no: what the guard says of each attempt's number. left: of
    the limits, less each yes that was given here.
    """

    def __init__(
        self, gate: Gate, tx: Transaction, tokens: Sequence[Token], *, waits: bool
    ) -> None:
        self._gate = gate
        self._tx = tx
        found = tx.attempts.lock_with_requests(tokens, skip_locked=not waits)
        self._elsewhere = set() if waits else set(tx.attempts.known(_but(tokens, found)))
        self._found = dict(self._with_numbers(found, waits=waits))
        self.holds = tx.holds.active()
        self.wishes = tx.wishes.of_all([request.id for request, _ in self._found.values()])
        asked = {attempt: self._way(request, attempt) for request, attempt in self._found.values()}
        ways = {attempt: way for attempt, way in asked.items() if way is not None}
        no = gate.guard.no_all(
            tx, [(queue, attempt.e164, trunk) for attempt, (queue, trunk) in ways.items()]
        )
        self.no = {attempt.id: reason for attempt, reason in zip(ways, no, strict=True)}
        self.left = PassesLeft(tx, gate.guard, ways.values())

    @property
    def now(self) -> datetime:
        return self._tx.now

    def answers(self, tokens: Sequence[str]) -> Sequence[Answer | None]:
        """By their places. A token that comes again is not decided here a second time."""
        answers: list[Answer | None] = []
        passing: dict[int, Attempt] = {}
        for place, token in enumerate(tokens):
            request, attempt = self._found.get(Token(token), (None, None))
            if token in self._elsewhere or token in tokens[:place]:
                answers.append(None)
            elif request is None or attempt is None:
                answers.append(_UNKNOWN)
            elif (no := self._gate._no(self, request, attempt)) is not None:
                answers.append(self._gate._refuse(self._tx, request, attempt, no))
            else:
                answers.append(_USED)  # unless its row says otherwise
                passing[place] = attempt
                self._take(request, attempt)
        passed = self._tx.attempts.pass_gate(list(passing.values()))
        for place, attempt in passing.items():
            if attempt.id in passed:
                answers[place] = self._passed(attempt)
        return answers

    def _take(self, request: Request, attempt: Attempt) -> None:
        way = self._way(request, attempt)
        assert way is not None  # else it was refused
        self.left.take(*way)

    def _passed(self, attempt: Attempt) -> GatePass:
        request, _ = self._found[attempt.token]
        self._tx.trail.add(
            request.id,
            actor="gate",
            event=TrailEvent.GATE_PASSED,
            reason="still wanted, in time, allowed",
            attempt_id=attempt.id,
        )
        return self._gate._pass(request, attempt)

    def _with_numbers(
        self, found: Mapping[Token, tuple[Request, Attempt]], *, waits: bool
    ) -> Iterator[tuple[Token, tuple[Request, Attempt]]]:
        """Those whose numbers' locks we hold."""
        names = {lock_of(attempt.e164) for _, attempt in found.values()}
        if waits:
            self._tx.lock(*names)
        free = names if waits else self._tx.try_lock(*names)
        for token, (request, attempt) in found.items():
            if lock_of(attempt.e164) in free:
                yield token, (request, attempt)
            else:
                self._elsewhere.add(token)

    def _way(self, request: Request, attempt: Attempt) -> tuple[CallbackQueue, Trunk] | None:
        queue = self._gate.queues.get(request.queue)
        trunk = queue.trunk_named(attempt.trunk) if queue is not None else None
        return (queue, trunk) if queue is not None and trunk is not None else None


def _but(tokens: Sequence[Token], found: Collection[Token]) -> Sequence[Token]:
    return [token for token in tokens if token not in found]
