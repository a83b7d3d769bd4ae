"""Holds the whole database against the promises; remembers what only grows."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from asterisk_callback.domain import request as transitions
from asterisk_callback.domain.attempt import Attempt, Token
from asterisk_callback.domain.disposition import DEFAULT, Disposition, RetryAction
from asterisk_callback.domain.request import Request, RequestId, RequestState
from asterisk_callback.domain.wish import Wish
from asterisk_callback.store import SqlStore, rows
from asterisk_callback.store.tables.calls import attempts, audit, requests, wishes

TABLES = (requests, wishes, attempts, audit)

LIFETIME = timedelta(hours=24)
MOST_RINGS = 3
SHORTEST_PAUSE = timedelta(minutes=5)
WAITING = (RequestState.SCHEDULED, RequestState.QUEUED)


class Oracle:
    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self._yes: set[Token] = set()
        self._trails: dict[RequestId, list[Any]] = {}

    def passed(self, token: Token) -> None:
        """P2: the gate says yes at most once per token."""
        assert token not in self._yes
        self._yes.add(token)

    def everything(self) -> list[Sequence[Any]]:
        """All rows of the tables that tell of requests: requests, wishes, attempts, the trail."""
        with self.store.connect() as connection, connection.begin():
            return [
                connection.execute(select(table).order_by(table.c.id)).all() for table in TABLES
            ]

    def can_be_withdrawn(self, wish: Wish) -> bool:
        """By the request that answers for the wish now: one made during a talk has moved on."""
        with self.store.reading() as tx:
            stored = tx.wishes.get(wish.id)
        assert stored is not None
        return stored.withdrawn_at is not None or not self.talks_or_ended(stored.request_id)

    def talks_or_ended(self, request_id: RequestId) -> bool:
        with self.store.reading() as tx:
            request = tx.requests.get(request_id)
            attempts = tx.attempts.of(request_id)
        assert request is not None
        return not request.open or any(a.open and a.answered_at for a in attempts)

    def check(self) -> None:
        found = self.everything()
        requests = [rows.to_request(row) for row in found[0]]
        wishes = [rows.to_wish(row) for row in found[1]]
        attempts = [rows.to_attempt(row) for row in found[2]]
        self._at_most_one(requests, attempts)
        for request in requests:
            mine = [attempt for attempt in attempts if attempt.request_id == request.id]
            self._gate(mine)
            _consistent(request, mine)
            _rings(request, mine)
            self._wishes(request, [wish for wish in wishes if wish.request_id == request.id])
            self._trail(request, [row for row in found[3] if row.request_id == request.id])

    def _at_most_one(self, requests: Sequence[Request], attempts: Sequence[Attempt]) -> None:
        """P3."""
        for keys in (
            [(r.queue, r.e164) for r in requests if r.open],
            [a.e164 for a in attempts if a.open],
            [a.request_id for a in attempts if a.open],
        ):
            assert len(keys) == len(set(keys))

    def _gate(self, attempts: Sequence[Attempt]) -> None:
        """P2, P5: rung means that the gate said yes, once."""
        for attempt in attempts:
            assert (attempt.gate_at is not None) == (attempt.token in self._yes)
            if attempt.rung:
                assert attempt.gate_at is not None

    def _wishes(self, request: Request, wishes: Sequence[Wish]) -> None:
        """P1: a wish that stands is neither cancelled by another's cancel nor cut short."""
        standing = [wish for wish in wishes if wish.withdrawn_at is None]
        if request.state is RequestState.CANCELLED:
            assert not standing
        if request.open:
            assert all(wish.due_at + LIFETIME <= request.expires_at for wish in standing)
        if request.state in WAITING and standing:
            assert request.due_at >= min(wish.due_at for wish in standing)

    def _trail(self, request: Request, trail: list[Any]) -> None:
        """P15: it only grows, and tells every change of state in a chain without a gap."""
        known = self._trails.get(request.id, [])
        assert trail[: len(known)] == known
        self._trails[request.id] = trail
        moves = [
            (row.old, row.new) for row in trail if row.event == "request" or row.old is not None
        ]
        assert moves[0][0] is None
        assert [new for _, new in moves[:-1]] == [old for old, _ in moves[1:]]
        assert moves[-1][1] == request.state
        assert all(row.actor and row.reason and row.at.tzinfo for row in trail)
        for old, new in moves[1:]:
            if old != new:
                transitions.check(RequestState(str(old)), RequestState(str(new)))


def _consistent(request: Request, attempts: Sequence[Attempt]) -> None:
    """The request's state says what its attempts say."""
    assert sum(a.open for a in attempts) == (request.state is RequestState.IN_PROGRESS)
    assert (request.ended_at is not None) == (not request.state.is_open)
    talked = any(a.disposition is Disposition.ANSWERED for a in attempts)
    if request.state is RequestState.COMPLETED:
        assert talked
    elif talked:  # a late bridge, while another attempt that passed its gate decides
        assert any(a.gate_at is not None and a.answered_at is None for a in attempts)
    if request.state is RequestState.EXPIRED:
        assert not any(a.rung for a in attempts)


def _rings(request: Request, attempts: Sequence[Attempt]) -> None:
    """P4: never more rings than allowed, never a shorter pause than the policy's."""
    ended = [a for a in attempts if not a.open]
    late = [a for a in ended if a.answered_at and a.ended_at and a.answered_at > a.ended_at]
    assert request.rings == sum(a.rung for a in ended)
    assert sum(a.rung for a in attempts) <= MOST_RINGS + len(late)
    passed = [a for a in attempts if a.gate_at is not None]
    for earlier, later in pairwise(passed):
        assert earlier.disposition is not None and earlier.ended_at and later.gate_at
        if earlier.rung and earlier not in late:
            reaction = DEFAULT[earlier.disposition]
            pause = reaction.after if reaction.then is RetryAction.RETRY else SHORTEST_PAUSE
            assert later.gate_at - earlier.ended_at >= pause
