"""How a request is locked, and what may be changed of it."""

from asterisk_callback.domain.attempt import Attempt, Token
from asterisk_callback.domain.errors import NotFound, NotPossible, NotPossibleForStaff
from asterisk_callback.domain.request import Request, RequestId
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.ports import Transaction


def changeable(tx: Transaction, request_id: RequestId) -> Request:
    """The request, whose row is locked. Raises NotFound, and NotPossibleForStaff once its phone may
    be ringing and after its end."""
    request = tx.requests.lock(request_id)
    if request is None:
        raise unknown()
    if not request.open:
        raise NotPossibleForStaff(f"It has ended: {request.state}.")
    attempt = open_attempt(tx, request.id)
    if attempt is not None and attempt.gate_at is not None:
        raise NotPossibleForStaff(
            "The customer’s phone may be ringing already, so this can’t be changed."
        )
    if not request.state.is_changeable:
        raise NotPossibleForStaff("It is offered to an agent right now.")
    return request


def unknown() -> NotFound:
    """For a number that no request has."""
    return NotFound("There is no such callback request.")


def lock_of_wish(tx: Transaction, wish: Wish) -> tuple[Request, Wish]:
    """The request's row, and the wish as it is now. Raises NotFound, NotPossible if the wish does
    not stand any more."""
    request = tx.requests.lock(wish.request_id)
    current = next((one for one in tx.wishes.of(wish.request_id) if one.id == wish.id), None)
    if request is None or current is None:
        raise NotFound("There is no such callback request.")
    if not current.stands or not request.open:
        raise NotPossible("This call has ended. Ask for a new one.")
    return request, current


def attempt_with_request(tx: Transaction, token: Token) -> tuple[Request, Attempt] | None:
    """The attempt of a token as it is now, and its request; both rows are locked. None for a token
    that is not ours."""
    return tx.attempts.lock_with_requests([token]).get(token)


def open_attempt(tx: Transaction, request_id: RequestId) -> Attempt | None:
    """The attempt that has not ended; there is one at most."""
    return next((one for one in tx.attempts.of(request_id) if one.open), None)


def refuse_after_gate(tx: Transaction, request: Request) -> None:
    """Raises NotPossible from the moment on at which the phone may be ringing."""
    attempt = open_attempt(tx, request.id)
    if attempt is not None and attempt.gate_at is not None:
        raise NotPossible("We are calling you right now, so this can’t be changed any more.")
