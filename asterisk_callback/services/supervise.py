"""What a supervisor does to one callback request. Each is judged again under the request's lock."""

from datetime import timedelta

from asterisk_callback.domain.errors import NotFound, NotPossible
from asterisk_callback.domain.request import Request, RequestId, RequestState
from asterisk_callback.services import withdraw
from asterisk_callback.services.following import refuse_after_gate
from asterisk_callback.services.ports import Store, Transaction

LONGEST_REASON = 200
_TICK = timedelta(microseconds=1)


class NotInLine(NotPossible):
    """The inside speaks English only."""

    def __init__(self) -> None:
        super().__init__("It is not in line now, so it can’t be put first.")


def call_next(store: Store, request_id: RequestId, *, actor: str) -> Request:
    """Puts a request that is in line before all others of its queue. Twice is no error.

    Its tries, its hours and all limits stay as they are: it is only the first to be looked at.
    Raises NotPossible while its phone may be ringing, before its time and after its end.
    """
    with store.writing() as tx:
        request = _locked(tx, request_id)
        refuse_after_gate(tx, request)
        if request.state is not RequestState.QUEUED:
            raise NotInLine
        first = next(iter(tx.lock_claimable(request.queue, 1)), None)
        if first is None or first.id == request.id:
            return request
        line_at = min(request.line_at, first.line_at - _TICK)
        reason = f"first in line: called next by {actor}"
        return tx.change_request(
            request, request.evolve(line_at=line_at), actor=actor, reason=reason
        )


def cancel(store: Store, request_id: RequestId, reason: str, *, actor: str) -> Request:
    """The company cancels; whoever asked is told. reason: for the trail. Raises NotPossible."""
    with store.reading() as tx:
        request = tx.request(request_id)
    if request is None:
        raise NotFound("There is no such callback request.")
    return withdraw.cancel(store, request, actor=actor, reason=one_line(reason))


def one_line(text: str) -> str:
    """What somebody typed as a reason, as the trail keeps it."""
    return " ".join(text.split())[:LONGEST_REASON]


def _locked(tx: Transaction, request_id: RequestId) -> Request:
    request = tx.lock_request(request_id)
    if request is None:
        raise NotFound("There is no such callback request.")
    return request
