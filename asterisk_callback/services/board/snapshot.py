"""What a board shows, read once: a number of statements that no number of requests makes grow."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from asterisk_callback.domain.appointment import whole_minute
from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.day_figures import OpenCount
from asterisk_callback.domain.gate import RefusalReason
from asterisk_callback.domain.hold import Hold, HoldKind
from asterisk_callback.domain.promise import PromisedWish
from asterisk_callback.domain.queue import CallbackQueue, Names, Queues
from asterisk_callback.domain.request import Request, RequestId, RequestState
from asterisk_callback.domain.team_notice import TeamLink
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.calling.guard import Guard
from asterisk_callback.services.status.facts import RequestFacts, limit_counts
from asterisk_callback.services.status.serving import ServiceFacts, read_service
from asterisk_callback.store.transaction import SqlTransaction


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardSnapshot:
    """Plain values, all of one instant."""

    now: datetime  # Aware UTC.
    queues: Queues  # Those that the board shows, by name.
    page: Sequence[Request]
    wishes: Mapping[RequestId, Sequence[Wish]]  # Of the page, oldest first.
    attempts: Mapping[RequestId, Sequence[Attempt]]  # Of the page, oldest first.
    places: Mapping[RequestId, int]  # How many are before each of the page that is in line.
    service: ServiceFacts
    limits: Mapping[str, RefusalReason]  # Reached, by callback queue, where nothing else stops it.
    teams: Mapping[RequestId, TeamLink]  # Of the page, where a team is told.
    counts: Sequence[OpenCount]
    promised: Sequence[PromisedWish]  # Of the day.
    intake: Sequence[Hold]

    def facts(self, request: Request) -> RequestFacts:
        """request: of the page."""
        attempts = self.attempts.get(request.id, ())
        return RequestFacts(
            now=self.now,
            request=request,
            queue=self.queues.get(request.queue),
            wishes=self.wishes.get(request.id, ()),
            attempt=next((one for one in attempts if one.open), None),
            ahead=self.places.get(request.id, 0),
            service=self.service if request.queue in self.queues else None,
            limit=self.limits.get(request.queue),
            team=self.teams.get(request.id),
        )


def read_snapshot(
    tx: SqlTransaction,
    queues: Queues,
    guard: Guard | None,
    names: Names,
    today: tuple[datetime, datetime],
    *,
    start: int,
    limit: int,
) -> BoardSnapshot:
    """queues: all that are configured. names: of these callback queues. today: the company's day,
    aware. start, limit: of the page."""
    shown = {name: queues[name] for name in (queues if names is None else names) if name in queues}
    page = tx.board.open_page(names, start, limit)
    ids = [request.id for request in page]
    service = read_service(tx, shown.values())
    in_line = {request.queue for request in page if request.state is RequestState.QUEUED}
    return BoardSnapshot(
        now=tx.now,
        queues=shown,
        page=page,
        wishes=_by_request(tx.board.wishes_of_all(ids)),
        attempts=_by_request(tx.board.attempts_of_all(ids)),
        places=tx.board.places_in_line(names, ids) if ids else {},
        service=service,
        limits=_limits(tx, guard, service, [one for one in shown.values() if one.name in in_line]),
        teams=_teams(tx, ids, shown.values()),
        counts=tx.board.open_counts(names, whole_minute(tx.now)),
        promised=tx.board.promised_between(names, *today),
        intake=tx.holds.active(HoldKind.INTAKE),
    )


def _teams(
    tx: SqlTransaction, ids: Sequence[RequestId], queues: Iterable[CallbackQueue]
) -> Mapping[RequestId, TeamLink]:
    if all(queue.mode.rules.makes_calls for queue in queues):
        return {}
    return {link.request_id: link for link in tx.team_links.of_all(ids)}


def _limits(
    tx: SqlTransaction, guard: Guard | None, service: ServiceFacts, queues: Iterable[CallbackQueue]
) -> Mapping[str, RefusalReason]:
    found = {}
    for queue in queues:
        if guard is not None and limit_counts(service, queue):
            reached = guard.reached(tx, queue)
            if reached is not None:
                found[queue.name] = reached
    return found


_OfRequest = TypeVar("_OfRequest", Wish, Attempt)


def _by_request(found: Iterable[_OfRequest]) -> Mapping[RequestId, Sequence[_OfRequest]]:
    grouped: dict[RequestId, list[_OfRequest]] = defaultdict(list)
    for one in found:
        grouped[one.request_id].append(one)
    return grouped
