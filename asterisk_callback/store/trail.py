"""The audit trail: it only grows (P15). Written in the transaction of what it tells."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from asterisk_callback.domain.attempt import AttemptId
from asterisk_callback.domain.request import RequestId
from asterisk_callback.domain.trail import AuditEntry, event_of
from asterisk_callback.store.many import insert_many
from asterisk_callback.store.repository import Repository
from asterisk_callback.store.tables.calls import audit

_OF = select(audit).where(audit.c.request_id == bindparam("request_id")).order_by(audit.c.id)
_ADD = insert_many(audit)


class SqlTrail(Repository):
    def of(self, request_id: RequestId) -> Sequence[AuditEntry]:
        """Oldest first."""
        self.tx.flush()
        found = self.connection.execute(_OF, {"request_id": request_id})
        return [
            AuditEntry(
                at=row.at,
                actor=row.actor,
                event=event_of(row.event, row.old, row.reason),
                old=row.old,
                new=row.new,
                reason=row.reason,
                attempt_id=AttemptId(row.attempt_id) if row.attempt_id else None,
            )
            for row in found
        ]

    def add(
        self,
        request_id: RequestId | None,
        *,
        actor: str,
        event: str,
        reason: str,
        old: str | None = None,
        new: str | None = None,
        attempt_id: AttemptId | None = None,
    ) -> None:
        """old, new: the states before and after, if one changed. Written with the commit."""
        self.tx.later(
            _ADD,
            {
                "at": self.now,
                "request_id": request_id,
                "attempt_id": attempt_id,
                "actor": actor,
                "event": event,
                "old": old,
                "new": new,
                "reason": reason,
            },
        )
