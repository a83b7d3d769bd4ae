"""Chosen times after a change of the time zone rules: the wall time was promised, so it stays, and
the instant is derived again. The customer is told if the instant is another one."""

import logging

from asterisk_callback.domain import appointment, slots, tzdata
from asterisk_callback.domain.errors import CallbackError, StoreUnavailable
from asterisk_callback.domain.queue import Queues
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.ports import Store, Transaction
from asterisk_callback.services.requests.following import follow_moved
from asterisk_callback.services.requests.locking import lock_of_wish, refuse_after_gate
from asterisk_callback.services.telling import customer

log = logging.getLogger(__name__)
BATCH = 200
ACTOR = "clock"


def retime(store: Store, queues: Queues) -> int:
    """Goes through the chosen times to come that were derived by other rules than today's. Returns
    how many of them moved. Raises StoreUnavailable."""
    tzdata.forget()
    rules, last, moved = tzdata.version(), 0, 0
    while True:
        with store.reading() as tx:
            found = tx.wishes.with_other_tzdata(rules, last, BATCH)
        if not found:
            return moved
        for wish in found:
            moved += _retimed(store, queues, wish, rules)
        last = found[-1].id


def _retimed(store: Store, queues: Queues, wish: Wish, rules: str) -> bool:
    try:
        with store.writing() as tx:
            return _derive(tx, queues, wish, rules)
    except StoreUnavailable:
        raise
    except CallbackError as error:
        # It has ended meanwhile, its phone rings, or its zone is gone: the others go on.
        log.info("wish %s keeps its instant: %s", wish.public_id, error)
    except Exception:
        # One bad row must not keep the others at a time that nobody meant.
        log.exception("wish %s keeps its instant", wish.public_id)
    return False


def _derive(tx: Transaction, queues: Queues, wish: Wish, rules: str) -> bool:
    request, old = lock_of_wish(tx, wish)
    queue = queues.get(request.queue)
    if queue is None or old.asap or old.wall_time is None or old.zone is None:
        return False
    instant = appointment.again(old.wall_time, old.zone, old.due_at)
    if instant == old.due_at:
        tx.wishes.change(old, old.evolve(tzdata=rules))
        return False
    refuse_after_gate(tx, request)
    promised = slots.window(instant, queue.slots)
    new = tx.wishes.change(
        old,
        old.evolve(
            due_at=instant,
            tzdata=rules,
            promised_from=promised.start,
            promised_to=promised.end,
            moves=old.moves + 1,
            moved_at=tx.now,
        ),
    )
    reason = f"the rules of {old.zone} changed"
    tx.trail.add(request.id, actor=ACTOR, event=TrailEvent.RETIMED, reason=reason)
    customer.moved(tx, new)
    follow_moved(tx, request, new, queue, actor=ACTOR, reason=reason)
    return True
