"""What the services need of the world: a store and its transactions.

Two implementations exist: the SQL store, and the one of the simulation and the unit tests.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from asterisk_callback.domain.attempt import Attempt, AttemptId, Token
from asterisk_callback.domain.hold import Hold
from asterisk_callback.domain.pacing import QueueFacts
from asterisk_callback.domain.request import Request, RequestId
from asterisk_callback.domain.wish import Wish, WishId

Clock = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEntry:
    """One row of the trail that only grows (P15). at: aware UTC."""

    at: datetime
    actor: str
    event: str
    old: str | None
    new: str | None
    reason: str
    attempt_id: AttemptId | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerHealth:
    """What a dispatcher last said of its Asterisk server. alive_until: the end of its lease."""

    dispatcher: str
    server: str
    epoch: int
    ready: bool
    reason: str
    alive_until: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class TrunkTail:
    """How the last calls over one trunk ended. faults: trunk faults since the last one that rang.

    numbers: different numbers among them. last_fault: when the last of them ended, aware UTC.
    open: attempts under way that have not rung yet.
    """

    faults: int = 0
    numbers: int = 0
    last_fault: datetime | None = None
    open: int = 0


class Transaction(Protocol):
    """One unit of work. Everything written in it is committed together or not at all.

    Locks are taken in this order and no other: what a submission is about, the request's row, its
    number, the counters. `now` is the same instant throughout: the database's clock, unless a
    test handed in another.
    """

    @property
    def now(self) -> datetime: ...

    # callback requests
    def add_request(self, *, actor: str, **fields: Any) -> Request: ...
    def request(self, request_id: RequestId) -> Request | None: ...
    def lock_request(self, request_id: RequestId) -> Request | None: ...
    def lock_open_request(self, queue: str, e164: str) -> Request | None: ...
    def change_request(self, old: Request, new: Request, *, actor: str, reason: str) -> Request: ...
    def lock_due(self, limit: int) -> Sequence[Request]: ...
    def lock_expired(self, limit: int) -> Sequence[Request]: ...
    def lock_claimable(self, queue: str, limit: int) -> Sequence[Request]: ...
    def next_instant(self) -> datetime | None: ...
    def ahead_of(self, request: Request) -> int: ...
    def line_length(self, queue: str) -> int: ...

    # wishes
    def add_wish(self, **fields: Any) -> Wish: ...
    def wish_by_secret(self, secret_hash: str) -> Wish | None: ...
    def wish_by_public_id(self, public_id: str) -> Wish | None: ...
    def wish_by_key(self, scope: str, key: str) -> Wish | None: ...
    def wishes_of(self, request_id: RequestId) -> Sequence[Wish]: ...
    def withdraw_wish(self, wish_id: WishId) -> None: ...
    def change_wish(self, old: Wish, new: Wish) -> Wish: ...
    def booked(self, queue: str, since: datetime, until: datetime) -> Sequence[datetime]: ...

    # attempts
    def add_attempt(self, **fields: Any) -> Attempt: ...
    def attempt_by_token(self, token: Token) -> Attempt | None: ...
    def attempts_of(self, request_id: RequestId) -> Sequence[Attempt]: ...
    def open_attempts(self, server: str) -> Sequence[Attempt]: ...
    def attempts_to_end(self, server: str) -> Sequence[Attempt]: ...
    def waiting_for_agent(self, queue: str) -> int: ...
    def change_attempt(
        self, old: Attempt, new: Attempt, *, actor: str, reason: str, epoch: int | None = None
    ) -> Attempt: ...
    def pass_gate(self, attempt: Attempt) -> bool: ...

    # guard
    def lock(self, name: str) -> None: ...
    def suppressed(self, e164: str) -> bool: ...
    def calls_since(
        self,
        since: datetime,
        *,
        e164: str | None = None,
        trunk: str | None = None,
        queue: str | None = None,
    ) -> int: ...
    def calls_open(
        self, *, passed: bool, trunk: str | None = None, queue: str | None = None
    ) -> int: ...
    def requests_since(
        self,
        since: datetime,
        *,
        e164: str | None = None,
        block: str | None = None,
        region: str | None = None,
    ) -> int: ...
    def wishes_from(self, address: str, since: datetime) -> int: ...
    def talks(
        self, server: str, queue: str, since: datetime, limit: int
    ) -> Sequence[timedelta]: ...
    def number_on_the_line(self, e164: str) -> bool: ...
    def trunk_tail(self, server: str, trunk: str) -> TrunkTail: ...

    # holds
    def holds(self) -> Sequence[Hold]: ...
    def add_hold(self, hold: Hold) -> None: ...
    def lift_hold(self, scope: str) -> None: ...

    # the trail, and what dispatchers say of their world
    def trail(self, request_id: RequestId) -> Sequence[AuditEntry]: ...
    def write_trail(
        self,
        request_id: RequestId | None,
        *,
        actor: str,
        event: str,
        reason: str,
        attempt_id: AttemptId | None = None,
    ) -> None: ...
    def put_queue_facts(self, server: str, asterisk_queue: str, facts: QueueFacts) -> None: ...
    def queue_facts(self, server: str, asterisk_queue: str) -> QueueFacts: ...
    def servers(self) -> Sequence[ServerHealth]: ...


class Store(Protocol):
    """Where everything is kept. Both raise StoreUnavailable if the database does not answer."""

    def writing(self, *, within: float | None = None) -> AbstractContextManager[Transaction]:
        """A transaction that commits at the end of the block. within: seconds that its database
        work may take at most, else StoreUnavailable and nothing is written."""
        ...

    def reading(self) -> AbstractContextManager[Transaction]: ...
