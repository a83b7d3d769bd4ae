"""Signing in: a name and a password, then a code if the user has a second factor."""

from dataclasses import dataclass, field
from datetime import timedelta

from asterisk_callback.domain.account import REFUSED, User, UserId, WrongCredentials, is_login, who
from asterisk_callback.services.accounts import codes, throttle
from asterisk_callback.services.accounts.passwords import Passwords
from asterisk_callback.services.accounts.sessions import SignInSessions
from asterisk_callback.services.accounts.throttle import KnownBrowser
from asterisk_callback.services.accounts.tokens import hashed
from asterisk_callback.services.accounts.users import require
from asterisk_callback.store import SqlStore

# Log-ins with names that nobody has are remembered for so long, and so many of them.
STRANGERS_FOR, STRANGERS = timedelta(days=30), 1000
_NO = "Name and password don’t fit together."


@dataclass(frozen=True, kw_only=True, slots=True)
class SignInResult:
    """What came of a right password. token: of the new session; None while the code is missing.
    half: then, what proves the password to `with_code`; the edge signs it and limits its life."""

    user: User
    token: str | None = field(default=None, repr=False)
    half: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """Same answer and same work whether the name is unknown, disabled, or has another password."""

    store: SqlStore
    passwords: Passwords
    sessions: SignInSessions

    def with_password(
        self, login: str, password: str, address: str, browser: KnownBrowser | None = None
    ) -> SignInResult:
        """Raises WrongCredentials, TooManyTries. address: the client's, as limits count it.
        browser: what it brought with it, if its user has signed in there before."""
        tried = self._admit(login, address, browser)
        with self.store.reading() as tx:
            user = tx.accounts.user_by_login(who(login)) if is_login(login) else None
        # Without a transaction: it takes long, and the database has others to serve.
        fits = self.passwords.fits(password, user.password_hash if user else None)
        if user is None or not fits or user.disabled_at is not None:
            self._refused(login, user, "wrong password", address, browser)
            raise WrongCredentials(_NO)
        assert user.password_hash is not None
        new = self.passwords.hash(password) if self.passwords.is_old(user.password_hash) else None
        with self.store.writing() as tx:
            if new is not None:
                tx.accounts.change(user.id, password_hash=new)
            if user.second_factor:
                tx.sessions.forget_try(tried)
                return SignInResult(user=user, half=_half(user))
            tx.sessions.forget_tries(who=throttle.key(login, browser))
            return SignInResult(user=user, token=self.sessions.begin(tx, user, address))

    def with_code(
        self, half: str, typed: str, address: str, browser: KnownBrowser | None = None
    ) -> SignInResult:
        """The second step. half: from the first one. A new password makes it worthless.

        A code of the authenticator or a recovery code. Raises WrongCredentials, TooManyTries while
        guesses have to wait (codes.py).
        """
        with self.store.reading() as tx:
            user = tx.accounts.get(UserId(int(half.partition(":")[0])))
        if user is None or _half(user) != half:
            raise WrongCredentials(_NO)
        counter = throttle.key(user.login, browser)
        with self.store.writing() as tx:
            user = require(tx, user.id)
            if user.disabled_at is not None or _half(user) != half:
                raise WrongCredentials(_NO)
            how = codes.judge(tx, user, typed, counter=counter, address=address)
            if how:
                tx.sessions.forget_tries(who=counter)
                if how == "recovery code":
                    left = f"{tx.accounts.recovery_codes_left(user.id)} left"
                    tx.accounts.add_event(
                        user.id, actor=user.actor, event="recovery code used", detail=left
                    )
                return SignInResult(user=user, token=self.sessions.begin(tx, user, address))
            actor = throttle.actor_at(address)
            tx.accounts.add_event(user.id, actor=actor, event=REFUSED, detail="wrong code")
        raise WrongCredentials("This code does not fit, or was used before. Wait for the next one.")

    def _admit(self, login: str, address: str, browser: KnownBrowser | None = None) -> int:
        with self.store.writing() as tx:
            return throttle.admit(tx, login, address, browser)

    def _refused(
        self,
        login: str,
        user: User | None,
        why: str,
        address: str,
        browser: KnownBrowser | None = None,
    ) -> None:
        """What was typed for a name that nobody has may be a password: it is not written down."""
        if user is None:
            why = "unknown name"
        with self.store.writing() as tx:
            if throttle.is_last(tx, login, browser):
                why += ", and no more tries for a while"
            actor = throttle.actor_at(address)
            user_id = user.id if user else None
            if user is None:
                tx.accounts.forget_anonymous_events(before=tx.now - STRANGERS_FOR, keep=STRANGERS)
            tx.accounts.add_event(user_id, actor=actor, event=REFUSED, detail=why)


def _half(user: User) -> str:
    return f"{user.id}:{hashed(user.password_hash or '')}"
