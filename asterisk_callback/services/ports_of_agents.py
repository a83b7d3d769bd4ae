"""What is known of agents, and offered to them."""

from collections.abc import Sequence
from typing import Protocol

from asterisk_callback.domain.account import User, UserId
from asterisk_callback.domain.attempt import AttemptId
from asterisk_callback.domain.console import Offer, WrapUp
from asterisk_callback.domain.queue_member import Member
from asterisk_callback.domain.request import RequestId


class QueueMemberRepository(Protocol):
    """The members of Asterisk's queues."""

    def of(self, server: str, asterisk_queue: str | None = None) -> Sequence[Member]: ...


class AccountRepository(Protocol):
    """Who can sign in."""

    def all(self) -> Sequence[User]: ...


class ConsoleRepository(Protocol):
    """Consoles of agents."""

    def open_users(self) -> frozenset[UserId]: ...


class OfferRepository(Protocol):
    """Offers to agents."""

    def open_of(self, user_id: UserId) -> Offer | None: ...

    def withdraw_for(self, request_id: RequestId) -> None: ...


class WrapUpRepository(Protocol):
    """What agents noted of their calls."""

    def erase_notes(self, request_id: RequestId) -> None: ...

    def get(self, attempt_id: AttemptId) -> WrapUp | None: ...
