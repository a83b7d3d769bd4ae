"""Accounts are made, changed and closed: by administrators, and from the command line."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from asterisk_callback.domain.account import (
    AccountEvent,
    AccountNotice,
    Grant,
    InvalidAccount,
    NoticeKind,
    Role,
    UnknownUser,
    User,
    UserId,
    display_name,
    login_name,
    new_grant,
)
from asterisk_callback.domain.queue_member import MemberRules
from asterisk_callback.services.accounts.passwords import Passwords, check_new
from asterisk_callback.services.accounts.tokens import hashed, new_token
from asterisk_callback.store import SqlStore
from asterisk_callback.store.transaction import SqlTransaction

LINK_FOR = timedelta(hours=24)


def require(tx: SqlTransaction, user_id: UserId) -> User:
    """Raises UnknownUser."""
    user = tx.accounts.get(user_id)
    if user is None:
        raise UnknownUser("There is no such user.")
    return user


@dataclass(frozen=True, kw_only=True, slots=True)
class Users:
    """queues: the names of the callback queues. members: the phones that may be rung. actor: who
    does it, for the trail."""

    store: SqlStore
    passwords: Passwords
    queues: Collection[str]
    members: MemberRules = field(default_factory=MemberRules)

    def add(
        self, login: str, name: str, *, member: str = "", grants: tuple[Grant, ...] = (), actor: str
    ) -> User:
        """Without a password: `link` or `set_password` gives one. Raises InvalidAccount."""
        with self.store.writing() as tx:
            login, name = login_name(login), display_name(name or login)
            user = tx.accounts.add_user(login=login, name=name, member=self.members.checked(member))
            tx.accounts.add_event(user.id, actor=actor, event="added", detail=user.member or "")
            for grant in grants:
                self._grant(tx, user, grant, actor)
            return require(tx, user.id)

    def rename(self, user_id: UserId, name: str, member: str, *, actor: str) -> None:
        """Another display name or queue member. Raises InvalidAccount, UnknownUser."""
        with self.store.writing() as tx:
            user = require(tx, user_id)
            new = {"name": display_name(name), "member": self.members.checked(member)}
            if (user.name, user.member) == (new["name"], new["member"]):
                return
            tx.accounts.change(user_id, **new)
            detail = f"{new['name']}, {new['member'] or 'no queue member'}"
            tx.accounts.add_event(user_id, actor=actor, event="changed", detail=detail)

    def grant(self, user_id: UserId, role: str, queue: str, *, actor: str) -> bool:
        """False: they have it already. Raises InvalidAccount, UnknownUser."""
        grant = new_grant(role, queue, self.queues)
        with self.store.writing() as tx:
            return self._grant(tx, require(tx, user_id), grant, actor)

    def _grant(self, tx: SqlTransaction, user: User, grant: Grant, actor: str) -> bool:
        done = tx.accounts.add_grant(user.id, grant)
        if done:
            tx.accounts.add_event(user.id, actor=actor, event="granted", detail=str(grant))
        if done and grant.role is Role.ADMINISTRATOR:
            self._tell_administrators(tx, user, actor)
        return done

    def _tell_administrators(self, tx: SqlTransaction, new: User, actor: str) -> None:
        """All that there were, who did it, too: an open session is enough to make one more, so
        nobody makes one unseen."""
        kind = NoticeKind.NEW_ADMINISTRATOR
        for one in tx.accounts.all():
            if one.id != new.id and one.may(Role.ADMINISTRATOR):
                tx.accounts.add_notice(one.id, kind, actor=actor, detail=new.login)

    def revoke(self, user_id: UserId, role: str, queue: str, *, actor: str) -> bool:
        """False: they did not have it. Raises InvalidAccount for the last administrator's role."""
        # A queue that is gone from the configuration must not keep its grants for good.
        grant = new_grant(role, queue, (*self.queues, queue))
        with self.store.writing() as tx:
            user = require(tx, user_id)
            if grant.role is Role.ADMINISTRATOR:
                self._keep_one(tx, user)
            done = tx.accounts.remove_grant(user_id, grant)
            if done:
                tx.accounts.add_event(user_id, actor=actor, event="revoked", detail=str(grant))
            return done

    def disable(self, user_id: UserId, *, actor: str) -> bool:
        """They are signed out everywhere and can't come in. False: they could not before."""
        with self.store.writing() as tx:
            user = require(tx, user_id)
            if user.disabled_at is not None:
                return False
            self._keep_one(tx, user)
            tx.accounts.change(user_id, disabled_at=tx.now, link_hash=None, link_until=None)
            tx.sessions.end_all(user_id)
            tx.accounts.add_event(user_id, actor=actor, event="disabled")
            return True

    def enable(self, user_id: UserId, *, actor: str) -> bool:
        with self.store.writing() as tx:
            if require(tx, user_id).disabled_at is None:
                return False
            tx.accounts.change(user_id, disabled_at=None)
            tx.accounts.add_event(user_id, actor=actor, event="enabled")
            return True

    def set_password(self, user_id: UserId, password: str, *, actor: str) -> None:
        """Ends all their sessions. Raises InvalidAccount (password), UnknownUser."""
        with self.store.reading() as tx:
            user = require(tx, user_id)
        kept = self.passwords.hash(check_new(password, user.login, user.name))
        with self.store.writing() as tx:
            set_hash(tx, user, kept, actor=actor)

    def link(self, user_id: UserId, *, actor: str) -> str:
        """The token of a link with which they choose a password, once, within 24 hours. The old
        password, if there is one, goes on until then."""
        token = new_token()
        with self.store.writing() as tx:
            user = require(tx, user_id)
            if user.disabled_at is not None:
                raise InvalidAccount("login", "This user is disabled. Enable them first.")
            tx.accounts.change(user_id, link_hash=hashed(token), link_until=tx.now + LINK_FOR)
            if user.password_hash is not None:  # else it is the way in for somebody new
                tx.accounts.add_notice(user_id, NoticeKind.LINK, actor=actor)
            tx.accounts.add_event(user_id, actor=actor, event="link made")
        return token

    def all(self) -> Sequence[User]:
        """By their login names, the disabled ones, too."""
        with self.store.reading() as tx:
            return tx.accounts.all()

    def one(self, user_id: UserId) -> User:
        """Raises UnknownUser."""
        with self.store.reading() as tx:
            return require(tx, user_id)

    def events(
        self, user_id: UserId | None = None, *, at_door: bool = False, limit: int = 30
    ) -> Sequence[AccountEvent]:
        """What was done to them and by them, or (at_door) when they came and who was refused in
        their name; the newest first. None: of everybody."""
        with self.store.reading() as tx:
            return tx.accounts.events(user_id=user_id, signing_in=at_door, limit=limit)

    def notices(self, user_id: UserId) -> Sequence[AccountNotice]:
        """What they are to be told, the newest first."""
        with self.store.reading() as tx:
            return tx.accounts.notices(user_id)

    def read_notices(self, user_id: UserId, up_to: int) -> None:
        """They have read those up to this id."""
        with self.store.writing() as tx:
            tx.accounts.forget_notices(user_id, up_to=up_to)

    def of_link(self, token: str) -> User:
        """Whose link it is. Raises UnknownUser for one that was used, replaced or is too old."""
        with self.store.reading() as tx:
            return _of_link(tx, token)

    def use_link(self, token: str, password: str) -> User:
        """Sets the password and ends all their sessions. Raises as of_link, and InvalidAccount."""
        user = self.of_link(token)
        kept = self.passwords.hash(check_new(password, user.login, user.name))
        with self.store.writing() as tx:
            tx.lock(f"link:{user.id}")
            user = _of_link(tx, token)
            set_hash(tx, user, kept, actor=user.actor)
            return user

    def _keep_one(self, tx: SqlTransaction, user: User) -> None:
        """Nobody could let anybody in any more but from the command line."""
        tx.lock("administrators")
        others = [
            one for one in tx.accounts.all() if one.id != user.id and one.may(Role.ADMINISTRATOR)
        ]
        if user.may(Role.ADMINISTRATOR) and not others:
            raise InvalidAccount("role", "This is the only administrator. Make another one first.")


def set_hash(tx: SqlTransaction, user: User, kept: str, *, actor: str) -> None:
    """A new password, from now on: every session ends, and a link is worth nothing any more."""
    tx.accounts.change(user.id, password_hash=kept, link_hash=None, link_until=None)
    tx.sessions.end_all(user.id)
    tx.sessions.forget_guesses(
        user_id=user.id
    )  # who guessed codes behind the old one knows nothing now
    if user.password_hash is not None and actor != user.actor:
        tx.accounts.add_notice(user.id, NoticeKind.NEW_PASSWORD, actor=actor)
    tx.accounts.add_event(user.id, actor=actor, event="password set")


def _of_link(tx: SqlTransaction, token: str) -> User:
    user = tx.accounts.user_by_link(hashed(token))
    if user is None or user.disabled_at or not user.link_until or user.link_until <= tx.now:
        raise UnknownUser("This link was used, or is too old. Ask for another one.")
    return user
