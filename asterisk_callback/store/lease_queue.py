"""A table of things to do, each done by one process: taken for a while, put off, ended.

Whoever takes a row gets a lease on it, which ends by itself if its holder dies: then somebody else
takes the row. Columns: id, next_at (not before), tries, done_at, outcome, detail.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Delete,
    Select,
    Table,
    Update,
    bindparam,
    delete,
    exists,
    func,
    select,
    true,
    update,
)

from asterisk_callback.store.repository import Repository, bound

# Rows: a transaction of a few milliseconds, so that nobody waits for it.
PRUNED_AT_ONCE = 1000
# So long after its end a row of what was told stays: for whoever looks for what became of it. It is
# shown nowhere; what is shown of its wish or its alarm stands elsewhere.
KEPT = timedelta(days=90)

_NONE: Mapping[str, ColumnElement[Any]] = {}


class LeaseQueue:
    """Each statement is built once, when it is first asked for. What its parts bind is given by
    name where it is executed; `now` is the transaction's."""

    def __init__(
        self,
        table: Table,
        *,
        condition: ColumnElement[bool] | None = None,
        in_order: tuple[str, ...] = (),
        taken: Mapping[str, ColumnElement[Any]] = _NONE,
        put_off: Mapping[str, ColumnElement[Any]] = _NONE,
        mine: ColumnElement[bool] | None = None,
        old: ColumnElement[bool] | None = None,
    ) -> None:
        """table: has the columns above; without next_at and tries for `finish` and `prune` alone.
        condition: of the rows that are looked for. in_order: names of columns; of rows that are
        equal in them the second waits for the first. taken, put_off: what else is written at a
        claim, and at a postponement. mine: of a row that may be ended. old: of one that is pruned;
        `before` is bound in it."""
        self.table = table
        self._condition = true() if condition is None else condition
        self._in_order = in_order
        self._written = dict(taken)
        self._put_off = dict(put_off)
        self._mine = true() if mine is None else mine
        self._old = true() if old is None else old

    @cached_property
    def _due(self) -> ColumnElement[bool]:
        """It is undone, its time has come, and it waits for no other one."""
        columns = self.table.c
        turn = columns.done_at.is_(None) & (columns.next_at <= bindparam("now"))
        before = self.table.alias("before").c
        same = [before[name] == columns[name] for name in self._in_order]
        waits = exists().where(*same, before.done_at.is_(None), before.id < columns.id)
        return (turn & ~waits if self._in_order else turn) & self._condition

    @cached_property
    def _any_due(self) -> Select[Any]:
        return select(self.table.c.id).where(self._due).limit(1)

    @cached_property
    def _next_at(self) -> Select[Any]:
        columns = self.table.c
        undone = columns.done_at.is_(None)
        return select(func.min(columns.next_at)).where(undone, self._condition)

    @cached_property
    def _next(self) -> Select[Any]:
        columns = self.table.c
        query = select(columns.id).where(self._due).order_by(columns.next_at, columns.id)
        return query.limit(1).with_for_update(skip_locked=True)

    @cached_property
    def _take(self) -> Update:
        columns = self.table.c
        values = {"next_at": bindparam("until"), "tries": columns.tries + 1, **self._written}
        return update(self.table).where(columns.id == bindparam("row_id")).values(values)

    @cached_property
    def _undone(self) -> ColumnElement[bool]:
        return (self.table.c.id == bindparam("row_id")) & self.table.c.done_at.is_(None)

    @cached_property
    def _postpone(self) -> Update:
        mine = self.table.c.tries == bindparam("read_tries")
        values = {**bound(("next_at", "detail")), **self._put_off}
        return update(self.table).where(self._undone, mine).values(values)

    @cached_property
    def _finish(self) -> Update:
        values = bound(("done_at", "outcome", "detail"))
        return update(self.table).where(self._undone, self._mine).values(values)

    @cached_property
    def _last(self) -> Select[Any]:
        columns = self.table.c
        step = select(columns.id).where(columns.id > bindparam("after")).order_by(columns.id)
        return select(func.max(step.limit(bindparam("most")).subquery().c.id))

    @cached_property
    def _prune(self) -> Delete:
        columns = self.table.c
        looked_at = (columns.id > bindparam("after")) & (columns.id <= bindparam("last"))
        return delete(self.table).where(looked_at, columns.done_at.is_not(None), self._old)

    def any_due(self, repository: Repository, **given: object) -> bool:
        """given: what the condition binds; likewise in the other methods."""
        values = {"now": repository.now, **given}
        return repository.connection.execute(self._any_due, values).first() is not None

    def next_at(self, repository: Repository, **given: object) -> datetime | None:
        """When there is something to do next: now or earlier, later, or nothing at all."""
        found: datetime | None = repository.connection.execute(self._next_at, given).scalar()
        return found

    def claim(
        self,
        repository: Repository,
        lease: timedelta,
        written: Mapping[str, object] | None = None,
        **given: object,
    ) -> int | None:
        """The id of the row that waits longest, for this caller alone until the lease ends; its
        tries count this one. written: what `taken` binds."""
        connection, now = repository.connection, repository.now
        found: int | None = connection.execute(self._next, {"now": now, **given}).scalar()
        if found is not None:
            values = {"row_id": found, "until": now + lease, **(written or {})}
            connection.execute(self._take, values)
        return found

    def postpone(
        self,
        repository: Repository,
        row_id: int,
        tries: int,
        until: datetime,
        detail: str,
        **given: object,
    ) -> bool:
        """Tried in vain. tries: as claimed. False if it was claimed again since: then it is not
        ours to judge."""
        values = {"row_id": row_id, "read_tries": tries, "next_at": until, "detail": detail[:255]}
        return repository.connection.execute(self._postpone, {**values, **given}).rowcount == 1

    def finish(
        self, repository: Repository, row_id: int, outcome: str, detail: str = "", **given: object
    ) -> bool:
        """It ends like this, also when the lease was lost meanwhile: what was sent was sent. False
        if it had ended before, or is not ours."""
        values = {"row_id": row_id, "outcome": outcome, "detail": detail[:255]}
        values["done_at"] = repository.now
        return repository.connection.execute(self._finish, {**values, **given}).rowcount == 1

    def prune(
        self, repository: Repository, before: datetime, after: int = 0, most: int = PRUNED_AT_ONCE
    ) -> int | None:
        """Looks at `most` rows behind the id `after`, and deletes those that are done and old.
        Returns the last id that it looked at; None: there is no row behind `after`."""
        connection = repository.connection
        last: int | None = connection.execute(self._last, {"after": after, "most": most}).scalar()
        if last is not None:
            connection.execute(self._prune, {"after": after, "last": last, "before": before})
        return last
