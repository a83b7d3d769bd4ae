"""The database: the real SqlStore on SQLite in memory, with the failures of a database.

A transaction is one step, as it is on SQLite, whose writers are alone. What PostgreSQL interleaves
inside transactions is not shown here but in tests/store/test_races.py.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.store import SqlStore
from asterisk_callback.store.tables import metadata
from asterisk_callback.store.transaction import SqlTransaction
from tests.simulation.loop import World

URL = "sqlite:///file:simulation?mode=memory&cache=shared&uri=true"


class Database(SqlStore):
    """One for all processes of a world. `on_commit` is called after each commit, before the writer
    learns of it; `on_change` tells the watches."""

    def __init__(self, world: World) -> None:
        super().__init__(URL, clock=world.clock)
        self.world = world
        self.away_until = 0.0
        self.fails = 0.0
        self.loses_reply = 0.0
        self.on_commit: Callable[[], None] = lambda: None
        self.on_change: list[Callable[[], None]] = []
        with self._writer.begin() as connection:
            metadata.drop_all(connection)
            metadata.create_all(connection)

    @contextmanager
    def writing(self, *, within: float | None = None) -> Iterator[SqlTransaction]:
        """`within` is left out: it is real time, and here all waiting is virtual."""
        self._answers()
        with super().writing() as tx:
            yield tx
            if self._chance(self.fails):
                raise StoreUnavailable("the commit failed")
        self.on_commit()
        for told in self.on_change:
            told()
        if self._chance(self.loses_reply):
            raise StoreUnavailable("committed, and the reply was lost")

    @contextmanager
    def reading(self) -> Iterator[SqlTransaction]:
        self._answers()
        with super().reading() as tx:
            yield tx

    def _answers(self) -> None:
        if self.world.now < self.away_until:
            raise StoreUnavailable("the database is away")

    def _chance(self, of: float) -> bool:
        return of > 0 and self.world.rng.random() < of
