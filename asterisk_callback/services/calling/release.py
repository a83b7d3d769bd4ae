"""Release: due requests join the line; those whose time has passed end."""

import logging

from asterisk_callback.domain.errors import CallbackError
from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.services.ports import Store
from asterisk_callback.services.telling import customer

log = logging.getLogger(__name__)
BATCH = 200


def release(store: Store) -> int:
    """Moves requests that are due from scheduled to queued. Returns how many."""
    with store.writing() as tx:
        due = tx.requests.lock_due(BATCH)
        moved = [(one, one.evolve(state=RequestState.QUEUED)) for one in due]
        tx.requests.change_all(moved, actor="clock", reasons=["due"] * len(due))
        return len(due)


def expire(store: Store) -> int:
    """Ends waiting requests past their expires_at. Returns how many."""
    with store.writing() as tx:
        late = tx.requests.lock_expired(BATCH)
        for request in late:
            try:
                ended = tx.requests.change(
                    request, _ended(request), actor="clock", reason="its time has passed"
                )
                customer.ended(tx, ended, tx.wishes.of(ended.id))
            except CallbackError:
                # One bad row must not keep the others alive for ever.
                log.exception("request %s could not be expired", request.id)
        return len(late)


def _ended(request: Request) -> Request:
    state = RequestState.FAILED if request.rings else RequestState.EXPIRED
    return request.evolve(state=state, ended_at=request.expires_at, note="expired")
