"""Erasing: the owner of a wish has everything deleted that says who they are.

What stays says nothing of a person: that there was a callback request, when, and how it ended; the
trail; and a stand-in for the number, by which the limits go on counting.
"""

from asterisk_callback.domain.errors import NotFound, NotPossible
from asterisk_callback.domain.phone import redact
from asterisk_callback.domain.request import Request
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.calling.guard import Guard
from asterisk_callback.services.ports import Store, Transaction

REASON = "everything personal was erased"


def erase(store: Store, guard: Guard, wish: Wish, *, actor: str = "customer") -> None:
    """Erases this wish, which has ended; its status page is gone from then on. Twice is no error.

    Other wishes behind the same request keep what is theirs; the last one takes the number with it.
    Raises NotPossible while the call may still come.
    """
    with store.writing() as tx:
        request = tx.requests.lock(wish.request_id)
        wishes = tx.wishes.of(wish.request_id)
        mine = next((one for one in wishes if one.id == wish.id), None)
        if request is None or mine is None:
            raise NotFound("There is no such callback request.")
        if mine.erased_at is not None:
            return
        last = all(one.erased_at is not None for one in wishes if one.id != mine.id)
        if request.open and (last or mine.stands):
            raise NotPossible("This call has not ended yet. Cancel it first, then delete it.")
        nobody = mine.evolve(name="", topic="", about="", email="", page="", body_hash=None)
        tx.wishes.change(mine, nobody.evolve(erased_at=tx.now))
        tx.trail.add(request.id, actor=actor, event=TrailEvent.ERASED, reason="one wish was erased")
        if request.said == mine.said:
            silent = request.evolve(name="", topic="", about="", email="")
            request = tx.requests.change(
                request, silent, actor=actor, reason="its texts are erased"
            )
        if last:
            _erase_number(tx, guard, request, actor)


def _erase_number(tx: Transaction, guard: Guard, request: Request, actor: str) -> None:
    tx.wrap_ups.erase_notes(request.id)
    for one in tx.attempts.of(request.id):
        changes = {"e164": guard.stand_in(one.e164), "detail": redact(one.detail)}
        tx.attempts.change(one, one.evolve(**changes), actor=actor, reason=REASON)
    nobody = request.evolve(
        e164=guard.stand_in(request.e164),
        name="",
        topic="",
        about="",
        email="",
        note=redact(request.note),
    )
    tx.requests.change(request, nobody, actor=actor, reason=REASON)
