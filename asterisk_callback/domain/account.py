"""Who may come inside: users, their roles, and what their names may be made of."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from asterisk_callback.domain.errors import InvalidInput, LimitReached, NotFound

UserId = NewType("UserId", int)

# In the place of a queue's name: all of them, those that come later, too.
EVERY_QUEUE = ""

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{0,49}")
# What may stand in an AMI header and in Dial() as it is (P14): no comma, no & | $, no space.
_MEMBER = re.compile(r"[A-Za-z][A-Za-z0-9]{1,15}/[A-Za-z0-9_][A-Za-z0-9_.@/+-]{0,62}")
LONGEST_NAME = 80


class InvalidAccount(InvalidInput):
    """What was typed about an account can't be used. The inside speaks English only."""


class UnknownUser(NotFound):
    """There is no such user, or nobody to whom this link or session belongs any more."""


class WrongCredentials(InvalidAccount):
    """Name, password or code don't fit. It never says which, or whether there is such a user."""

    def __init__(self, sentence: str, field: str = "password") -> None:
        super().__init__(field, sentence)


class TooManyTries(LimitReached):
    """Signing in was tried too often, with this name or from this address."""


class Role(StrEnum):
    """Each may do what those before it may."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"

    def covers(self, other: "Role") -> bool:
        ranks = tuple(Role)
        return ranks.index(self) >= ranks.index(other)


@dataclass(frozen=True, order=True, slots=True)
class Grant:
    """A role in one callback queue, or in EVERY_QUEUE. Administrators are that of everything."""

    role: Role
    queue: str = EVERY_QUEUE

    def covers(self, role: Role, queue: str | None) -> bool:
        """queue None: in at least one queue."""
        return self.role.covers(role) and (queue is None or self.queue in (EVERY_QUEUE, queue))

    def __str__(self) -> str:
        return f"{self.role} of {self.queue or 'every queue'}"


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """login: what they sign in with, small letters. name: what others read.

    member: the interface by which Asterisk's queues know them, such as PJSIP/anna; None for who
    takes no calls. password_hash: None until they have chosen one. totp_secret: base32, None
    without a second factor. totp_step: the last one whose code was used (RFC 6238).
    link_hash, link_until: of the one-time link with which they choose a password.
    Instants are aware UTC.
    """

    id: UserId
    login: str
    name: str
    created_at: datetime
    member: str | None = None
    disabled_at: datetime | None = None
    grants: tuple[Grant, ...] = ()
    password_hash: str | None = field(default=None, repr=False)
    totp_secret: str | None = field(default=None, repr=False)
    totp_step: int = 0
    link_hash: str | None = field(default=None, repr=False)
    link_until: datetime | None = None

    @property
    def actor(self) -> str:
        """How the audit trail names them."""
        return f"user:{self.login}"

    @property
    def second_factor(self) -> bool:
        return self.totp_secret is not None

    @property
    def role(self) -> Role | None:
        """The highest that they have anywhere."""
        ranks = tuple(Role)
        return max((grant.role for grant in self.grants), key=ranks.index, default=None)

    def may(self, role: Role, queue: str | None = None) -> bool:
        """Do they have this role, or a higher one, in this queue? None: in any queue at all."""
        return self.disabled_at is None and any(one.covers(role, queue) for one in self.grants)

    def queues(self, role: Role, names: Iterable[str]) -> tuple[str, ...]:
        """Those of these queues in which they have this role, or a higher one, in their order."""
        return tuple(name for name in names if self.may(role, name))


@dataclass(frozen=True, kw_only=True, slots=True)
class LoginSession:
    """Somebody is signed in. Instants are aware UTC; address: the client's, as limits count it."""

    id: int
    user_id: UserId
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    address: str = ""


def who(text: str) -> str:
    """The login name that was meant by what somebody typed; it may be nobody's."""
    return text.strip().lower()


def is_login(text: str) -> bool:
    """Can anybody have this name?"""
    return _LOGIN.fullmatch(who(text)) is not None


def login_name(text: str) -> str:
    """The name as it is kept. Raises InvalidAccount (login) for one that can't be used."""
    login = who(text)
    if not is_login(login):
        raise InvalidAccount(
            "login",
            "A login name has 1 to 50 letters a–z, digits and . _ @ -, and begins with a letter "
            "or a digit.",
        )
    return login


def display_name(text: str) -> str:
    """Raises InvalidAccount (name) for one that is empty, too long or not one line."""
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidAccount("name", "Give the name that others read: one line, up to 80 letters.")
    return name


def is_member(text: str) -> bool:
    """Is it the interface of a queue member, as AMI may be told of it?"""
    return _MEMBER.fullmatch(text) is not None


def new_grant(role: str, queue: str, queues: Iterable[str]) -> Grant:
    """A grant of one of these queues. queue: its name, or EVERY_QUEUE. Raises InvalidAccount."""
    try:
        wanted = Role(role)
    except ValueError:
        raise InvalidAccount("role", "Choose a role: agent, supervisor or administrator.") from None
    if wanted is Role.ADMINISTRATOR and queue != EVERY_QUEUE:
        raise InvalidAccount("queue", "An administrator is that of every queue.")
    if queue != EVERY_QUEUE and queue not in queues:
        raise InvalidAccount("queue", "There is no callback queue of that name.")
    return Grant(wanted, queue)


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountEvent:
    """One row of what was done to accounts and by them. login: of the account that it is about;
    "" for a name that nobody has. at: aware UTC."""

    at: datetime
    login: str
    actor: str
    event: str
    detail: str


# Of the events, what anybody can bring about by asking at the door. They are shown by themselves:
# no number of them pushes what was done to accounts out of sight.
SIGNED_IN, SIGNED_OUT = "signed in", "signed out"
REFUSED, NOT_CONFIRMED = "sign-in refused", "not confirmed"
SIGNING_IN = (SIGNED_IN, SIGNED_OUT, REFUSED, NOT_CONFIRMED)


class NoticeKind(StrEnum):
    """What somebody is told on every page until they have read it. Short: a column has 16."""

    CODES = "codes"  # wrong codes behind their right password
    LINK = "link"  # a link for a new password of theirs was made
    LINK_MADE = "link made"  # they made one for another administrator
    FACTOR_OFF = "factor off"  # their second factor was turned off
    FACTOR_OFF_MADE = "factor made off"  # they turned another administrator's off
    NEW_ADMINISTRATOR = "administrator"  # there is one more
    ROLE_TAKEN = "role taken"  # they are no administrator any more
    ROLE_TAKEN_MADE = "role made taken"  # they made that of another
    NEW_PASSWORD = "new password"  # noqa: S105 - somebody else gave them another password


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountNotice:
    """actor: who did it. detail: of whom, or how often and from where. at: aware UTC."""

    id: int
    at: datetime
    kind: NoticeKind
    actor: str
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Guesses:
    """How many wrong codes in a row, and when the last was typed: aware UTC."""

    wrong: int
    last_at: datetime
