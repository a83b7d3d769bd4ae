"""Messages: what the customer is to be told goes into the outbox, in the transaction of the change.

So a message is lost only with the change that it tells of, and a change that is repeated tells
nothing twice: a row is unique by wish, kind and occasion. Who can't be reached gets no row. The
words, and whether it is still true when its turn comes, are the outbox's matter.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.customer_message import Message, MessageKind, ReachedBy, recipient
from asterisk_callback.domain.promise import is_own
from asterisk_callback.domain.queue import CallbackQueue
from asterisk_callback.domain.request import Request
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.ports import Transaction


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispatch:
    """One message with all that its words need. secret: of the wish's status page. id: unique
    and the same at every try. queue: None if it was taken out of the configuration."""

    id: str
    message: Message
    wish: Wish
    request: Request
    queue: CallbackQueue | None
    secret: str


_NO_FACTS: Mapping[str, str] = {}


def asked(tx: Transaction, wish: Wish) -> None:
    """A wish was accepted."""
    _put(tx, wish, MessageKind.CONFIRMATION)


def moved(tx: Transaction, wish: Wish) -> None:
    """The wish has another time, by its owner or because a zone's rules changed, and its moves
    are counted already: calendars take an update only with a higher number."""
    _put(tx, wish, MessageKind.MOVED, occasion=str(wish.moves))


def missed(tx: Transaction, request: Request, attempt: Attempt, wishes: Sequence[Wish]) -> None:
    """The customer's phone was rung without success, and `request` already knows the next time.
    wishes: all of the request."""
    rang_at = attempt.rang_at
    if rang_at is None or attempt.answered_at is not None or not request.open:
        return
    facts = {
        "rang": rang_at.isoformat(),
        "next": request.due_at.isoformat(),
        "reason": attempt.disposition.value if attempt.disposition else "",
    }
    for wish in wishes:
        if wish.stands and is_own(wish, attempt):
            _put(tx, wish, MessageKind.MISSED, occasion=str(attempt.id), facts=facts)


def ended(tx: Transaction, request: Request, wishes: Sequence[Wish]) -> None:
    """The request has ended. Only an end without success needs a message: the others are known.
    wishes: all of it."""
    if request.state.ended_without_talk:
        for wish in wishes:
            if wish.stands:
                _put(tx, wish, MessageKind.COULD_NOT, occasion=str(request.id))


def cancelled(tx: Transaction, wishes: Iterable[Wish], *, by_customer: bool) -> None:
    """These wishes are being withdrawn; those that were before are not told again."""
    facts = {"by": "customer" if by_customer else "company"}
    for wish in wishes:
        if wish.stands:
            _put(tx, wish, MessageKind.CANCELLED, facts=facts)


def remind(tx: Transaction, wish: Wish, at: datetime) -> None:
    """Plans the reminder of a chosen time. at: aware UTC."""
    _put(tx, wish, MessageKind.REMINDER, occasion=str(wish.moves), at=at)


def _put(
    tx: Transaction,
    wish: Wish,
    kind: MessageKind,
    *,
    occasion: str = "",
    at: datetime | None = None,
    facts: Mapping[str, str] = _NO_FACTS,
) -> None:
    if wish.email or _by_number(tx, wish, kind):
        tx.messages.add(wish.id, kind, occasion=occasion, due_at=at or tx.now, facts=facts)


def _by_number(tx: Transaction, wish: Wish, kind: MessageKind) -> bool:
    if kind not in tx.by_number:
        return False
    request = tx.requests.get(wish.request_id)
    return request is not None and bool(recipient(ReachedBy.NUMBER, wish, request))
