"""Attempts in the database. Every write of a dispatcher carries its epoch (P6)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, Update, bindparam, func, or_, select, update

from asterisk_callback.domain.attempt import Attempt, AttemptId, Token
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.request import Request, RequestId
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.store import rows
from asterisk_callback.store.many import Many
from asterisk_callback.store.repository import Repository, bound, known
from asterisk_callback.store.tables.calls import IS_TO_END, IS_UNKNOWN, attempts, requests
from asterisk_callback.store.trail import SqlTrail

_C = attempts.c
_ADD = attempts.insert().returning(*_C, sort_by_parameter_order=True)
_BY_ID = select(attempts).where(_C.id == bindparam("attempt_id"))
_OF_MEMBER = (
    select(attempts)
    .where(
        _C.member == bindparam("member"),
        or_(_C.ended_at.is_(None), _C.ended_at >= bindparam("since")),
    )
    .order_by(_C.id.desc())
)
_UNKNOWN = (
    select(_C.request_id)
    .where(_C.server == bindparam("server"), IS_UNKNOWN, _C.ended_at >= bindparam("since"))
    .distinct()
    .order_by(_C.request_id)
)
_BY_TOKEN = select(attempts).where(_C.token == bindparam("token"))
# Both rows are locked, the request's first: whoever waits for a lock gets both as they are then. By
# the request's lock alone it would get the attempt as it was before it waited.
_LOCKED = (
    select(*(requests.c[name] for name in rows.REQUEST), *(_C[name] for name in rows.ATTEMPT))
    .select_from(requests.join(attempts, requests.c.id == _C.request_id))
    .where(_C.token.in_(bindparam("tokens", expanding=True)))
    .order_by(requests.c.id, _C.id)
    .with_for_update(of=[requests, attempts])
)
_LOCKED_FREE = _LOCKED.with_for_update(of=[requests, attempts], skip_locked=True)
_KNOWN = select(_C.token).where(_C.token.in_(bindparam("tokens", expanding=True)))
_OF = select(attempts).where(_C.request_id == bindparam("request_id")).order_by(_C.id)
_OF_ALL = (
    select(attempts)
    .where(_C.request_id.in_(bindparam("ids", expanding=True)))
    .order_by(_C.request_id, _C.id)
)
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
    .where(_C.id.in_(bindparam("ids", expanding=True)), _C.gate_at.is_(None), _C.ended_at.is_(None))
    .values(bound(["gate_at"]))
    .returning(_C.id)
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


# What reports of an open attempt can change; the row's guards are those of _change.
_TOLD = (
    "agent_rang_at", "agent_at", "agent", "member", "ringing_at", "picked_up_at", "answered_at",
    "left_at", "rung", "ended_at", "disposition", "cause", "detail",
)  # fmt: skip
_SET = ", ".join(f"{one} = given.{one}" for one in _TOLD)
_CHANGE_ALL = Many(
    f"UPDATE attempt SET {_SET} FROM {{given}} "  # noqa: S608 - names of columns
    "WHERE attempt.id = given.id AND attempt.epoch = given.epoch"
    " AND attempt.epoch = :writers_epoch AND attempt.ended_at IS NULL"
    " AND (attempt.gate_at IS NOT NULL) = given.passed",
    attempts,
    ("id", "epoch", ("passed", "rung"), *_TOLD),
)


class SqlAttempts(Repository):
    def add(self, **fields: Any) -> Attempt:
        (attempt,) = self.add_all([fields])
        return attempt

    def add_all(self, made: Sequence[Mapping[str, Any]]) -> Sequence[Attempt]:
        """In the same order."""
        if not made:
            return ()
        given = [known(attempts, dict(one)) for one in made]
        return [rows.to_attempt(row) for row in self.connection.execute(_ADD, given)]

    def by_token(self, token: Token) -> Attempt | None:
        found = self.connection.execute(_BY_TOKEN, {"token": token}).first()
        return rows.to_attempt(found) if found else None

    def lock_with_requests(
        self, tokens: Sequence[Token], *, skip_locked: bool = False
    ) -> Mapping[Token, tuple[Request, Attempt]]:
        """The attempts of these tokens and their requests, whose rows are locked, in the order of
        the requests. Without tokens that are not ours. skip_locked: and without those whose rows
        somebody else holds now, instead of waiting for them."""
        if not tokens:
            return {}
        given = {"tokens": rows.padded(list(dict.fromkeys(tokens)))}
        query = _LOCKED_FREE if skip_locked else _LOCKED
        found = map(rows.to_both, self.connection.execute(query, given))
        return {attempt.token: (request, attempt) for request, attempt in found}

    def known(self, tokens: Sequence[Token]) -> Collection[Token]:
        """Those of the tokens that are ours."""
        if not tokens:
            return ()
        given = {"tokens": rows.padded(list(dict.fromkeys(tokens)))}
        return frozenset(self.connection.execute(_KNOWN, given).scalars())

    def of(self, request_id: RequestId) -> Sequence[Attempt]:
        """Oldest first."""
        return self._attempts(_OF, request_id=request_id)

    def of_all(self, ids: Collection[RequestId]) -> Mapping[RequestId, Sequence[Attempt]]:
        """The same for each of these requests."""
        found: dict[RequestId, list[Attempt]] = {one: [] for one in ids}
        if found:
            for attempt in self._attempts(_OF_ALL, ids=rows.padded(sorted(found))):
                found[attempt.request_id].append(attempt)
        return found

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
        return self._attempts(_OF_MEMBER, member=member, since=since)

    def get(self, attempt_id: AttemptId) -> Attempt | None:
        found = self.connection.execute(_BY_ID, {"attempt_id": attempt_id}).first()
        return rows.to_attempt(found) if found else None

    def unknown_since(self, server: str, since: datetime) -> Sequence[RequestId]:
        """Callback requests with an attempt of unknown outcome that ended since then."""
        values = {"server": server, "since": since}
        return [RequestId(one) for one in self.connection.execute(_UNKNOWN, values).scalars()]

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
        self._tell(new, actor, reason, ended=not new.open)
        if new.hangup_asked_at or new.dropped_at or not new.open:
            self.tx.wake()
        return new

    def change_all(
        self,
        changes: Sequence[tuple[Attempt, Attempt]],
        *,
        actor: str,
        reasons: Sequence[Sequence[str]],
        epoch: int,
    ) -> None:
        """As `change`, for attempts that were open. reasons: of each, one for each report, the last
        of which may have ended it. Raises StaleWrite."""
        if not changes:
            return
        given = [
            {"id": old.id, "epoch": old.epoch, "passed": old.gate_at is not None}
            | {name: getattr(new, name) for name in _TOLD}
            for old, new in changes
        ]
        done = _CHANGE_ALL.execute(self.connection, given, writers_epoch=epoch)
        if done != len(changes):
            raise StaleWrite("an attempt belongs to another dispatcher or has moved on")
        for (_, new), told in zip(changes, reasons, strict=True):
            for reason in told[:-1]:
                self._tell(new, actor, reason, ended=False)
            self._tell(new, actor, told[-1], ended=not new.open)
        if any(not new.open for _, new in changes):
            self.tx.wake()

    def pass_gate(self, some: Sequence[Attempt]) -> Collection[AttemptId]:
        """The fence itself: those that pass. Each attempt does once, whoever asks."""
        if not some:
            return ()
        values = {"ids": rows.padded([one.id for one in some]), "gate_at": self.now}
        return frozenset(
            AttemptId(one) for one in self.connection.execute(_PASS_GATE, values).scalars()
        )

    def _tell(self, new: Attempt, actor: str, reason: str, *, ended: bool) -> None:
        SqlTrail(self.tx).add(
            new.request_id,
            actor=actor,
            event=TrailEvent.ATTEMPT,
            old=None,
            new=new.disposition if ended else None,
            reason=reason,
            attempt_id=new.id,
        )

    def _attempts(self, query: Select[Any], **values: object) -> Sequence[Attempt]:
        return [rows.to_attempt(row) for row in self.connection.execute(query, values)]
