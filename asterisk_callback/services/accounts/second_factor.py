"""The second factor: codes that change every 30 seconds (TOTP, RFC 6238), and recovery codes."""

from dataclasses import dataclass, field
from datetime import datetime

import pyotp
from pyotp.utils import strings_equal

from asterisk_callback.domain.account import InvalidAccount, NoticeKind, User, UserId
from asterisk_callback.services.accounts.confirming import Confirming
from asterisk_callback.services.accounts.passwords import Passwords
from asterisk_callback.services.accounts.sessions import SignedIn
from asterisk_callback.services.accounts.tokens import (
    is_recovery_code,
    new_recovery_codes,
    recovery_hash,
)
from asterisk_callback.services.accounts.users import require
from asterisk_callback.store import SqlStore
from asterisk_callback.store.transaction import SqlTransaction

PERIOD = 30
# A code of one step before or after is taken, for clocks that differ (RFC 6238 section 5.2).
SKEW = 1


def new_secret() -> str:
    """Base32, 160 bits, as RFC 4226 recommends."""
    return pyotp.random_base32()


def address(secret: str, user: User, company: str) -> str:
    """What an authenticator reads from a QR code (otpauth://)."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.login, issuer_name=company)


def code_at(secret: str, moment: datetime) -> str:
    return pyotp.TOTP(secret).generate_otp(int(moment.timestamp()) // PERIOD)


def fits(tx: SqlTransaction, user: User, typed: str) -> str | None:
    """Uses up a code of the authenticator, or a recovery code. Returns which it was, or None."""
    if is_recovery_code(typed):
        return (
            "recovery code"
            if tx.accounts.use_recovery_code(user.id, recovery_hash(typed))
            else None
        )
    step = _step_of(user.totp_secret, typed, tx.now)
    return "code" if step and tx.accounts.use_totp_step(user.id, step) else None


def _step_of(secret: str | None, typed: str, now: datetime) -> int | None:
    if secret is None:
        return None
    typed = "".join(typed.split())
    here = int(now.timestamp()) // PERIOD
    totp = pyotp.TOTP(secret)
    found = None
    for step in range(here - SKEW, here + SKEW + 1):
        if strings_equal(totp.generate_otp(step), typed):
            found = step
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class SecondFactor:
    """Turning it on and off."""

    store: SqlStore
    passwords: Passwords = field(default_factory=Passwords)

    def turn_on(
        self, visit: SignedIn, secret: str, typed: str, *, password: str, address: str
    ) -> list[str]:
        """With a code that proves that the authenticator has the secret, and the current password:
        in an open session alone somebody else would keep its owner out for good. It ends every
        other session. Returns the recovery codes, which are shown this once. Raises InvalidAccount
        (code), WrongCredentials (old), TooManyTries."""
        user_id = visit.user.id
        _must_be_off(visit.user)
        confirming = Confirming(store=self.store, passwords=self.passwords)
        confirming.password(visit.user, password, address, field="old")
        codes = new_recovery_codes()
        with self.store.writing() as tx:
            user = require(tx, user_id)
            _must_be_off(user)
            step = _step_of(secret, typed, tx.now)
            if step is None:
                raise InvalidAccount(
                    "code",
                    "This code does not fit. Type the six digits that the app shows now; if they "
                    "never fit, set your phone’s clock to automatic.",
                )
            tx.accounts.change(user_id, totp_secret=secret, totp_step=step)
            tx.accounts.put_recovery_codes(user_id, [recovery_hash(code) for code in codes])
            tx.sessions.end_all(user_id, but=visit.session.id)
            tx.accounts.add_event(user_id, actor=user.actor, event="second factor on")
        return codes

    def new_codes(self, user_id: UserId) -> list[str]:
        """Ten new recovery codes; the old ones are worth nothing any more."""
        codes = new_recovery_codes()
        with self.store.writing() as tx:
            user = require(tx, user_id)
            tx.accounts.put_recovery_codes(user_id, [recovery_hash(code) for code in codes])
            tx.accounts.add_event(user_id, actor=user.actor, event="new recovery codes")
        return codes

    def turn_off(self, user_id: UserId, *, actor: str) -> bool:
        """False: it was off."""
        with self.store.writing() as tx:
            user = require(tx, user_id)
            if not user.second_factor:
                return False
            tx.accounts.change(user_id, totp_secret=None)
            tx.accounts.put_recovery_codes(user_id, [])
            tx.sessions.forget_guesses(user_id=user_id)
            if actor != user.actor:
                tx.accounts.add_notice(user_id, NoticeKind.FACTOR_OFF, actor=actor)
            tx.accounts.add_event(user_id, actor=actor, event="second factor off")
        return True


def _must_be_off(user: User) -> None:
    """Another secret in its place would keep its owner out. Turning it off asks for the password:
    an unlocked screen must not be enough."""
    if user.second_factor:
        raise InvalidAccount("code", "It is on already. Turn it off first.")
