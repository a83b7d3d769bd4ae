"""What the services need of the world: a store and its transactions.

Two implementations exist: the SQL store, and the one of the simulation and the unit tests.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol

from asterisk_callback.domain.account import User, UserId
from asterisk_callback.domain.alarm import Alarm, AlarmCondition, AlarmEvent, Notice
from asterisk_callback.domain.attempt import Attempt, AttemptId, Token
from asterisk_callback.domain.console import Offer, WrapUp
from asterisk_callback.domain.customer_message import InVain, Message, MessageKind, ReachedBy
from asterisk_callback.domain.hold import Hold, HoldKind
from asterisk_callback.domain.outbox import DeliveryOutcome
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.queue_member import Member
from asterisk_callback.domain.request import Request, RequestId
from asterisk_callback.domain.server import ServerHealth
from asterisk_callback.domain.team_notice import NotTold, TeamLink
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


class AlarmRepository(Protocol):
    """Alarms."""

    def standing(self, *, past: int = 0) -> Sequence[Alarm]: ...

    def raise_alarm(self, condition: AlarmCondition) -> Alarm: ...

    def clear_alarm(self, alarm: Alarm) -> Alarm: ...


class AlarmNoticeRepository(Protocol):
    """What is still to be told of alarms."""

    def add(self, alarm: Alarm, channel: str, event: AlarmEvent) -> None: ...

    def any_due(self, channels: Sequence[str]) -> bool: ...

    def claim(self, channels: Sequence[str], lease: timedelta) -> Notice | None: ...

    def postpone(self, notice: Notice, until: datetime, detail: str) -> bool: ...

    def finish(self, notice: Notice, outcome: DeliveryOutcome, detail: str = "") -> bool: ...

    def channels_not_told(self, channels: Sequence[str], before: datetime) -> Sequence[str]: ...


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


class MessageRepository(Protocol):
    """The customers' outbox."""

    def add(
        self,
        wish_id: WishId,
        kind: MessageKind,
        *,
        occasion: str,
        due_at: datetime,
        facts: Mapping[str, str],
    ) -> None: ...

    def next_at(self, reach: ReachedBy | None = None) -> datetime | None: ...

    def claim(self, lease: timedelta, reach: ReachedBy | None = None) -> Message | None: ...

    def set_recipient(self, message: Message, address: str) -> None: ...

    def sent_to(self, address: str, since: datetime) -> int: ...

    def postpone(
        self, message: Message, until: datetime, detail: str, *, away: bool = False
    ) -> bool: ...

    def undelivered(self, before: datetime, reach: ReachedBy | None = None) -> InVain | None: ...

    def mark_server_back(
        self, reach: ReachedBy | None = None, *, wake: datetime | None
    ) -> None: ...

    def finish(self, message: Message, outcome: DeliveryOutcome, detail: str = "") -> bool: ...


class TeamLinkRepository(Protocol):
    """The teams' pages, and what teams know."""

    def get(self, request_id: RequestId) -> TeamLink | None: ...


class TeamNoteRepository(Protocol):
    """The teams' outbox."""

    def not_told(self, before: datetime) -> Sequence[NotTold]: ...


class Transaction(Protocol):
    """One unit of work. Everything written in it is committed together or not at all.

    Locks are taken in this order and no other: what a submission is about, the request's row, its
    number, the counters. `now` is the same instant throughout: the database's clock, unless a
    test handed in another; only `refresh_now` moves it on.
    """

    @property
    def now(self) -> datetime: ...

    # Kinds of messages that customers without an e-mail address get at their number.
    @property
    def by_number(self) -> Collection[MessageKind]: ...

    def refresh_now(self) -> datetime: ...
    def lock(self, *names: str) -> None: ...
    def try_lock(self, *names: str) -> Collection[str]: ...

    @property
    def requests(self) -> RequestRepository: ...
    @property
    def line(self) -> LineRepository: ...
    @property
    def wishes(self) -> WishRepository: ...
    @property
    def attempts(self) -> AttemptRepository: ...
    @property
    def limits(self) -> LimitRepository: ...
    @property
    def suppressions(self) -> SuppressionRepository: ...
    @property
    def holds(self) -> HoldRepository: ...
    @property
    def servers(self) -> ServerRepository: ...
    @property
    def trail(self) -> TrailRepository: ...
    @property
    def alarms(self) -> AlarmRepository: ...
    @property
    def alarm_notices(self) -> AlarmNoticeRepository: ...
    @property
    def queue_members(self) -> QueueMemberRepository: ...
    @property
    def accounts(self) -> AccountRepository: ...
    @property
    def consoles(self) -> ConsoleRepository: ...
    @property
    def offers(self) -> OfferRepository: ...
    @property
    def wrap_ups(self) -> WrapUpRepository: ...
    @property
    def messages(self) -> MessageRepository: ...
    @property
    def team_links(self) -> TeamLinkRepository: ...
    @property
    def team_notes(self) -> TeamNoteRepository: ...


class Store(Protocol):
    """Where everything is kept. Both raise StoreUnavailable if the database does not answer.

    one_writer: does each writing transaction wait for all others?
    """

    @property
    def one_writer(self) -> bool: ...

    def writing(self, *, within: float | None = None) -> AbstractContextManager[Transaction]:
        """A transaction that commits at the end of the block. within: seconds that its database
        work may take at most, else StoreUnavailable and nothing is written."""
        ...

    def reading(self) -> AbstractContextManager[Transaction]: ...
