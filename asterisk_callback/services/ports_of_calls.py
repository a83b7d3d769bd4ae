"""What calling needs of the database: requests, their line, attempts, and what may stop them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from asterisk_callback.domain.alarm import AlarmCondition
from asterisk_callback.domain.attempt import Attempt, AttemptId, Token
from asterisk_callback.domain.hold import Hold, HoldKind
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.request import Request, RequestId
from asterisk_callback.domain.server import ServerHealth
from asterisk_callback.domain.trail import AuditEntry, TrailEvent
from asterisk_callback.domain.trunk import TrunkHistory
from asterisk_callback.domain.wish import Wish, WishId, WithdrawnBy


class RequestRepository(Protocol):
    """Callback requests."""

    def add(self, *, actor: str, **fields: Any) -> Request: ...

    def get(self, request_id: RequestId) -> Request | None: ...

    def lock(self, request_id: RequestId) -> Request | None: ...

    def open_by_queue(self) -> Mapping[str, int]: ...

    def open_of(self, queue: str) -> Sequence[RequestId]: ...

    def open_for(self, queue: str, e164: str) -> Request | None: ...

    def lock_open_for(self, queue: str, e164: str) -> Request | None: ...

    def change(
        self, old: Request, new: Request, *, actor: str, reason: str, event: TrailEvent = ...
    ) -> Request: ...

    def change_all(
        self, changes: Sequence[tuple[Request, Request]], *, actor: str, reasons: Sequence[str]
    ) -> None: ...

    def lock_due(self, limit: int) -> Sequence[Request]: ...

    def lock_expired(self, limit: int) -> Sequence[Request]: ...

    def lock_claimable(
        self,
        queue: str,
        limit: int,
        *,
        last: Collection[str] = (),
        only: Collection[str] | None = None,
        but: Collection[str] = (),
    ) -> Sequence[Request]: ...


class LineRepository(Protocol):
    """The waiting line of a callback queue."""

    def ahead_of(self, request: Request) -> int: ...

    def wishes_before(self, wish: Wish, queue: str, line_at: datetime, *, own: bool) -> int: ...

    def length(self, queue: str) -> int: ...

    def waiting_for_agent(self, queue: str) -> int: ...

    def recent_talks(
        self, server: str, queue: str, since: datetime, limit: int
    ) -> Sequence[timedelta]: ...


class WishRepository(Protocol):
    """What customers asked for."""

    def add(self, **fields: Any) -> Wish: ...

    def by_secret(self, secret_hash: str) -> Wish | None: ...

    def by_public_id(self, public_id: str) -> Wish | None: ...

    def by_key(self, scope: str, key: str) -> Wish | None: ...

    def of(self, request_id: RequestId) -> Sequence[Wish]: ...

    def of_all(self, ids: Collection[RequestId]) -> Mapping[RequestId, Sequence[Wish]]: ...

    def withdraw(self, wish_id: WishId, by: WithdrawnBy = ...) -> None: ...

    def change(self, old: Wish, new: Wish) -> Wish: ...

    def with_other_tzdata(self, tzdata: str, after: int, limit: int) -> Sequence[Wish]: ...

    def booked_times(self, queue: str, since: datetime, until: datetime) -> Sequence[datetime]: ...

    def get(self, wish_id: WishId) -> Wish | None: ...


class AttemptRepository(Protocol):
    """Calls."""

    def add(self, **fields: Any) -> Attempt: ...

    def add_all(self, made: Sequence[Mapping[str, Any]]) -> Sequence[Attempt]: ...

    def by_token(self, token: Token) -> Attempt | None: ...

    def lock_with_requests(
        self, tokens: Sequence[Token], *, skip_locked: bool = False
    ) -> Mapping[Token, tuple[Request, Attempt]]: ...

    def known(self, tokens: Sequence[Token]) -> Collection[Token]: ...

    def of(self, request_id: RequestId) -> Sequence[Attempt]: ...

    def of_all(self, ids: Collection[RequestId]) -> Mapping[RequestId, Sequence[Attempt]]: ...

    def open_on(self, server: str) -> Sequence[Attempt]: ...

    def to_hang_up(self, server: str) -> Sequence[Attempt]: ...

    def change(
        self, old: Attempt, new: Attempt, *, actor: str, reason: str, epoch: int | None = None
    ) -> Attempt: ...

    def change_all(
        self,
        changes: Sequence[tuple[Attempt, Attempt]],
        *,
        actor: str,
        reasons: Sequence[Sequence[str]],
        epoch: int,
    ) -> None: ...

    def pass_gate(self, some: Sequence[Attempt]) -> Collection[AttemptId]: ...

    def unknown_since(self, server: str, since: datetime) -> Sequence[RequestId]: ...

    def of_member(self, member: str, since: datetime) -> Sequence[Attempt]: ...


class LimitRepository(Protocol):
    """What the guard counts."""

    def calls_since(
        self, since: datetime, *, trunk: str | None = None, queue: str | None = None
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

    def ringing_since(self, since: datetime, e164: str) -> int: ...

    def wished_in_talks(
        self, *, e164: str | None = None, block: str | None = None, region: str | None = None
    ) -> int: ...

    def wishes_from_client(
        self, since: datetime, *, address: str | None = None, network: str | None = None
    ) -> int: ...

    def requests_from_network(
        self, network: str, since: datetime, *, block: str | None = None, region: str | None = None
    ) -> int: ...

    def full_blocks(self, since: datetime, limit: int) -> int: ...

    def full_regions(self, since: datetime, limit: int, home: str) -> Sequence[str]: ...

    def calls_of(self, numbers: Collection[str], since: datetime) -> Mapping[str, int]: ...

    def busy(self, numbers: Collection[str]) -> Collection[str]: ...

    def trunk_history(self, server: str, trunk: str) -> TrunkHistory: ...


class SuppressionRepository(Protocol):
    """Numbers that are never called again."""

    def has(self, e164: str) -> bool: ...

    def among(self, numbers: Collection[str]) -> Collection[str]: ...


class HoldRepository(Protocol):
    """What is held, of one kind: whoever asks whether calls may go out asks for no kind."""

    def active(self, kind: HoldKind = HoldKind.DIALLING) -> Sequence[Hold]: ...

    def add(self, hold: Hold) -> None: ...

    def remove(self, scope: str, kind: HoldKind = HoldKind.DIALLING) -> None: ...


class ServerRepository(Protocol):
    """What dispatchers say of themselves and of their Asterisk; how far the database has come."""

    def strangers(self, since: datetime) -> Sequence[AlarmCondition]: ...

    def call_counter(self) -> int: ...

    def raise_call_counter(self, to: int) -> None: ...

    def put_queue_facts(self, server: str, asterisk_queue: str, facts: QueueStatus) -> None: ...

    def queue_facts(self, server: str, asterisk_queue: str) -> QueueStatus: ...

    def all(self) -> Sequence[ServerHealth]: ...


class TrailRepository(Protocol):
    """The audit trail."""

    def of(self, request_id: RequestId) -> Sequence[AuditEntry]: ...

    def add(
        self,
        request_id: RequestId | None,
        *,
        actor: str,
        event: str,
        reason: str,
        attempt_id: AttemptId | None = None,
    ) -> None: ...
