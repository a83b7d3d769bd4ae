"""What the services need of the world: a store and its transactions.

Two implementations exist: the SQL store, and the one of the simulation and the unit tests.
"""

from collections.abc import Collection
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from asterisk_callback.domain.customer_message import MessageKind
from asterisk_callback.services.ports_of_agents import (
    AccountRepository,
    ConsoleRepository,
    OfferRepository,
    QueueMemberRepository,
    WrapUpRepository,
)
from asterisk_callback.services.ports_of_calls import (
    AttemptRepository,
    HoldRepository,
    LimitRepository,
    LineRepository,
    RequestRepository,
    ServerRepository,
    SuppressionRepository,
    TrailRepository,
    WishRepository,
)
from asterisk_callback.services.ports_of_telling import (
    AlarmNoticeRepository,
    AlarmRepository,
    MessageRepository,
    TeamLinkRepository,
    TeamNoteRepository,
)


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
