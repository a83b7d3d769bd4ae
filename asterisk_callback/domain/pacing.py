"""How many callbacks may be claimed now, so that nobody waits and no agent sits idle.

In agent-first no more callbacks wait in an Asterisk queue than it has free agents, plus one: the
one more keeps the next agent from waiting for us, and any more would only stand there. But where
Asterisk may ring an agent who is on a call, the one more would do so: there is none.
In customer-first somebody waits on the line for each call too many, so there is none.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueStatus:
    """What Asterisk says of one of its queues right now.

    known: False until the first full status after a connect, and when the queue does not exist.
    logged_in: members that could be rung at some time (not paused, device not gone).
    free: those of them that can be rung now, their wrap-up in the Asterisk queue being over.
    callers: calls that wait in the queue, our own callbacks among them.
    one_more: whoever is on a call is known not to be rung, so that one callback may wait for them.
    """

    known: bool = False
    logged_in: int = 0
    free: int = 0
    callers: int = 0
    one_more: bool = False


def room(facts: QueueStatus, waiting: int) -> int:
    """How many more attempts may start.

    waiting: open attempts of this queue that no agent has answered yet. Without agents it is 0:
    nothing is tried that can't succeed, so nothing spins.
    """
    if not facts.known or facts.logged_in == 0:
        return 0
    return max(0, facts.free + facts.one_more - waiting)


def room_customer_first(facts: QueueStatus, waiting: int, keep_free: int) -> int:
    """How many more customers may be rung: one for each free agent that nobody waits for.

    waiting: open attempts for this Asterisk queue that no agent has answered yet. Callers in the
    queue, ours among them, are served before a customer who answers later.
    """
    if not facts.known:
        return 0
    return max(0, facts.free - keep_free - max(waiting, facts.callers))
