"""Starting a call: callback requests get an attempt each, and are in progress (P3, P6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from asterisk_callback.domain.attempt import Attempt, new_token
from asterisk_callback.domain.languages import language_of
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.queue import CallbackQueue, ClaimedCall
from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.domain.server import DispatcherIdentity
from asterisk_callback.domain.trunk import Trunk
from asterisk_callback.domain.wish import Wish, deciding
from asterisk_callback.services.ports import Transaction

# Whisper, gate and the set-up of the call, on top of the time before the gate.
GATE_MARGIN = timedelta(seconds=45)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCall:
    """A call to be started."""

    request: Request  # Its row is locked.
    wishes: Sequence[Wish]  # All of the request.
    trunk: Trunk
    mode: DeliveryMode
    before_gate: timedelta  # How long it may take until it asks the gate, beside its set-up.
    e164: str  # The number that is called.
    member: str | None = None  # The phone of the agent who is rung, where one is chosen.
    agent: str | None = None  # Their name.
    reason: str = ""  # For the trail, behind the attempt's number.


def start(
    tx: Transaction, me: DispatcherIdentity, queue: CallbackQueue, calls: Sequence[NewCall]
) -> Sequence[ClaimedCall]:
    """What is sent to Asterisk of each, in the same order, once the transaction is committed: each
    once. Raises IllegalTransition, StaleWrite."""
    attempts = tx.attempts.add_all(
        [
            {
                "request_id": call.request.id,
                "token": new_token(),
                "server": queue.server,
                "trunk": call.trunk.name,
                "owner": me.name,
                "epoch": me.epoch,
                "e164": call.e164,
                "claimed_at": tx.now,
                "gate_by": tx.now + call.before_gate + GATE_MARGIN,
                "mode": call.mode,
                "member": call.member,
                "agent": call.agent,
            }
            for call in calls
        ]
    )
    started = list(zip(calls, attempts, strict=True))
    tx.requests.change_all(
        [(one.request, one.request.evolve(state=RequestState.IN_PROGRESS)) for one in calls],
        actor=me.name,
        reasons=[f"attempt {attempt.id}{call.reason}" for call, attempt in started],
    )
    return [_claimed(tx, queue, call, attempt) for call, attempt in started]


def _claimed(tx: Transaction, queue: CallbackQueue, call: NewCall, attempt: Attempt) -> ClaimedCall:
    wish = deciding(call.wishes)
    return ClaimedCall(
        attempt=attempt,
        queue=queue,
        waited=tx.now - call.request.created_at,
        language=language_of(call.request.locale),
        reference=wish.public_id if wish else "",
    )
