"""One unit of work in memory, put together as store/transaction.py is."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from tests.memory_store.alarms import MemoryAlarmNotices, MemoryAlarms
from tests.memory_store.attempts import MemoryAttempts
from tests.memory_store.consoles import MemoryAccounts, MemoryConsoles, MemoryOffers, MemoryWrapUps
from tests.memory_store.holds import MemoryHolds
from tests.memory_store.limits import MemoryLimits
from tests.memory_store.line import MemoryLine
from tests.memory_store.queue_members import MemoryQueueMembers
from tests.memory_store.requests import MemoryRequests
from tests.memory_store.servers import MemoryServers
from tests.memory_store.suppressions import MemorySuppressions
from tests.memory_store.tables import Key, Row, Rows, Tables, checked, new_row, require_unique
from tests.memory_store.telling import MemoryMessages, MemoryTeamLinks, MemoryTeamNotes
from tests.memory_store.trail import MemoryTrail
from tests.memory_store.wishes import MemoryWishes
from tests.memory_store.work import MemoryWork


class MemoryTransaction:
    """What the simulation and the unit tests need of services.ports.Transaction.

    tables: this transaction's own, copied from the committed ones when first written to.
    written: the names of those."""

    by_number = ()

    def __init__(self, tables: Tables, now: datetime) -> None:
        self.tables = tables
        self.written: set[str] = set()
        self._now = now

    @property
    def now(self) -> datetime:
        return self._now

    def refresh_now(self) -> datetime:
        """There is one writer, which waits before it begins and never after."""
        return self._now

    def lock(self, *names: str) -> None:
        """The writer is alone already."""

    def try_lock(self, *names: str) -> Collection[str]:
        return names

    def insert(self, table: str, values: Mapping[str, Any], key: Key = None) -> Row:
        """key: of a table that is not numbered."""
        rows = self.tables[table]
        if key is None:
            key = next(reversed(rows)) + 1 if rows else 1
            values = {**values, "id": key}
        row = new_row(table, values)
        require_unique(table, rows, row)
        self._writable(table)[key] = row
        return row

    def update(self, table: str, key: Key, values: Mapping[str, Any]) -> None:
        rows = self.tables[table]
        row = Row({**rows[key], **checked(values)})
        require_unique(table, rows, row)
        self._writable(table)[key] = row

    def delete(self, table: str, key: Key) -> None:
        del self._writable(table)[key]

    def _writable(self, table: str) -> Rows:
        if table not in self.written:
            self.written.add(table)
            self.tables[table] = dict(self.tables[table])
        return self.tables[table]

    @cached_property
    def requests(self) -> MemoryRequests:
        return MemoryRequests(self)

    @cached_property
    def line(self) -> MemoryLine:
        return MemoryLine(self)

    @cached_property
    def wishes(self) -> MemoryWishes:
        return MemoryWishes(self)

    @cached_property
    def attempts(self) -> MemoryAttempts:
        return MemoryAttempts(self)

    @cached_property
    def trail(self) -> MemoryTrail:
        return MemoryTrail(self)

    @cached_property
    def suppressions(self) -> MemorySuppressions:
        return MemorySuppressions(self)

    @cached_property
    def limits(self) -> MemoryLimits:
        return MemoryLimits(self)

    @cached_property
    def alarms(self) -> MemoryAlarms:
        return MemoryAlarms(self)

    @cached_property
    def alarm_notices(self) -> MemoryAlarmNotices:
        return MemoryAlarmNotices(self)

    @cached_property
    def holds(self) -> MemoryHolds:
        return MemoryHolds(self)

    @cached_property
    def consoles(self) -> MemoryConsoles:
        return MemoryConsoles(self)

    @cached_property
    def offers(self) -> MemoryOffers:
        return MemoryOffers(self)

    @cached_property
    def wrap_ups(self) -> MemoryWrapUps:
        return MemoryWrapUps(self)

    @cached_property
    def accounts(self) -> MemoryAccounts:
        return MemoryAccounts(self)

    @cached_property
    def queue_members(self) -> MemoryQueueMembers:
        return MemoryQueueMembers(self)

    @cached_property
    def work(self) -> MemoryWork:
        return MemoryWork(self)

    @cached_property
    def servers(self) -> MemoryServers:
        return MemoryServers(self)

    @cached_property
    def messages(self) -> MemoryMessages:
        return MemoryMessages(self)

    @cached_property
    def team_links(self) -> MemoryTeamLinks:
        return MemoryTeamLinks(self)

    @cached_property
    def team_notes(self) -> MemoryTeamNotes:
        return MemoryTeamNotes(self)
