"""Attempts in the database. Every write of a dispatcher carries its epoch (P6)."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, Update, bindparam, func, or_, select, update

from asterisk_callback.domain.attempt import Attempt, AttemptId, Token
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.request import RequestId
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.store import rows
from asterisk_callback.store.repository import Repository, bound, known
from asterisk_callback.store.tables.calls import IS_TO_END, IS_UNKNOWN, attempts
from asterisk_callback.store.trail import SqlTrail

_C = attempts.c
_ADD = attempts.insert().returning(*_C)
_BY_TOKEN = select(attempts).where(_C.token == bindparam("token"))
_OF = select(attempts).where(_C.request_id == bindparam("request_id")).order_by(_C.id)
# By an expression, and sorted behind it: by the server, or in the order of the ids, SQLite would go
# through all attempts there ever were.
_OPEN = select(attempts).where(
    func.coalesce(_C.server, "") == bindparam("server"), _C.ended_at.is_(None)
)
_TO_END = select(attempts).where(_C.server == bindparam("server"), IS_TO_END).order_by(_C.id)
_HANGUP_SENT = (
    update(attempts).where(_C.id == bindparam("attempt_id")).values(bound(["hangup_sent_at"]))
)
_PASS_GATE = (
    update(attempts)
    .where(_C.id == bindparam("attempt_id"), _C.gate_at.is_(None), _C.ended_at.is_(None))
    .values(bound(["gate_at"]))
)


@cache
def _change(names: tuple[str, ...], *, passed: bool, ended: bool) -> Update:
    """For an attempt of which only its own epoch, its gate and its end are looked at."""
    expected = (
        _C.id == bindparam("attempt_id"),
        _C.epoch == bindparam("read_epoch"),
        _C.epoch == bindparam("writers_epoch"),
        _C.gate_at.is_not(None) if passed else _C.gate_at.is_(None),
        _C.ended_at.is_not(None) if ended else _C.ended_at.is_(None),
    )
    return update(attempts).where(*expected).values(bound(names))


class SqlAttempts(Repository):
    def add(self, **fields: Any) -> Attempt:
        return rows.to_attempt(self.connection.execute(_ADD, known(attempts, fields)).one())

    def by_token(self, token: Token) -> Attempt | None:
        found = self.connection.execute(_BY_TOKEN, {"token": token}).first()
        return rows.to_attempt(found) if found else None

    def of(self, request_id: RequestId) -> Sequence[Attempt]:
        """Oldest first."""
        return self._attempts(_OF, request_id=request_id)

    def open_on(self, server: str) -> Sequence[Attempt]:
        return sorted(self._attempts(_OPEN, server=server), key=lambda one: one.id)

    def to_hang_up(self, server: str) -> Sequence[Attempt]:
        """Attempts whose call is to be ended, and that Asterisk was not yet told of."""
        return self._attempts(_TO_END, server=server)

    def mark_hangup_sent(self, attempt: Attempt) -> None:
        values = {"attempt_id": attempt.id, "hangup_sent_at": self.now}
        self.connection.execute(_HANGUP_SENT, values)

    def of_member(self, member: str, since: datetime) -> Sequence[Attempt]:
        """The attempts that this phone took part in and that are open, or ended since then; the
        newest first."""
        query = (
            select(attempts)
            .where(_C.member == member, or_(_C.ended_at.is_(None), _C.ended_at >= since))
            .order_by(_C.id.desc())
        )
        return [rows.to_attempt(row) for row in self.connection.execute(query)]

    def get(self, attempt_id: AttemptId) -> Attempt | None:
        found = self.connection.execute(select(attempts).where(_C.id == attempt_id)).first()
        return rows.to_attempt(found) if found else None

    def unknown_since(self, server: str, since: datetime) -> Sequence[RequestId]:
        """Callback requests with an attempt of unknown outcome that ended since then."""
        query = (
            select(_C.request_id)
            .where(
                _C.server == server,
                IS_UNKNOWN,
                _C.ended_at >= since,
            )
            .distinct()
            .order_by(_C.request_id)
        )
        return [RequestId(one) for one in self.connection.execute(query).scalars()]

    def change(
        self, old: Attempt, new: Attempt, *, actor: str, reason: str, epoch: int | None = None
    ) -> Attempt:
        """Writes `new` over `old`. epoch: the writer's, if it is a dispatcher.

        Raises StaleWrite if the attempt belongs to another epoch by now, or was ended or passed
        the gate since `old` was read.
        """
        changed = rows.changes(old, new)
        expected = {
            "attempt_id": old.id,
            "read_epoch": old.epoch,
            "writers_epoch": old.epoch if epoch is None else epoch,
        }
        query = _change(
            tuple(changed), passed=old.gate_at is not None, ended=old.ended_at is not None
        )
        done = self.connection.execute(query, expected | changed)
        if done.rowcount != 1:
            raise StaleWrite(f"attempt {old.id} belongs to another dispatcher or has moved on")
        SqlTrail(self.tx).add(
            new.request_id,
            actor=actor,
            event=TrailEvent.ATTEMPT,
            old=None,
            new=new.disposition if not new.open else None,
            reason=reason,
            attempt_id=new.id,
        )
        if new.hangup_asked_at or new.dropped_at or not new.open:
            self.tx.wake()
        return new

    def pass_gate(self, attempt: Attempt) -> bool:
        """The fence itself: true for exactly one caller per attempt."""
        values = {"attempt_id": attempt.id, "gate_at": self.now}
        return self.connection.execute(_PASS_GATE, values).rowcount == 1

    def _attempts(self, query: Select[Any], **values: object) -> Sequence[Attempt]:
        return [rows.to_attempt(row) for row in self.connection.execute(query, values)]
