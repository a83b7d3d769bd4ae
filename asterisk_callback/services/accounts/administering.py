"""What lets one administrator into the account of another, and asks for more than a session.

A link for a new password, turning the second factor off, taking the role away (after which the
first two would be free): each needs a code of the second factor of who does it, and both are told.
It holds for one's own account as well, or an open session would be a way around one's password.
The command line on the server needs none: who sits there has the database.
"""

from dataclasses import dataclass

from asterisk_callback.domain.account import (
    NOT_CONFIRMED,
    Grant,
    NoticeKind,
    Role,
    User,
    UserId,
    WrongCredentials,
)
from asterisk_callback.services.accounts import codes, throttle
from asterisk_callback.services.accounts.second_factor import SecondFactor
from asterisk_callback.services.accounts.users import Users, require
from asterisk_callback.store import SqlStore


@dataclass(frozen=True, kw_only=True, slots=True)
class Administering:
    """maker: who does it. code: of their second factor, needed where the user is an administrator.
    address: the client's. All raise WrongCredentials (code), TooManyTries, UnknownUser,
    InvalidAccount."""

    store: SqlStore
    users: Users
    second_factor: SecondFactor

    def link(self, maker: User, user_id: UserId, code: str, address: str) -> str:
        """As Users.link."""
        other = self._prove(maker, user_id, code, address)
        token = self.users.link(user_id, actor=maker.actor)
        if other:
            self._tell(maker, other, NoticeKind.LINK_MADE)
        return token

    def factor_off(self, maker: User, user_id: UserId, code: str, address: str) -> None:
        other = self._prove(maker, user_id, code, address)
        done = self.second_factor.turn_off(user_id, actor=maker.actor)
        if other and done:
            self._tell(maker, other, NoticeKind.FACTOR_OFF_MADE)

    def revoke(
        self, maker: User, user_id: UserId, role: str, queue: str, code: str, address: str
    ) -> None:
        """As Users.revoke; only the role of an administrator asks for the code."""
        other = None
        if role == Role.ADMINISTRATOR and maker.id != user_id:
            other = self._prove(maker, user_id, code, address)
        done = self.users.revoke(user_id, role, queue, actor=maker.actor)
        if other and done:
            self._tell(maker, other, NoticeKind.ROLE_TAKEN_MADE)
            with self.store.writing() as tx:
                tx.accounts.add_notice(user_id, NoticeKind.ROLE_TAKEN, actor=maker.actor)

    def _prove(self, maker: User, user_id: UserId, code: str, address: str) -> User | None:
        """The user, where they are an administrator: then the code was right."""
        with self.store.writing() as tx:
            other = require(tx, user_id)
            # Of a disabled one, too: they can be let in again.
            if Grant(Role.ADMINISTRATOR) not in other.grants:
                return None
            if not maker.second_factor:
                raise WrongCredentials(
                    "They are an administrator: that needs a code of your own second factor. "
                    "Turn it on first, under My account.",
                    "code",
                )
            counter = codes.confirming(maker.id)
            if codes.judge(tx, maker, code, counter=counter, address=address):
                return other
            actor = throttle.actor_at(address)
            tx.accounts.add_event(maker.id, actor=actor, event=NOT_CONFIRMED, detail="wrong code")
        raise WrongCredentials(
            "This code does not fit, or was used before. Wait for the next one.", "code"
        )

    def _tell(self, maker: User, other: User, kind: NoticeKind) -> None:
        with self.store.writing() as tx:
            tx.accounts.add_notice(maker.id, kind, actor=maker.actor, detail=other.login)
