"""One unit of work, put together from what can be done to each table."""

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import Connection

from asterisk_callback.domain.customer_message import Kind
from asterisk_callback.store.accounts import AccountTable
from asterisk_callback.store.alarms import AlarmTable
from asterisk_callback.store.attempts import AttemptTable
from asterisk_callback.store.board import BoardReads
from asterisk_callback.store.console import ConsoleTable
from asterisk_callback.store.holds import HoldTable
from asterisk_callback.store.limits import Counts
from asterisk_callback.store.member_orders import MemberOrderTable
from asterisk_callback.store.outbox import MessageTable
from asterisk_callback.store.queue_members import MemberTable
from asterisk_callback.store.reports import ReportReads
from asterisk_callback.store.requests import RequestTable
from asterisk_callback.store.servers import ServerTable
from asterisk_callback.store.sessions import SessionTable
from asterisk_callback.store.team import TeamTable
from asterisk_callback.store.trail import Trail
from asterisk_callback.store.wishes import WishTable


class SqlTransaction(
    RequestTable,
    WishTable,
    AttemptTable,
    MessageTable,
    Counts,
    AlarmTable,
    HoldTable,
    AccountTable,
    SessionTable,
    TeamTable,
    MemberTable,
    ConsoleTable,
    MemberOrderTable,
    BoardReads,
    ReportReads,
    Trail,
    ServerTable,
):
    """All that can be asked of the database in one transaction. Implements
    services.ports.Transaction, which the store in memory implements, too."""

    def __init__(
        self,
        connection: Connection,
        clock: Callable[[], datetime],
        by_number: Collection[Kind] = (),
    ) -> None:
        """clock: the store's, aware UTC. by_number: see services.ports.Transaction."""
        self.by_number = by_number
        self.connection = connection
        self._clock = clock
        self._now = clock()

    @property
    def now(self) -> datetime:
        """Aware UTC, the same throughout the transaction."""
        return self._now

    def look_at_clock(self) -> datetime:
        """Moves `now` on, after a wait for a lock: what is counted by the second, and written so
        that others count it, must not lie in the past."""
        self._now = max(self._now, self._clock())
        return self._now
