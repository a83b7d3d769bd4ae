"""Two versions of the program on one database: whose tables are they now?

During an upgrade, host by host, the first new process changes the tables under the old ones. What
an old one would write then is not known to be right, so it does nothing more, and says so.
"""

import time
from collections.abc import Callable

from sqlalchemy import Connection, text

from asterisk_callback.domain.errors import StoreUnavailable

_EVERY = 1.0  # seconds


class TablesChanged(StoreUnavailable):
    """The database has the tables of another version by now. For everybody who waits for it, it is
    away; nothing was written."""

    def __init__(self, found: str, known: str) -> None:
        super().__init__(
            f"the database has gone to revision {found} of its tables, by another version of this "
            f"program; this one knows {known} and does nothing more: install the other one here, "
            "too, and start it"
        )


class Tables:
    """Asked at the begin of transactions, and looks now and then. known: the revision that this
    program knows."""

    def __init__(self, known: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._known = known
        self._monotonic = monotonic
        self._looked: float | None = None

    def check(self, connection: Connection) -> None:
        """Raises TablesChanged."""
        now = self._monotonic()
        if self._looked is not None and now - self._looked < _EVERY:
            return
        self.look(connection)
        self._looked = now

    def look(self, connection: Connection) -> None:
        """At once. Raises TablesChanged."""
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if found != self._known:
            self._looked = None
            raise TablesChanged(str(found), self._known)
