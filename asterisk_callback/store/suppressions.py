"""Numbers that are never called again."""

from collections.abc import Collection

from sqlalchemy import bindparam, delete, select

from asterisk_callback.store.repository import Repository
from asterisk_callback.store.rows import padded
from asterisk_callback.store.tables.calls import suppressions

_AMONG = select(suppressions.c.e164).where(
    suppressions.c.e164.in_(bindparam("numbers", expanding=True))
)


class SqlSuppressions(Repository):
    def has(self, e164: str) -> bool:
        return e164 in self.among([e164])

    def among(self, numbers: Collection[str]) -> Collection[str]:
        """Those of these numbers that are never called again."""
        values = {"numbers": padded(sorted(numbers))}
        return frozenset(self.connection.execute(_AMONG, values).scalars())

    def add(self, e164: str, reason: str) -> bool:
        """Never call this number again. False if it was suppressed already."""
        self.tx.lock(f"number:{e164}")
        if self.has(e164):
            return False
        values = {"e164": e164, "created_at": self.now, "reason": reason[:255]}
        self.connection.execute(suppressions.insert().values(**values))
        return True

    def remove(self, e164: str) -> bool:
        """Takes a suppression back. False if there was none."""
        gone = self.connection.execute(delete(suppressions).where(suppressions.c.e164 == e164))
        return gone.rowcount == 1
