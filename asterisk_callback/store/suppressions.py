"""Numbers that are never called again."""

from sqlalchemy import bindparam, delete, select

from asterisk_callback.store.repository import Repository
from asterisk_callback.store.tables.calls import suppressions

_SUPPRESSED = select(suppressions.c.e164).where(suppressions.c.e164 == bindparam("e164"))


class SqlSuppressions(Repository):
    def has(self, e164: str) -> bool:
        return self.connection.execute(_SUPPRESSED, {"e164": e164}).first() is not None

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
