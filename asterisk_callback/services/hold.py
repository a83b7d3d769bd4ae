"""Stopping and resuming dialling. What is stopped is neither claimed nor let through the gate.

Talks go on, wishes are accepted, and requests keep their place in line; they still expire.
"""

from asterisk_callback.domain.hold import EVERYTHING, Hold
from asterisk_callback.services.ports import Transaction


def stop(tx: Transaction, scope: str = EVERYTHING, *, actor: str, reason: str = "") -> Hold:
    """Holds a callback queue, or everything, from the commit on. A hold that stands is kept with
    its reason: whoever stopped first has a reason to be asked about. Returns the one that stands.
    """
    tx.lock(f"hold:{scope}")
    standing = next((hold for hold in tx.holds() if hold.scope == scope), None)
    if standing is not None:
        return standing
    hold = Hold(scope=scope, since=tx.now, actor=actor, reason=reason)
    tx.add_hold(hold)
    _write(tx, hold, actor, "dialling stopped", reason)
    return hold


def resume(tx: Transaction, scope: str = EVERYTHING, *, actor: str) -> bool:
    """Ends the hold of exactly this scope. False if there was none."""
    tx.lock(f"hold:{scope}")
    standing = next((hold for hold in tx.holds() if hold.scope == scope), None)
    if standing is None:
        return False
    tx.lift_hold(scope)
    _write(tx, standing, actor, "dialling resumed", standing.reason)
    return True


def restored(whence: str) -> str:
    """The reason of a hold after the database went back in time."""
    return f"restored {whence}: review the open requests, then: asterisk-callback dialling resume"


def _write(tx: Transaction, hold: Hold, actor: str, event: str, reason: str) -> None:
    where = f"queue {hold.scope}" if hold.scope else "everything"
    tx.write_trail(None, actor=actor, event=event, reason=f"{where}: {reason}" if reason else where)
