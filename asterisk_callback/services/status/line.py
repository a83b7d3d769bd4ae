"""The line of a callback queue as it stands: how long, how fast, and until when; and from that the
one expected time of a call, which form, status page and API tell alike."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from asterisk_callback.domain import expected_time
from asterisk_callback.domain.expected_time import ExpectedRange
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.queue import CallbackQueue
from asterisk_callback.domain.request import RequestState
from asterisk_callback.services.ports import Transaction
from asterisk_callback.services.status.facts import RequestFacts
from asterisk_callback.services.status.serving import (
    ServiceFacts,
    Stopped,
    read_service,
    serving,
)
from asterisk_callback.services.status.why import Reason, Why

# What the queue did lately: so many talks, and none older.
TALKS, LATELY = 50, timedelta(days=7)
# Somebody has it in hand already.
_IN_HAND = frozenset({Reason.RINGING_AGENT, Reason.OFFERED})
# Only the line stands in its way. Anything else says nothing of how long it takes.
_THE_LINE = frozenset({Reason.ALL_BUSY, Reason.IN_LINE, Reason.NEXT, Reason.AT_LIMIT})


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingLine:
    """facts: as its Asterisk queue stands, with the agents who can take a callback. stopped: why
    nobody is called just now; None where calls go out. in_line: requests that wait for their turn.
    standing: calls that stand in the Asterisk queue, live callers and our own. full: who joined now
    could not be called today."""

    now: datetime
    facts: QueueStatus
    stopped: Stopped | None
    in_line: int
    standing: int
    handling: timedelta
    closes: datetime | None
    max_waiting: int | None

    def expected(self, ahead: int | None = None) -> ExpectedRange | None:
        """When one with so many requests before it is called; None: who joins at the end. Nobody
        can say it while calls are stopped, nor past closing time."""
        found = self._reckoned(ahead)
        if found is None or self.closes is None:
            return found
        if found.earliest >= self.closes:
            return None
        return ExpectedRange(earliest=found.earliest, latest=min(found.latest, self.closes))

    @property
    def full(self) -> bool:
        if self.max_waiting is not None and self.in_line >= self.max_waiting:
            return True
        found = self._reckoned(None)
        return found is not None and self.closes is not None and found.earliest >= self.closes

    def _reckoned(self, ahead: int | None) -> ExpectedRange | None:
        if self.stopped is not None:
            return None
        before = (self.in_line if ahead is None else ahead) + self.standing
        return expected_time.expected(self.now, self.facts, max(0, before), self.handling)


def line_of(
    tx: Transaction,
    queue: CallbackQueue,
    region: str | None = None,
    service: ServiceFacts | None = None,
) -> WaitingLine:
    """region: the country that is to be called, where it is known. service: where it was read in
    this transaction."""
    found = serving(service or read_service(tx, [queue], region), queue, region)
    waiting = tx.line.waiting_for_agent(queue.name)
    is_open = queue.hours.is_open(tx.now)
    return WaitingLine(
        now=tx.now,
        facts=found.spare,
        stopped=found.stopped,
        in_line=tx.line.length(queue.name),
        # Our own calls are among the callers, unless the event of their joining is still to come.
        standing=max(found.agents.callers, waiting),
        handling=expected_time.handling(
            tx.line.recent_talks(queue.server, queue.name, tx.now - LATELY, TALKS)
        ),
        closes=queue.hours.closing(tx.now) if is_open else None,
        max_waiting=queue.max_waiting,
    )


def expected_for(tx: Transaction, facts: RequestFacts, why: Why) -> ExpectedRange | None:
    """When this one is called, by what stands in its way; None where nobody can say. facts: as
    this transaction read them."""
    request, queue = facts.request, facts.queue
    if queue is None:
        return None
    if why.reason in _IN_HAND:
        return expected_time.at_once(tx.now)
    if why.reason not in _THE_LINE:
        return None
    # A call that stands in the Asterisk queue is itself among those that are counted there.
    ahead = why.ahead if request.state is not RequestState.IN_PROGRESS else -1
    return line_of(tx, queue, request.region, facts.service).expected(ahead)
