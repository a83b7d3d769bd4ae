"""Which request gets the next thread: no address holds more than its share of them, and the address
that has the fewest comes first.

A request of an address that has its share waits without a thread; those of others pass it. What
the company's people ask has turns of its own, so a flood of the form from their own network does
not keep them out.
"""

import re
from collections import Counter, deque
from collections.abc import Callable
from itertools import count
from typing import Generic, NamedTuple, TypeVar

from asterisk_callback.domain import client_network

Connection = TypeVar("Connection")
# A quarter of the threads for each lane.
PARTS = 4
# The first step of the paths of whoever works here, and of what watches over us.
OWN = frozenset(
    b"account admin agent board login logout reports welcome healthz readyz metrics".split()
)
_PATH = re.compile(rb"[A-Z]{1,10} /+([A-Za-z]*)")
_FORWARDED = re.compile(rb"\r\nX-Forwarded-For:([^\r\n]*)", re.IGNORECASE)


class Lane(NamedTuple):
    """network: whose, as limits count it. own: a page of whoever works here."""

    network: str
    own: bool


def lane_of(head: bytes, peer: str, proxies: int) -> Lane:
    """head: what is there of the request. peer: the connection's other end. proxies: how many
    stand in front of us; each adds the address of its own peer to X-Forwarded-For."""
    address = peer
    # A body is no header: by it a client could choose its lane. So it could by a head that is so
    # long that the line which the proxies added last is not in the part that is seen.
    head, whole, _ = head.partition(b"\r\n\r\n")
    if proxies and whole:
        given = b",".join(_FORWARDED.findall(head)).decode("latin-1").split(",")
        if len(given) >= proxies:
            address = given[-proxies].strip() or peer
    path = _PATH.match(head)
    return Lane(client_network.counted(address), path is not None and path[1] in OWN)


class FairTurns(Generic[Connection]):
    """For one thread, the worker's main loop. submit: hands a connection to the threads; `over` is
    called once for each. No more are handed out than there are threads: the others wait here,
    where the order is ours."""

    def __init__(self, threads: int, submit: Callable[[Connection], object]) -> None:
        self._threads = threads
        self._share = max(1, threads // PARTS)
        self._submit = submit
        self._running: Counter[Lane] = Counter()
        self._waiting: dict[Lane, deque[Connection]] = {}
        # Of lanes that run or wait: the number of their last turn.
        self._last: dict[Lane, int] = {}
        self._turns = count()

    def ask(self, lane: Lane, connection: Connection) -> None:
        self._waiting.setdefault(lane, deque()).append(connection)
        self._hand_out()

    def over(self, lane: Lane) -> None:
        """One of the lane's is answered, and a thread is free."""
        self._running[lane] -= 1
        if self._running[lane] <= 0:
            del self._running[lane]
        self._hand_out()
        self._forget(lane)

    def waiting(self) -> list[Connection]:
        return [one for lane in self._waiting.values() for one in lane]

    def drop(self, lane: Lane, connection: Connection) -> None:
        """It waits no longer."""
        waiting = self._waiting[lane]
        waiting.remove(connection)
        if not waiting:
            del self._waiting[lane]
        self._forget(lane)

    def _hand_out(self) -> None:
        """As long as there is a thread: to the lane that has the fewest, of equals to the one whose
        last turn was longest ago."""
        while lanes := [lane for lane in self._waiting if self._may_begin(lane)]:
            lane = min(lanes, key=lambda one: (self._running[one], self._last.get(one, -1)))
            waiting = self._waiting[lane]
            connection = waiting.popleft()
            if not waiting:
                del self._waiting[lane]
            self._running[lane] += 1
            self._last[lane] = next(self._turns)
            self._submit(connection)

    def _forget(self, lane: Lane) -> None:
        if lane not in self._running and lane not in self._waiting:
            self._last.pop(lane, None)

    def _may_begin(self, lane: Lane) -> bool:
        """A lane that has threads leaves as many free for others: a new one finds a thread."""
        has, free = self._running[lane], self._threads - self._running.total()
        return has < self._share and free > (has if self._threads >= PARTS else 0)
