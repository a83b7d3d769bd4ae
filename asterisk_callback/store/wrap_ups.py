"""What agents noted of their calls."""

from sqlalchemy import select, update

from asterisk_callback.domain.account import UserId
from asterisk_callback.domain.attempt import AttemptId
from asterisk_callback.domain.console import WrapUp
from asterisk_callback.domain.request import RequestId
from asterisk_callback.store.repository import Repository
from asterisk_callback.store.tables.calls import attempts
from asterisk_callback.store.tables.console import wrap_ups

_A = attempts.c


class SqlWrapUps(Repository):
    def get(self, attempt_id: AttemptId) -> WrapUp | None:
        query = select(wrap_ups).where(wrap_ups.c.attempt_id == attempt_id)
        row = self.connection.execute(query).first()
        if row is None:
            return None
        return WrapUp(
            attempt_id=AttemptId(row.attempt_id),
            user_id=UserId(row.user_id),
            at=row.at,
            code=row.code,
            note=row.note,
            again=RequestId(row.again) if row.again else None,
            never=row.never,
        )

    def put(self, said: WrapUp) -> None:
        """In the place of what was said before. The caller holds the request's row."""
        values = {
            "user_id": said.user_id,
            "at": said.at,
            "code": said.code,
            "note": said.note,
            "again": said.again,
            "never": said.never,
        }
        mine = wrap_ups.c.attempt_id == said.attempt_id
        if self.connection.execute(update(wrap_ups).where(mine).values(**values)).rowcount == 0:
            self.connection.execute(wrap_ups.insert().values(attempt_id=said.attempt_id, **values))

    def erase_notes(self, request_id: RequestId) -> None:
        """Deletes what agents noted of a request's calls: it may say who somebody is."""
        those = select(_A.id).where(_A.request_id == request_id)
        self.connection.execute(
            update(wrap_ups).where(wrap_ups.c.attempt_id.in_(those)).values(note="")
        )
