"""Stopping and resuming, in all or for one callback queue: dialling, or the taking of new wishes.

Where dialling is stopped nobody is claimed or let through the gate; talks go on, wishes are
accepted, and requests keep their place in line; they still expire. Where callbacks are not offered
(intake) no new wish is taken; those that there are go on being called, moved and cancelled.
"""

from asterisk_callback.domain import typed
from asterisk_callback.domain.errors import NotOffered
from asterisk_callback.domain.hold import EVERYTHING, Hold, HoldKind, over
from asterisk_callback.services.ports import Transaction


def stop(
    tx: Transaction,
    scope: str = EVERYTHING,
    *,
    actor: str,
    reason: str = "",
    kind: HoldKind = HoldKind.DIALLING,
) -> Hold:
    """Holds a callback queue, or everything, from the commit on. A hold that stands is kept with
    its reason: whoever stopped first has a reason to be asked about. Returns the one that stands.
    Raises InvalidInput (reason)."""
    reason = typed.reason(reason)
    standing = _locked(tx, scope, kind)
    if standing is not None:
        return standing
    hold = Hold(scope=scope, since=tx.now, actor=actor, reason=reason, kind=kind)
    tx.holds.add(hold)
    _write(tx, hold, actor, "stopped")
    return hold


def resume(
    tx: Transaction, scope: str = EVERYTHING, *, actor: str, kind: HoldKind = HoldKind.DIALLING
) -> bool:
    """Ends the hold of exactly this scope. False if there was none."""
    standing = _locked(tx, scope, kind)
    if standing is None:
        return False
    tx.holds.remove(scope, kind)
    _write(tx, standing, actor, "resumed")
    return True


def refuse_unoffered(tx: Transaction, queue: str) -> None:
    """Raises NotOffered while no new wishes are taken for this callback queue. One that is being
    written in the moment of the stop is still taken."""
    if over(tx.holds.active(HoldKind.INTAKE), queue) is not None:
        raise NotOffered()


def restored(whence: str) -> str:
    """The reason of a hold after the database went back in time."""
    return f"restored {whence}: review the open requests, then: asterisk-callback dialling resume"


def _locked(tx: Transaction, scope: str, kind: HoldKind) -> Hold | None:
    tx.lock(f"hold:{scope}")
    return next((hold for hold in tx.holds.active(kind) if hold.scope == scope), None)


def _write(tx: Transaction, hold: Hold, actor: str, event: str) -> None:
    where = f"queue {hold.scope}" if hold.scope else "everything"
    reason = f"{where}: {hold.reason}" if hold.reason else where
    tx.trail.add(None, actor=actor, event=f"{hold.kind} {event}", reason=reason)
