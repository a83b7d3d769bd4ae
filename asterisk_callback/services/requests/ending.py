"""How a request ends before its call."""

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import NotPossible
from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.services.ports import Transaction
from asterisk_callback.services.requests.locking import open_attempt


def end(tx: Transaction, request: Request, *, actor: str) -> Request:
    """Cancels the request whose row the caller holds."""
    if request.state is RequestState.CANCELLED:
        return request
    attempt = open_attempt(tx, request.id)
    refuse_if_over(request, attempt)
    if attempt is None:
        return _cancelled(tx, request, actor)
    if attempt.gate_at is not None:
        ask_to_hang_up(tx, attempt, actor)
        return request
    call_off(tx, attempt, actor=actor, reason="cancelled before the gate")
    return _cancelled(tx, request, actor)


def refuse_if_over(request: Request, attempt: Attempt | None) -> None:
    """Raises NotPossible while they talk and after the end."""
    if not request.open:
        raise NotPossible("This call has ended, so there is nothing left to cancel.")
    if attempt is not None and attempt.answered_at is not None:
        raise NotPossible("You are talking with us right now. Hang up to end the call.")


def ask_to_hang_up(tx: Transaction, attempt: Attempt, actor: str) -> None:
    """The dispatcher ends the call; asked twice, the first stands."""
    if attempt.hangup_asked_at is None:
        asked = attempt.evolve(hangup_asked_at=tx.now)
        tx.attempts.change(attempt, asked, actor=actor, reason="cancelled while it rings")


def _cancelled(tx: Transaction, request: Request, actor: str) -> Request:
    done = request.evolve(state=RequestState.CANCELLED, ended_at=tx.now, note=f"by {actor}")
    return tx.requests.change(request, done, actor=actor, reason=f"cancelled by {actor}")


def call_off(tx: Transaction, attempt: Attempt, *, actor: str, reason: str) -> Attempt:
    """Ends an attempt before its gate: nobody will be rung. The caller holds the request's row."""
    # No agent is on the line: the call is taken out of the Asterisk queue, and their phones stop.
    # An agent who has answered stays, and hears from the gate why nothing comes.
    quiet = attempt.agent_at is None
    closed = attempt.evolve(
        ended_at=tx.now,
        disposition=Disposition.CANCELLED,
        hangup_asked_at=tx.now if quiet else None,
    )
    return tx.attempts.change(attempt, closed, actor=actor, reason=reason)
