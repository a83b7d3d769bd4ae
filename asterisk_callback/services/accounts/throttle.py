"""How often signing in may be tried: per name and per address, over all web processes.

A try is written before it is judged, under locks, so that a hundred at once are counted like a
hundred in a row. Names that nobody has are counted as well, or the difference would tell. Nobody is
locked out for good: tries are forgotten after a quarter of an hour. And nobody can lock somebody
else out: a browser in which they have signed in before is judged by its own tries only (a "device
cookie"), whatever others do with this name or from this address.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asterisk_callback.domain.account import TooManyTries, UserId, who
from asterisk_callback.services.accounts.tokens import hashed
from asterisk_callback.store.transaction import SqlTransaction

WINDOW = timedelta(minutes=15)
PER_NAME = 10
PER_ADDRESS = 50


@dataclass(frozen=True, slots=True)
class KnownBrowser:
    """One in which this user has signed in before. mark: random, its own."""

    login: str
    mark: str


def key(login: str, browser: KnownBrowser | None = None) -> str:
    """What is counted: a hash, for what was typed may be a password in the wrong field."""
    name = who(login)
    return hashed(f"{name} {browser.mark}" if browser and _knows(browser, login) else name)


def _knows(browser: KnownBrowser | None, login: str) -> bool:
    return browser is not None and browser.login == who(login)


def confirming(user_id: UserId) -> str:
    """The counter of the current password of somebody who is signed in; no hash is like it."""
    return f"confirm:{user_id}"


def actor_at(address: str) -> str:
    """How the trail names somebody who was refused: they are not who they say they are."""
    return f"address:{address}"[:64]


def admit(tx: SqlTransaction, login: str, address: str, browser: KnownBrowser | None = None) -> int:
    """Counts a try and returns its id. Raises TooManyTries, and counts no more."""
    return admit_to(tx, key(login, browser), "" if _knows(browser, login) else address)


def admit_to(tx: SqlTransaction, counter: str, address: str = "") -> int:
    """The same with a counter of its own. address "": it neither counts nor is counted."""
    tx.lock(f"sign-in:{counter}")
    since = tx.now - WINDOW
    _refuse_after(PER_NAME, tx.sessions.tries_since(since, who=counter), tx.now)
    if address:
        tx.lock(f"sign-in:{address}")
        _refuse_after(PER_ADDRESS, tx.sessions.tries_since(since, address=address), tx.now)
    tx.sessions.forget_tries(before=since)
    return tx.sessions.add_try(counter, address)


def _refuse_after(limit: int, tries: Sequence[datetime], now: datetime) -> None:
    if len(tries) >= limit:
        wait = tries[-limit] + WINDOW - now
        raise TooManyTries(
            "That was tried too often. Wait a few minutes, then try again.",
            retry_after=max(1, int(wait.total_seconds())),
        )


def is_last(tx: SqlTransaction, login: str, browser: KnownBrowser | None = None) -> bool:
    """No more tries with this name for now."""
    return len(tx.sessions.tries_since(tx.now - WINDOW, who=key(login, browser))) >= PER_NAME
