"""A table of things to do, each done by one process: taken for a while, put off, ended.

Whoever takes a row gets a lease on it, which ends by itself if its holder dies: then somebody else
takes the row. Columns: id, next_at (not before), tries, done_at, outcome, detail.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, delete, exists, func, select, true, update

from asterisk_callback.store.repository import Repository

# Rows: a transaction of a few milliseconds, so that nobody waits for it.
PRUNED_AT_ONCE = 1000
# So long after its end a row of what was told stays: for whoever looks for what became of it. It is
# shown nowhere; what is shown of its wish or its alarm stands elsewhere.
KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class LeaseQueue:
    """table: has the columns above; without next_at and tries for `finish` and `prune` alone.
    in_order: names of columns; of rows that are equal in them the second waits for the first."""

    table: Table
    in_order: tuple[str, ...] = ()

    def due(self, now: datetime) -> ColumnElement[bool]:
        """It is undone, its time has come, and it waits for no other one."""
        columns = self.table.c
        turn = columns.done_at.is_(None) & (columns.next_at <= now)
        return turn & ~self._waits() if self.in_order else turn

    def _waits(self) -> ColumnElement[bool]:
        before, columns = self.table.alias("before").c, self.table.c
        same = [before[name] == columns[name] for name in self.in_order]
        return exists().where(*same, before.done_at.is_(None), before.id < columns.id)

    def any_due(self, repository: Repository, condition: ColumnElement[bool] | None = None) -> bool:
        where = self.due(repository.now) & (true() if condition is None else condition)
        query = select(self.table.c.id).where(where).limit(1)
        return repository.connection.execute(query).first() is not None

    def next_at(
        self, repository: Repository, condition: ColumnElement[bool] | None = None
    ) -> datetime | None:
        """When there is something to do next: now or earlier, later, or nothing at all."""
        columns = self.table.c
        where = columns.done_at.is_(None) & (true() if condition is None else condition)
        query = select(func.min(columns.next_at)).where(where)
        found: datetime | None = repository.connection.execute(query).scalar()
        return found

    def claim(
        self,
        repository: Repository,
        lease: timedelta,
        condition: ColumnElement[bool] | None = None,
        **values: object,
    ) -> int | None:
        """The id of the row that waits longest, for this caller alone until the lease ends; its
        tries count this one. values: written into it."""
        columns = self.table.c
        where = self.due(repository.now) & (true() if condition is None else condition)
        query = select(columns.id).where(where).order_by(columns.next_at, columns.id).limit(1)
        found: int | None = repository.connection.execute(
            repository.for_update(query, skip_locked=True)
        ).scalar()
        if found is not None:
            taken = {"next_at": repository.now + lease, "tries": columns.tries + 1, **values}
            repository.connection.execute(
                update(self.table).where(columns.id == found).values(**taken)
            )
        return found

    def postpone(
        self,
        repository: Repository,
        row_id: int,
        tries: int,
        until: datetime,
        detail: str,
        **values: object,
    ) -> bool:
        """Tried in vain. tries: as claimed. False if it was claimed again since: then it is not
        ours to judge."""
        mine = self.table.c.tries == tries
        return self._settle(repository, row_id, mine, next_at=until, detail=detail[:255], **values)

    def finish(
        self,
        repository: Repository,
        row_id: int,
        outcome: str,
        detail: str = "",
        condition: ColumnElement[bool] | None = None,
    ) -> bool:
        """It ends like this, also when the lease was lost meanwhile: what was sent was sent. False
        if it had ended before, or does not meet the condition."""
        mine = true() if condition is None else condition
        values = {"done_at": repository.now, "outcome": outcome, "detail": detail[:255]}
        return self._settle(repository, row_id, mine, **values)

    def _settle(
        self, repository: Repository, row_id: int, condition: ColumnElement[bool], **values: object
    ) -> bool:
        columns = self.table.c
        undone = (columns.id == row_id) & columns.done_at.is_(None) & condition
        return (
            repository.connection.execute(
                update(self.table).where(undone).values(**values)
            ).rowcount
            == 1
        )

    def prune(
        self,
        repository: Repository,
        condition: ColumnElement[bool],
        after: int = 0,
        most: int = PRUNED_AT_ONCE,
    ) -> int | None:
        """Looks at `most` rows behind the id `after`, and deletes those that are done and meet the
        condition. Returns the last id that it looked at; None: there is no row behind `after`."""
        columns = self.table.c
        step = select(columns.id).where(columns.id > after).order_by(columns.id).limit(most)
        last: int | None = repository.connection.execute(
            select(func.max(step.subquery().c.id))
        ).scalar()
        if last is not None:
            old = (columns.id > after) & (columns.id <= last) & columns.done_at.is_not(None)
            repository.connection.execute(delete(self.table).where(old, condition))
        return last
