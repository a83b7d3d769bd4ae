"""What the services of the accounts need of the store."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from asterisk_callback.domain.account import AccountEvent, Grant, Session, User, UserId

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


class AccountTransaction(Protocol):
    """One unit of work on the accounts; `now` is the same instant throughout, aware UTC."""

    @property
    def now(self) -> datetime: ...

    def lock(self, name: str) -> None: ...

    # users
    def add_user(self, *, login: str, name: str, member: str | None) -> User: ...
    def users(self) -> Sequence[User]: ...
    def user(self, user_id: UserId) -> User | None: ...
    def user_by_login(self, login: str) -> User | None: ...
    def user_by_member(self, member: str) -> User | None: ...
    def user_by_link(self, link_hash: str) -> User | None: ...
    def change_user(self, user_id: UserId, **changes: Any) -> None: ...
    def add_grant(self, user_id: UserId, grant: Grant) -> bool: ...
    def remove_grant(self, user_id: UserId, grant: Grant) -> bool: ...

    # the second factor
    def use_totp_step(self, user_id: UserId, step: int) -> bool: ...
    def put_recovery_codes(self, user_id: UserId, hashes: Sequence[str]) -> None: ...
    def use_recovery_code(self, user_id: UserId, code_hash: str) -> bool: ...
    def recovery_codes_left(self, user_id: UserId) -> int: ...

    # sessions
    def add_session(
        self, user_id: UserId, *, token_hash: str, expires_at: datetime, address: str
    ) -> Session: ...
    def session(self, token_hash: str) -> Session | None: ...
    def sessions_of(self, user_id: UserId) -> Sequence[Session]: ...
    def touch_session(self, session_id: int) -> None: ...
    def end_session(self, session_id: int) -> None: ...
    def end_sessions(self, user_id: UserId, *, but: int | None = None) -> int: ...
    def forget_sessions(self, before: datetime) -> None: ...

    # tries to sign in
    def add_try(self, who: str, address: str) -> int: ...
    def tries_since(
        self, since: datetime, *, who: str | None = None, address: str | None = None
    ) -> Sequence[datetime]: ...
    def forget_try(self, try_id: int) -> None: ...
    def forget_tries(self, *, who: str | None = None, before: datetime | None = None) -> None: ...

    # guesses of a second factor
    def guesses(self, who: str) -> Guesses | None: ...
    def put_guesses(self, who: str, user_id: UserId, wrong: int) -> None: ...
    def forget_guesses(
        self,
        *,
        who: str | None = None,
        user_id: UserId | None = None,
        before: datetime | None = None,
    ) -> None: ...

    # what a user is to be told
    def add_account_notice(
        self, user_id: UserId, kind: NoticeKind, *, actor: str, detail: str = ""
    ) -> None: ...
    def account_notices(self, user_id: UserId) -> Sequence[AccountNotice]: ...
    def forget_account_notices(
        self, user_id: UserId, *, up_to: int | None = None, kind: NoticeKind | None = None
    ) -> None: ...

    # what was done
    def write_event(
        self, user_id: UserId | None, *, actor: str, event: str, detail: str = ""
    ) -> None: ...
    def account_events(
        self,
        *,
        user_id: UserId | None = None,
        signing_in: bool | None = None,
        limit: int = 100,
    ) -> Sequence[AccountEvent]: ...
    def forget_anonymous_events(self, *, before: datetime, keep: int) -> None: ...


class AccountStore(Protocol):
    """Where the accounts are kept. Both raise StoreUnavailable if the database does not answer."""

    def writing(
        self, *, within: float | None = None
    ) -> AbstractContextManager[AccountTransaction]: ...
    def reading(self) -> AbstractContextManager[AccountTransaction]: ...
