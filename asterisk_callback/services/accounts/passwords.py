"""Passwords: what is asked of a new one, and how it is kept.

Length and nothing else, as NIST SP 800-63B (3.1.1.2) has it: rules about kinds of characters make
people write them down. Kept by Argon2id with what OWASP's Password Storage Cheat Sheet names as
the least: 19 MiB, two passes, one lane.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from asterisk_callback.domain.account import InvalidAccount, TooManyTries

SHORTEST, LONGEST = 12, 256
MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1
# Each takes 19 MiB and a core: a flood of sign-ins must not starve the pages of customers.
AT_ONCE, PATIENCE = 4, 3.0

# Long enough, and tried first by everybody who guesses.
_COMMON = (
    "password", "passwort", "qwerty", "qwertz", "letmein", "welcome", "willkommen", "iloveyou",
    "administrator", "changeme", "callback", "asterisk", "abcdefghijkl", "0123456789",
    "1234567890", "1q2w3e4r5t6z", "asdfghjkl",
)  # fmt: skip


def check_new(password: str, *about: str) -> str:
    """The password. about: what others know of its owner. Raises InvalidAccount (password)."""
    if len(password) < SHORTEST:
        raise InvalidAccount(
            "password", f"Use at least {SHORTEST} characters. A few words in a row are fine."
        )
    if len(password) > LONGEST:
        raise InvalidAccount("password", f"Use at most {LONGEST} characters.")
    rest = password.lower()
    for known in (*_COMMON, *(one.lower() for one in about if len(one) > 2)):
        rest = rest.replace(known, "")
    # What is left must be something of its own: not "password1234", not "aaaaaaaaaaaa".
    if len(set(rest)) < 5:
        raise InvalidAccount("password", "This is too easy to guess. A few words in a row are not.")
    return password


class Passwords:
    """Hashes and verifies, a few at a time. Raises TooManyTries when too many wait for that."""

    def __init__(self, *, memory_kib: int = MEMORY_KIB, passes: int = PASSES) -> None:
        self._hasher = PasswordHasher(memory_cost=memory_kib, time_cost=passes, parallelism=LANES)
        self._places = threading.BoundedSemaphore(AT_ONCE)

    def hash(self, password: str) -> str:
        with self._place():
            return self._hasher.hash(password)

    def fits(self, password: str, kept: str | None) -> bool:
        """Does it fit what is kept? None: nobody's, which takes as long and never fits."""
        with self._place():
            try:
                self._hasher.verify(kept or self._nobodys, password[: LONGEST + 1])
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None

    def is_old(self, kept: str) -> bool:
        """It was made with other parameters than ours now."""
        return self._hasher.check_needs_rehash(kept)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=PATIENCE):
            raise TooManyTries("Many people sign in just now. Try again.", retry_after=5)
        try:
            yield
        finally:
            self._places.release()

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash("nobody's")
