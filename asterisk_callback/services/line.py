"""The line of a callback queue as it stands: how long, how fast, and until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from asterisk_callback.domain import expected as rule
from asterisk_callback.domain.expected import Expected
from asterisk_callback.domain.pacing import QueueFacts
from asterisk_callback.domain.queue import CallbackQueue
from asterisk_callback.services.ports import Transaction

# What the queue did lately: so many talks, and none older.
TALKS, LATELY = 50, timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """in_line: requests that wait for their turn. standing: calls that stand in the Asterisk queue,
    live callers and our own. full: who joined now could not be called today."""

    now: datetime
    facts: QueueFacts
    in_line: int
    standing: int
    handling: timedelta
    closes: datetime | None
    max_waiting: int | None

    def expected(self, ahead: int | None = None) -> Expected | None:
        """When one with so many requests before it is called; None: who joins at the end."""
        before = (self.in_line if ahead is None else ahead) + self.standing
        return rule.expected(self.now, self.facts, max(0, before), self.handling)

    @property
    def full(self) -> bool:
        if self.max_waiting is not None and self.in_line >= self.max_waiting:
            return True
        found = self.expected()
        return found is not None and self.closes is not None and found.earliest >= self.closes


def line_of(tx: Transaction, queue: CallbackQueue) -> Line:
    facts = tx.queue_facts(queue.server, queue.asterisk_queue)
    waiting = tx.waiting_for_agent(queue.name)
    is_open = queue.hours.is_open(tx.now)
    return Line(
        now=tx.now,
        facts=facts,
        in_line=tx.line_length(queue.name),
        # Our own calls are among the callers, unless the event of their joining is still to come.
        standing=max(facts.callers, waiting),
        handling=rule.handling(tx.talks(queue.server, queue.name, tx.now - LATELY, TALKS)),
        closes=queue.hours.closing(tx.now) if is_open else None,
        max_waiting=queue.max_waiting,
    )
