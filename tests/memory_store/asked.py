"""Requests, wishes, attempts and the trail in memory: see the modules of those names in store/."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from asterisk_callback.domain import request as transitions
from asterisk_callback.domain.attempt import Attempt, AttemptId, Token
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.request import Request, RequestId, RequestState
from asterisk_callback.domain.trail import AuditEntry, TrailEvent
from asterisk_callback.domain.wish import Wish, WishId
from asterisk_callback.store import rows
from tests.memory_store.base import Base
from tests.memory_store.tables import OPEN, Row

MAY_EXPIRE = frozenset(state for state in RequestState if state.may_expire)


def to_request(row: Row) -> Request:
    if row.domain is None:
        row.domain = rows.to_request(row)  # type: ignore[arg-type]
    found: Request = row.domain
    return found


def to_attempt(row: Row) -> Attempt:
    if row.domain is None:
        row.domain = rows.to_attempt(row)  # type: ignore[arg-type]
    found: Attempt = row.domain
    return found


def to_wish(row: Row) -> Wish:
    if row.domain is None:
        row.domain = rows.to_wish(row)  # type: ignore[arg-type]
    found: Wish = row.domain
    return found


class Asked(Base):
    # --- callback requests ------------------------------------------------------------------

    def add_request(self, *, actor: str, **fields: Any) -> Request:
        request = to_request(self._insert("callback_request", fields))
        self._write(
            request.id,
            actor=actor,
            event=TrailEvent.REQUEST,
            old=None,
            new=request.state,
            reason="asked",
        )
        return request

    def request(self, request_id: RequestId) -> Request | None:
        row = self.tables["callback_request"].get(request_id)
        return to_request(row) if row else None

    lock_request = request

    def open_by_queue(self) -> dict[str, int]:
        return Counter(
            row["queue"] for row in self._rows("callback_request") if row["state"] in OPEN
        )

    def open_of(self, queue: str) -> Sequence[RequestId]:
        rows = self._rows("callback_request")
        return sorted(one["id"] for one in rows if one["queue"] == queue and one["state"] in OPEN)

    def open_request(self, queue: str, e164: str) -> Request | None:
        for row in self._rows("callback_request"):
            if row["queue"] == queue and row["e164"] == e164 and row["state"] in OPEN:
                return to_request(row)
        return None

    def lock_open_request(self, queue: str, e164: str) -> Request | None:
        return self.open_request(queue, e164)

    def change_request(
        self,
        old: Request,
        new: Request,
        *,
        actor: str,
        reason: str,
        event: TrailEvent = TrailEvent.REQUEST,
    ) -> Request:
        if old.state is not new.state:
            transitions.check(old.state, new.state)
        changed = rows.changes(old, new)
        if changed:
            row = self.tables["callback_request"].get(old.id)
            if row is None or row["state"] != old.state:
                raise StaleWrite(f"callback request {old.id} was changed by somebody else")
            self._update("callback_request", old.id, changed)
        self._write(new.id, actor=actor, event=event, old=old.state, new=new.state, reason=reason)
        return new

    def lock_due(self, limit: int) -> Sequence[Request]:
        found = [row for row in self._rows("callback_request") if self._due(row)]
        return _first(found, limit, "due_at", "id")

    def lock_expired(self, limit: int) -> Sequence[Request]:
        found = [row for row in self._rows("callback_request") if self._late(row)]
        return _first(found, limit, "expires_at", "id")

    def lock_claimable(
        self,
        queue: str,
        limit: int,
        *,
        last: Collection[str] = (),
        only: Collection[str] | None = None,
        but: Collection[str] = (),
    ) -> Sequence[Request]:
        found = [
            row
            for row in self._rows("callback_request")
            if self._claimable(row, queue)
            and (only is None or row["region"] in only)
            and row["region"] not in but
        ]
        first = [row for row in found if row["e164"] not in last]
        rest = [row for row in found if row["e164"] in last]
        in_turn = [
            *_first(first, limit, "line_at", "id"),
            *_first(rest, limit, "line_at", "id"),
        ]
        return in_turn[:limit]

    def anything_due(self) -> bool:
        return any(self._due(row) or self._late(row) for row in self._rows("callback_request"))

    def in_line(self, queues: Sequence[str], limit: int) -> dict[str, int]:
        rows = list(self._rows("callback_request"))
        counts = {name: sum(self._claimable(row, name) for row in rows) for name in queues}
        return {name: min(count, limit) for name, count in counts.items() if count}

    def next_instant(self) -> datetime | None:
        return min(
            (
                row["due_at"]
                for row in self._rows("callback_request")
                if row["state"] == RequestState.SCHEDULED
                or (row["state"] == RequestState.QUEUED and row["due_at"] > self._now)
            ),
            default=None,
        )

    def ahead_of(self, request: Request) -> int:
        return sum(
            row["queue"] == request.queue
            and row["state"] == RequestState.QUEUED
            and (row["line_at"], row["id"]) < (request.line_at, request.id)
            for row in self._rows("callback_request")
        )

    def wishes_before(self, wish: Wish, queue: str, line_at: datetime, *, own: bool) -> int:
        mine = (line_at, wish.since, wish.id)
        return sum(
            (max(other.due_at, request["line_at"]), other.since, other.id) < mine
            and other.id != wish.id
            and (own or other.request_id != wish.request_id)
            for other, request in self._in_line(queue)
        )

    def line_length(self, queue: str) -> int:
        return sum(1 for _ in self._in_line(queue))

    def _in_line(self, queue: str) -> Iterator[tuple[Wish, Row]]:
        requests = self.tables["callback_request"]
        for row in self._rows("wish"):
            request = requests[row["request_id"]]
            queued = request["queue"] == queue and request["state"] == RequestState.QUEUED
            if queued and row["withdrawn_at"] is None and row["due_at"] <= self._now:
                yield to_wish(row), request

    def find_requests(self, state: str | None, limit: int) -> Sequence[Request]:
        found = [r for r in self._rows("callback_request") if state is None or r["state"] == state]
        return [to_request(row) for row in found[::-1][:limit]]

    def _due(self, row: Row) -> bool:
        return bool(row["state"] == RequestState.SCHEDULED and row["due_at"] <= self._now)

    def _late(self, row: Row) -> bool:
        return row["state"] in MAY_EXPIRE and row["expires_at"] <= self._now

    def _claimable(self, row: Row, queue: str) -> bool:
        return bool(
            row["state"] == RequestState.QUEUED
            and row["queue"] == queue
            and row["due_at"] <= self._now < row["expires_at"]
        )

    # --- wishes -----------------------------------------------------------------------------

    def add_wish(self, **fields: Any) -> Wish:
        return to_wish(self._insert("wish", fields))

    def wish_by_secret(self, secret_hash: str) -> Wish | None:
        return self._wish(secret_hash=secret_hash)

    def wish_by_public_id(self, public_id: str) -> Wish | None:
        return self._wish(public_id=public_id)

    def wish_by_key(self, scope: str, key: str) -> Wish | None:
        return self._wish(scope=scope, key=key)

    def wishes_of(self, request_id: RequestId) -> Sequence[Wish]:
        return [to_wish(row) for row in self._rows("wish") if row["request_id"] == request_id]

    def withdraw_wish(self, wish_id: WishId) -> None:
        if self.tables["wish"][wish_id]["withdrawn_at"] is None:
            self._update("wish", wish_id, {"withdrawn_at": self._now})

    def change_wish(self, old: Wish, new: Wish) -> Wish:
        changed = rows.changes(old, new)
        if changed:
            self._update("wish", old.id, changed)
        return new

    def wishes_of_other_rules(self, tzdata: str, after: int, limit: int) -> Sequence[Wish]:
        requests = self.tables["callback_request"]
        found = [
            row
            for row in self._rows("wish")
            if row["id"] > after
            and row["due_at"] > self._now
            and not row["asap"]
            and row["withdrawn_at"] is None
            and row["wall_time"] is not None
            and (row["tzdata"] or "") != tzdata
            and requests[row["request_id"]]["state"] in OPEN
        ]
        return [to_wish(row) for row in found[:limit]]

    def booked(self, queue: str, since: datetime, until: datetime) -> Sequence[datetime]:
        requests = self.tables["callback_request"]
        return [
            row["due_at"]
            for row in self._rows("wish")
            if since <= row["due_at"] < until
            and not row["asap"]
            and row["withdrawn_at"] is None
            and requests[row["request_id"]]["queue"] == queue
            and requests[row["request_id"]]["state"] in OPEN
        ]

    def _wish(self, **wanted: str) -> Wish | None:
        for row in self._rows("wish"):
            if all(row[name] == value for name, value in wanted.items()):
                return to_wish(row)
        return None

    # --- attempts ---------------------------------------------------------------------------

    def add_attempt(self, **fields: Any) -> Attempt:
        return to_attempt(self._insert("attempt", fields))

    def attempt_by_token(self, token: Token) -> Attempt | None:
        for row in self._rows("attempt"):
            if row["token"] == token:
                return to_attempt(row)
        return None

    def attempts_of(self, request_id: RequestId) -> Sequence[Attempt]:
        return [to_attempt(row) for row in self._rows("attempt") if row["request_id"] == request_id]

    def open_attempts(self, server: str) -> Sequence[Attempt]:
        return [to_attempt(row) for row in self._open() if row["server"] == server]

    def attempts_to_end(self, server: str) -> Sequence[Attempt]:
        return [
            to_attempt(row)
            for row in self._rows("attempt")
            if (row["hangup_asked_at"] is not None or row["dropped_at"] is not None)
            and row["hangup_sent_at"] is None
            and row["server"] == server
        ]

    def hangup_sent(self, attempt: Attempt) -> None:
        self._update("attempt", attempt.id, {"hangup_sent_at": self._now})

    def waiting_for_agent(self, queue: str) -> int:
        requests = self.tables["callback_request"]
        return sum(
            row["agent_at"] is None and requests[row["request_id"]]["queue"] == queue
            for row in self._open()
        )

    def change_attempt(
        self, old: Attempt, new: Attempt, *, actor: str, reason: str, epoch: int | None = None
    ) -> Attempt:
        row = self.tables["attempt"].get(old.id)
        if (
            row is None
            or row["epoch"] != old.epoch
            or (row["gate_at"] is None) != (old.gate_at is None)
            or (row["ended_at"] is None) != (old.ended_at is None)
            or epoch not in (None, row["epoch"])
        ):
            raise StaleWrite(f"attempt {old.id} belongs to another dispatcher or has moved on")
        self._update("attempt", old.id, rows.changes(old, new))
        self._write(
            new.request_id,
            actor=actor,
            event=TrailEvent.ATTEMPT,
            old=None,
            new=new.disposition if not new.open else None,
            reason=reason,
            attempt_id=new.id,
        )
        return new

    def pass_gate(self, attempt: Attempt) -> bool:
        row = self.tables["attempt"][attempt.id]
        if row["gate_at"] is not None or row["ended_at"] is not None:
            return False
        self._update("attempt", attempt.id, {"gate_at": self._now})
        return True

    def _open(self) -> Iterable[Row]:
        return (row for row in self._rows("attempt") if row["ended_at"] is None)

    # --- the trail --------------------------------------------------------------------------

    def trail(self, request_id: RequestId) -> Sequence[AuditEntry]:
        names = ("at", "actor", "event", "old", "new", "reason", "attempt_id")
        return [
            AuditEntry(**{name: row[name] for name in names})
            for row in self._rows("audit")
            if row["request_id"] == request_id
        ]

    def write_trail(
        self,
        request_id: RequestId | None,
        *,
        actor: str,
        event: str,
        reason: str,
        attempt_id: AttemptId | None = None,
    ) -> None:
        self._write(
            request_id,
            actor=actor,
            event=event,
            old=None,
            new=None,
            reason=reason,
            attempt_id=attempt_id,
        )

    def _write(self, request_id: RequestId | None, **values: Any) -> None:
        self._insert("audit", {"at": self._now, "request_id": request_id, **values})


def _first(found: list[Row], limit: int, *order: str) -> list[Request]:
    found.sort(key=lambda row: tuple(row[name] for name in order))
    return [to_request(row) for row in found[:limit]]
