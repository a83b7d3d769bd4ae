"""How often signing in may be tried: per name and per address, over all web processes.

A try is written before it is judged, under locks, so that a hundred at once are counted like a
hundred in a row. Names that nobody has are counted as well, or the difference would tell. Nobody is
locked out for good: tries are forgotten after a quarter of an hour. And nobody can lock somebody
else out: a browser in which they have signed in before is counted by itself (a "device cookie").
"""

from dataclasses import dataclass
from datetime import timedelta

from asterisk_callback.domain.account import TooManyTries, who
from asterisk_callback.services.accounts.ports import AccountTransaction
from asterisk_callback.services.accounts.secrets import hashed

WINDOW = timedelta(minutes=15)
PER_NAME = 10
PER_ADDRESS = 50


@dataclass(frozen=True, slots=True)
class Browser:
    """One in which this user has signed in before. mark: random, its own."""

    login: str
    mark: str


def key(login: str, browser: Browser | None = None) -> str:
    """What is counted: a hash, for what was typed may be a password in the wrong field."""
    name = who(login)
    known = browser is not None and browser.login == name
    return hashed(f"{name} {browser.mark}" if browser and known else name)


def admit(tx: AccountTransaction, login: str, address: str, browser: Browser | None = None) -> int:
    """Counts a try and returns its id. Raises TooManyTries, and counts no more."""
    name = key(login, browser)
    tx.lock(f"sign-in:{name}")
    tx.lock(f"sign-in:{address}")
    since = tx.now - WINDOW
    for tries, limit in (
        (tx.tries_since(since, who=name), PER_NAME),
        (tx.tries_since(since, address=address), PER_ADDRESS),
    ):
        if len(tries) >= limit:
            wait = tries[-limit] + WINDOW - tx.now
            raise TooManyTries(
                "That was tried too often. Wait a few minutes, then try again.",
                retry_after=max(1, int(wait.total_seconds())),
            )
    tx.forget_tries(before=since)
    return tx.add_try(name, address)


def is_last(tx: AccountTransaction, login: str, browser: Browser | None = None) -> bool:
    """No more tries with this name for now."""
    return len(tx.tries_since(tx.now - WINDOW, who=key(login, browser))) >= PER_NAME
