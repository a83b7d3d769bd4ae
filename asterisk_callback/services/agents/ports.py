"""What the agents' phones need of the store."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from asterisk_callback.domain.account import UserId
from asterisk_callback.domain.queue_member import Action, Member, MemberOrder
from asterisk_callback.domain.server import ServerHealth


class AgentTransaction(Protocol):
    """One unit of work; `now` is the same instant throughout, aware UTC."""

    @property
    def now(self) -> datetime: ...

    def servers(self) -> Sequence[ServerHealth]: ...
    def members(self, server: str, asterisk_queue: str | None = None) -> Sequence[Member]: ...
    def add_member_order(
        self,
        account_id: UserId,
        *,
        server: str,
        asterisk_queue: str,
        interface: str,
        action: Action,
        reason: str = "",
    ) -> int: ...
    def member_orders(self, account_id: UserId, since: datetime) -> Sequence[MemberOrder]: ...
    def write_event(
        self, user_id: UserId | None, *, actor: str, event: str, detail: str = ""
    ) -> None: ...


class AgentStore(Protocol):
    """Where everything is kept. Both raise StoreUnavailable if the database does not answer."""

    def writing(
        self, *, within: float | None = None
    ) -> AbstractContextManager[AgentTransaction]: ...

    def reading(self) -> AbstractContextManager[AgentTransaction]: ...
