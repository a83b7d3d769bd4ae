"""The supervisor's board: who waits and why, and how the day goes. A read model of few queries.

The reasons are those of services/why.py, word for word: `explain` is asked through a transaction
that has read what it asks for all requests of the page at once.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from asterisk_callback.domain.appointment import whole_minute
from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.day_figures import DayFigures, OpenCount, day_of
from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.domain.hold import Hold, HoldKind
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.promise import first_ring, minutes_off
from asterisk_callback.domain.queue import Names, Queues
from asterisk_callback.domain.request import Request, RequestId
from asterisk_callback.domain.wish import Wish, deciding
from asterisk_callback.services.calling.guard import Guard
from asterisk_callback.services.ports import Transaction
from asterisk_callback.services.status.serving import agents_of
from asterisk_callback.services.status.why import Reason, Why, explain
from asterisk_callback.store import SqlStore
from asterisk_callback.store.repository import Repository
from asterisk_callback.store.transaction import SqlTransaction

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
            counts = tx.board.open_counts(names, whole_minute(tx.now))
            page = tx.board.open_page(names, start, limit)
            asked = self.queues if names is None else [one for one in names if one in self.queues]
            read = Read(tx, names, page)
            facts = {name: self._facts(read, name) for name in asked}
            # Two callback queues may share an Asterisk queue, whose agents count once: as those of
            # the one that more of them can serve.
            in_order = sorted(facts.items(), key=lambda one: one[1].logged_in)
            shared = {self._place(name): one for name, one in in_order if one.known}
            return BoardData(
                now=tx.now,
                start=start,
                total=sum(one.requests for one in counts),
                rows=[self._row(read, request) for request in page],
                counts=counts,
                day=day_of(tx.board.promised_between(names, *today), tx.now),
                facts=facts,
                holds=tx.holds.active(),
                intake=tx.holds.active(HoldKind.INTAKE),
                free=sum(one.free for one in shared.values()),
                at_work=sum(one.logged_in for one in shared.values()),
            )

    def mark(self) -> str:
        """A cheap one: another whenever the board may be another, and every few seconds, because
        limits, pauses and promises run out by themselves. Raises StoreUnavailable."""
        with self.store.reading() as tx:
            return f"{int(tx.now.timestamp() // FRESH)} {tx.board.version()}"

    def _place(self, name: str) -> tuple[str, str]:
        return self.queues[name].server, self.queues[name].asterisk_queue

    def _facts(self, read: "Read", name: str) -> QueueStatus:
        return agents_of(cast(Transaction, read), self.queues[name])

    def _row(self, read: "Read", request: Request) -> BoardRow:
        # It answers all that is asked while a reason is looked for.
        tx = cast(Transaction, read)
        why = self._why(tx, request)
        wish = deciding(tx.wishes.of(request.id))
        attempts = tx.attempts.of(request.id)
        return BoardRow(
            request=request,
            wish=wish,
            attempts=attempts,
            why=why,
            minutes_late=_late(wish, attempts, read.tx.now),
            ahead=read.places.get(request.id),
        )

    def _why(self, tx: Transaction, request: Request) -> Why:
        """One request that can't be explained must not take the others from the page."""
        try:
            return explain(tx, request, self.queues.get(request.queue), self.guard)
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("request %d: no reason could be found", request.id)
            return Why(reason=Reason.UNCLEAR)


class Read:
    """A reading transaction in which these requests, and what concerns all of them, are read once
    and kept: the same question twice has the same answer."""

    def __init__(self, tx: SqlTransaction, names: Names, page: Sequence[Request]) -> None:
        self.tx = tx
        ids = [request.id for request in page]
        attempts = _by_request(tx.board.attempts_of_all(ids))
        wishes = _by_request(tx.board.wishes_of_all(ids))
        self.places = tx.board.places_in_line(names, ids) if ids else {}
        self.kept: dict[Any, Any] = {}
        for request in page:
            self.kept["attempts", "of", (request.id,), ()] = attempts[request.id]
            self.kept["wishes", "of", (request.id,), ()] = wishes[request.id]
            self.kept["line", "ahead_of", (request,), ()] = self.places.get(request.id, 0)

    def __getattr__(self, name: str) -> Any:
        """A repository, or `now` and the like."""
        found = getattr(self.tx, name)
        return _Once(self, name, found) if isinstance(found, Repository) else found


class _Once:
    """A repository whose answers are kept."""

    def __init__(self, read: Read, name: str, repository: Repository) -> None:
        self._read, self._name, self._repository = read, name, repository

    def __getattr__(self, question: str) -> Callable[..., Any]:
        ask = getattr(self._repository, question)

        def answer(*args: Any, **options: Any) -> Any:
            # An hour ago is the same instant for all of them: `now` stands still.
            key = (self._name, question, args, tuple(sorted(options.items())))
            if key not in self._read.kept:
                self._read.kept[key] = ask(*args, **options)
            return self._read.kept[key]

        return answer


def _by_request(found: Sequence[Any]) -> Mapping[RequestId, list[Any]]:
    grouped: dict[RequestId, list[Any]] = defaultdict(list)
    for one in found:
        grouped[one.request_id].append(one)
    return grouped


def _late(wish: Wish | None, attempts: Sequence[Attempt], now: datetime) -> int:
    """Whole minutes since the promised time ended, while no call has come."""
    if wish is None or wish.promised is None or first_ring(wish, attempts) is not None:
        return 0
    return max(0, minutes_off(wish.promised, now))
