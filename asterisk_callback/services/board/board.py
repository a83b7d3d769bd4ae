"""The supervisor's board: who waits and why, and how the day goes.

One snapshot is read, and all that a board says is a function of it. The reasons are those of
services/status/why.py, word for word.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.day_figures import DayFigures, OpenCount, day_of
from asterisk_callback.domain.hold import Hold
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.promise import first_ring, minutes_off
from asterisk_callback.domain.queue import Names, Queues
from asterisk_callback.domain.request import Request
from asterisk_callback.domain.wish import Wish, deciding
from asterisk_callback.services.board.snapshot import BoardSnapshot, read_snapshot
from asterisk_callback.services.calling.guard import Guard
from asterisk_callback.services.status.serving import agents_of
from asterisk_callback.services.status.why import Reason, Why, explain
from asterisk_callback.store import SqlStore

log = logging.getLogger(__name__)

# So many seconds a board is taken for true while nothing is written.
FRESH = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardRow:
    """One open request. wish: the standing one that decides, which was promised what is shown.
    attempts: oldest first. minutes_late: 0 in time. ahead: before it in line; None: not in line."""

    request: Request
    wish: Wish | None
    attempts: Sequence[Attempt]
    why: Why
    minutes_late: int
    ahead: int | None

    @property
    def on_the_line(self) -> bool:
        """The customer's phone is dialled, rings, or they talk."""
        return any(one.open and one.gate_at for one in self.attempts)

    @property
    def agent_waits(self) -> bool:
        """Is an agent on the line before the customer is? In customer-first none is."""
        return any(one.open and one.mode.rules.agent_first for one in self.attempts)


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardData:
    """now: aware UTC. rows: the page from `start` on, of `total` open requests. facts: of each
    callback queue that is asked for, as its Asterisk queue stands, with the agents who can serve
    it. holds: of dialling; intake: of
    the taking of new wishes."""

    now: datetime
    start: int
    total: int
    rows: Sequence[BoardRow]
    counts: Sequence[OpenCount]
    day: DayFigures
    facts: Mapping[str, QueueStatus]
    holds: Sequence[Hold]
    intake: Sequence[Hold]
    free: int
    at_work: int

    @property
    def waiting(self) -> int:
        """In line, or on the way to an agent."""
        return sum(one.requests for one in self.counts if one.state.is_due)

    @property
    def late(self) -> int:
        return sum(one.late for one in self.counts)


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardService:
    store: SqlStore
    queues: Queues
    guard: Guard | None = None

    def board(
        self, names: Names, today: tuple[datetime, datetime], *, start: int = 0, limit: int = 50
    ) -> BoardData:
        """names: of these callback queues. today: the company's day, aware. Raises
        StoreUnavailable."""
        with self.store.reading() as tx:
            snapshot = read_snapshot(
                tx, self.queues, self.guard, names, today, start=start, limit=limit
            )
        return board_of(snapshot, start)

    def mark(self) -> str:
        """A cheap one: another whenever the board may be another, and every few seconds, because
        limits, pauses and promises run out by themselves. Raises StoreUnavailable."""
        with self.store.reading() as tx:
            return f"{int(tx.now.timestamp() // FRESH)} {tx.board.version()}"


def board_of(snapshot: BoardSnapshot, start: int) -> BoardData:
    """What a board says by a snapshot, whose page begins with the one numbered `start`."""
    queues = snapshot.queues
    facts = {name: agents_of(snapshot.service, queue) for name, queue in queues.items()}
    # Two callback queues may share an Asterisk queue, whose agents count once: as those of the one
    # that more of them can serve.
    in_order = sorted(facts.items(), key=lambda one: one[1].logged_in)
    shared = {
        (queues[name].server, queues[name].asterisk_queue): one
        for name, one in in_order
        if one.known
    }
    return BoardData(
        now=snapshot.now,
        start=start,
        total=sum(one.requests for one in snapshot.counts),
        rows=[_row(snapshot, request) for request in snapshot.page],
        counts=snapshot.counts,
        day=day_of(snapshot.promised, snapshot.now),
        facts=facts,
        holds=snapshot.service.holds,
        intake=snapshot.intake,
        free=sum(one.free for one in shared.values()),
        at_work=sum(one.logged_in for one in shared.values()),
    )


def _row(snapshot: BoardSnapshot, request: Request) -> BoardRow:
    wish = deciding(snapshot.wishes.get(request.id, ()))
    attempts = snapshot.attempts.get(request.id, ())
    return BoardRow(
        request=request,
        wish=wish,
        attempts=attempts,
        why=_why(snapshot, request),
        minutes_late=_late(wish, attempts, snapshot.now),
        ahead=snapshot.places.get(request.id),
    )


def _why(snapshot: BoardSnapshot, request: Request) -> Why:
    """One request that can't be explained must not take the others from the page."""
    try:
        return explain(snapshot.facts(request))
    except Exception:
        log.exception("request %d: no reason could be found", request.id)
        return Why(reason=Reason.UNCLEAR)


def _late(wish: Wish | None, attempts: Sequence[Attempt], now: datetime) -> int:
    """Whole minutes since the promised time ended, while no call has come."""
    if wish is None or wish.promised is None or first_ring(wish, attempts) is not None:
        return 0
    return max(0, minutes_off(wish.promised, now))
