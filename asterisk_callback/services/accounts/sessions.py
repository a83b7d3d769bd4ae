"""Sessions: who is signed in, for how long, and how they sign out."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from asterisk_callback.domain.account import (
    SIGNED_IN,
    SIGNED_OUT,
    AccountEvent,
    LoginSession,
    User,
    UserId,
)
from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.services.accounts.confirming import Confirming
from asterisk_callback.services.accounts.passwords import Passwords, check_new
from asterisk_callback.services.accounts.tokens import hashed, new_token
from asterisk_callback.services.accounts.users import require, set_hash
from asterisk_callback.store import SqlStore
from asterisk_callback.store.transaction import SqlTransaction

# How late `last_seen_at` may be: not every page that is read needs a write.
GRAIN = timedelta(minutes=1)


# A session that ends so soon is said to whoever waits at a page of it.
SOON = timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedIn:
    """A page is asked for by somebody who is signed in. left: until the session ends, unless it is
    used; final: using it makes it no longer."""

    user: User
    session: LoginSession
    left: timedelta
    final: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """One account as its owner sees it: where they are signed in, the recovery codes that are
    left, what was done to it last, and who came or was refused at the door."""

    sessions: tuple[LoginSession, ...]
    recovery_codes: int
    events: tuple[AccountEvent, ...]
    door: tuple[AccountEvent, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SignInSessions:
    """idle: a session ends that long after it was last used; longest: that long after its start."""

    store: SqlStore
    passwords: Passwords
    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=12)

    def begin(self, tx: SqlTransaction, user: User, address: str) -> str:
        """Returns its token, which is kept nowhere but in the browser."""
        token = new_token()
        tx.sessions.prune(tx.now)
        until = tx.now + self.longest
        tx.sessions.add(user.id, token_hash=hashed(token), expires_at=until, address=address)
        tx.accounts.add_event(user.id, actor=user.actor, event=SIGNED_IN, detail=address)
        return token

    def find(self, token: str, *, use: bool = True) -> SignedIn | None:
        """Whose session it is; None if it has ended. use: it counts as used now."""
        with self.store.reading() as tx:
            visit, now = self._visit(tx, token), tx.now
        if visit and use and now - visit.session.last_seen_at >= min(GRAIN, self.idle / 4):
            # Who can't be written down as seen is shown what there is to see all the same.
            with suppress(StoreUnavailable), self.store.writing() as tx:
                tx.sessions.touch(visit.session.id)
        return visit

    def _visit(self, tx: SqlTransaction, token: str) -> SignedIn | None:
        session = tx.sessions.get(hashed(token))
        if session is None or not self.lives(session, tx):
            return None
        user = tx.accounts.get(session.user_id)
        if user is None or user.disabled_at is not None:
            return None
        idle, longest = session.last_seen_at + self.idle, session.expires_at
        left = min(idle, longest) - tx.now
        return SignedIn(user=user, session=session, left=left, final=longest <= idle)

    def ends_soon(self, visit: SignedIn) -> bool:
        """Is it time to say so? Where sessions are short, in their last quarter."""
        return visit.left <= min(SOON, (self.longest if visit.final else self.idle) / 4)

    def lives(self, session: LoginSession, tx: SqlTransaction) -> bool:
        return tx.now < session.expires_at and tx.now < session.last_seen_at + self.idle

    def overview(self, visit: SignedIn) -> Overview:
        """What their own page shows."""
        mine = visit.user.id
        with self.store.reading() as tx:
            found = tx.sessions.of(mine)
            return Overview(
                sessions=tuple(one for one in found if self.lives(one, tx)),
                recovery_codes=tx.accounts.recovery_codes_left(mine),
                events=tuple(tx.accounts.events(user_id=mine, signing_in=False, limit=10)),
                door=tuple(tx.accounts.events(user_id=mine, signing_in=True, limit=10)),
            )

    def end(self, visit: SignedIn) -> None:
        """Signs out of this browser."""
        with self.store.writing() as tx:
            tx.sessions.end(visit.session.id)
            tx.accounts.add_event(visit.user.id, actor=visit.user.actor, event=SIGNED_OUT)

    def end_all(self, user_id: UserId, *, actor: str) -> int:
        """Signs out of every browser. Returns how many there were."""
        with self.store.writing() as tx:
            require(tx, user_id)
            ended = tx.sessions.end_all(user_id)
            tx.accounts.add_event(user_id, actor=actor, event="signed out everywhere")
            return ended

    def change_password(self, visit: SignedIn, old: str, new: str, address: str) -> str:
        """Ends all sessions and begins a new one, whose token it returns. Raises WrongCredentials
        for a wrong old password, TooManyTries, InvalidAccount for a new one that won't do."""
        user = visit.user
        check_new(new, user.login, user.name)
        confirming = Confirming(store=self.store, passwords=self.passwords)
        confirming.password(user, old, address, field="old")
        kept = self.passwords.hash(new)
        with self.store.writing() as tx:
            set_hash(tx, user, kept, actor=user.actor)
            return self.begin(tx, user, address)
