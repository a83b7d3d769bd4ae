"""Attempts in the database. Every write of a dispatcher carries its epoch (P6)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, update

from asterisk_callback.domain.attempt import Attempt, Token
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.request import RequestId
from asterisk_callback.store import rows
from asterisk_callback.store.tables.calls import IS_TO_END, attempts, queue_of_attempt
from asterisk_callback.store.trail import Trail

_C = attempts.c


class AttemptTable(Trail):
    def add_attempt(self, **fields: Any) -> Attempt:
        found = self.connection.execute(attempts.insert().values(**fields).returning(*_C)).one()
        return rows.to_attempt(found)

    def attempt_by_token(self, token: Token) -> Attempt | None:
        found = self.connection.execute(select(attempts).where(_C.token == token)).first()
        return rows.to_attempt(found) if found else None

    def attempts_of(self, request_id: RequestId) -> Sequence[Attempt]:
        """Oldest first."""
        return self._attempts(_C.request_id == request_id)

    def open_attempts(self, server: str) -> Sequence[Attempt]:
        # By an expression, and sorted here: by the server, or in the order of the ids, SQLite would
        # go through all attempts there ever were.
        here = func.coalesce(_C.server, "") == server
        found = self.connection.execute(select(attempts).where(here, _C.ended_at.is_(None)))
        return sorted((rows.to_attempt(row) for row in found), key=lambda one: one.id)

    def attempts_to_end(self, server: str) -> Sequence[Attempt]:
        """Attempts whose call is to be ended, and that Asterisk was not yet told of."""
        return self._attempts(and_(_C.server == server, IS_TO_END))

    def hangup_sent(self, attempt: Attempt) -> None:
        self.connection.execute(
            update(attempts).where(_C.id == attempt.id).values(hangup_sent_at=self._now)
        )

    def waiting_for_agent(self, queue: str) -> int:
        """Open attempts of a queue that no agent has answered."""
        query = (
            select(func.count())
            .select_from(attempts)
            .where(_C.ended_at.is_(None), _C.agent_at.is_(None), queue_of_attempt() == queue)
        )
        return self.connection.execute(query).scalar_one()

    def change_attempt(
        self, old: Attempt, new: Attempt, *, actor: str, reason: str, epoch: int | None = None
    ) -> Attempt:
        """Writes `new` over `old`. epoch: the writer's, if it is a dispatcher.

        Raises StaleWrite if the attempt belongs to another epoch by now, or was ended or passed
        the gate since `old` was read.
        """
        expected = (
            (_C.id == old.id)
            & (_C.epoch == old.epoch)
            & (_C.gate_at.is_(None) if old.gate_at is None else _C.gate_at.is_not(None))
            & (_C.ended_at.is_(None) if old.ended_at is None else _C.ended_at.is_not(None))
        )
        if epoch is not None:
            expected &= _C.epoch == epoch
        done = self.connection.execute(
            update(attempts).where(expected).values(**rows.changes(old, new))
        )
        if done.rowcount != 1:
            raise StaleWrite(f"attempt {old.id} belongs to another dispatcher or has moved on")
        self._write(
            new.request_id,
            actor=actor,
            event="attempt",
            old=None,
            new=new.disposition if not new.open else None,
            reason=reason,
            attempt_id=new.id,
        )
        if new.hangup_asked_at or new.dropped_at or not new.open:
            self._wake()
        return new

    def pass_gate(self, attempt: Attempt) -> bool:
        """The fence itself: true for exactly one caller per attempt."""
        done = self.connection.execute(
            update(attempts)
            .where(_C.id == attempt.id, _C.gate_at.is_(None), _C.ended_at.is_(None))
            .values(gate_at=self._now)
        )
        return done.rowcount == 1

    def _attempts(self, condition: ColumnElement[bool]) -> Sequence[Attempt]:
        query = select(attempts).where(condition).order_by(_C.id)
        return [rows.to_attempt(row) for row in self.connection.execute(query)]
