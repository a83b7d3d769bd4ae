"""What is known of one request at one instant: all that services/status/why.py explains it by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.gate import RefusalReason
from asterisk_callback.domain.queue import CallbackQueue
from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.domain.team_notice import TeamLink
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.calling.guard import Guard
from asterisk_callback.services.ports import Transaction
from asterisk_callback.services.requests.locking import open_attempt
from asterisk_callback.services.status.serving import ServiceFacts, read_service, serving


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestFacts:
    """A record that a transaction fills for one request, and the board for all that it shows."""

    now: datetime  # Aware UTC.
    request: Request
    queue: CallbackQueue | None  # None: it is not in the configuration.
    wishes: Sequence[Wish] = ()  # Those by which it is judged when it may be called.
    attempt: Attempt | None = None  # The one that has not ended.
    ahead: int = 0  # How many are in line before it.
    service: ServiceFacts | None = None  # Of its queue; None where nothing of it matters.
    limit: RefusalReason | None = None  # Of calls, that one more would break.
    team: TeamLink | None = None  # What a team knows of it; None: nothing yet.


def is_told(request: Request, queue: CallbackQueue | None) -> bool:
    """Does it wait for a team, which is told and calls by itself?"""
    return queue is not None and not queue.mode.rules.makes_calls and request.state.is_waiting


def limit_counts(service: ServiceFacts, queue: CallbackQueue, region: str | None = None) -> bool:
    """Could a call go out by all that is looked at before the limits of calls?"""
    found = serving(service, queue, region)
    return found.stopped is None and found.spare.free > 0


def read_facts(
    tx: Transaction,
    request: Request,
    queue: CallbackQueue | None,
    guard: Guard | None = None,
    *,
    reader: Wish | None = None,
    alone: bool = False,
) -> RequestFacts:
    """Reads no more than its state needs.

    guard: knows the limits of calls; without it none is named. reader: the wish whose owner reads
    it, None for the company's own people. alone: `request` is what it would be if no other wish
    stood behind it.
    """
    facts = RequestFacts(now=tx.now, request=request, queue=queue)
    if request.state is RequestState.IN_PROGRESS:
        facts = replace(facts, attempt=open_attempt(tx, request.id))
    if is_told(request, queue):
        # What a team knows, it knows of the request: not of one wish behind it (P12).
        return facts if alone else replace(facts, team=tx.team_links.get(request.id))
    if queue is None or not request.state.is_due:
        return facts
    service = read_service(tx, [queue], request.region)
    facts = replace(facts, service=service)
    if request.state is not RequestState.QUEUED:
        return facts
    limited = guard is not None and limit_counts(service, queue, request.region)
    return replace(
        facts,
        wishes=[reader] if reader is not None and alone else tx.wishes.of(request.id),
        ahead=_ahead(tx, request, reader, alone),
        limit=guard.reached(tx, queue) if guard and limited else None,
    )


def _ahead(tx: Transaction, request: Request, reader: Wish | None, alone: bool) -> int:
    """Requests for the company's own people; for customers wishes, each by itself (P12)."""
    if reader is None:
        return tx.line.ahead_of(request)
    return tx.line.wishes_before(reader, request.queue, request.line_at, own=alone)
