"""What agents noted of their calls."""

from sqlalchemy import bindparam, select, update

from asterisk_callback.domain.account import UserId
from asterisk_callback.domain.attempt import AttemptId
from asterisk_callback.domain.console import WrapUp
from asterisk_callback.domain.request import RequestId
from asterisk_callback.store.repository import Repository, bound
from asterisk_callback.store.tables.calls import attempts
from asterisk_callback.store.tables.console import wrap_ups

_A, _U = attempts.c, wrap_ups.c
_OF = select(wrap_ups).where(_U.attempt_id == bindparam("of_attempt"))
_SAID = ("user_id", "at", "code", "note", "again", "never")
_PUT = update(wrap_ups).where(_U.attempt_id == bindparam("of_attempt")).values(bound(_SAID))
_ADD = wrap_ups.insert()
_ERASE = (
    update(wrap_ups)
    .where(_U.attempt_id.in_(select(_A.id).where(_A.request_id == bindparam("of_request"))))
    .values(note="")
)


class SqlWrapUps(Repository):
    def get(self, attempt_id: AttemptId) -> WrapUp | None:
        row = self.connection.execute(_OF, {"of_attempt": attempt_id}).first()
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
        values = {name: getattr(said, name) for name in _SAID}
        if self.connection.execute(_PUT, {"of_attempt": said.attempt_id, **values}).rowcount == 0:
            self.connection.execute(_ADD, {"attempt_id": said.attempt_id, **values})

    def erase_notes(self, request_id: RequestId) -> None:
        """Deletes what agents noted of a request's calls: it may say who somebody is."""
        self.connection.execute(_ERASE, {"of_request": request_id})
