"""Whose request gets the next thread: nobody's address holds more than its share of them.

A request of an address that has its share waits, without a thread, until one of its own is
answered; those of others pass it. What the company's people ask has turns of its own: whoever
floods the form from the next desk does not keep them out.
"""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from asterisk_callback.domain import client_network

Connection = TypeVar("Connection")
# A quarter of the threads for each lane: two addresses that ask for both kinds of pages, or four
# for one, have to work together to hold all of them.
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
    # What a body says is no header: it would choose a lane for itself.
    head = head.partition(b"\r\n\r\n")[0]
    if proxies:
        given = b",".join(_FORWARDED.findall(head)).decode("latin-1").split(",")
        if len(given) >= proxies:
            address = given[-proxies].strip() or peer
    path = _PATH.match(head)
    return Lane(client_network.counted(address), path is not None and path[1] in OWN)


class FairTurns(Generic[Connection]):
    """For one thread, the worker's main loop. submit: hands a connection to the threads; `over` is
    called once for each."""

    def __init__(self, threads: int, submit: Callable[[Connection], object]) -> None:
        self._share = max(1, threads // PARTS)
        self._submit = submit
        self._busy: Counter[Lane] = Counter()
        self._waiting: defaultdict[Lane, deque[Connection]] = defaultdict(deque)

    def ask(self, lane: Lane, connection: Connection) -> None:
        if self._busy[lane] >= self._share:
            self._waiting[lane].append(connection)
            return
        self._busy[lane] += 1
        self._submit(connection)

    def over(self, lane: Lane) -> None:
        """One of the lane's is answered: the next in it has its turn."""
        waiting = self._waiting.get(lane)
        if waiting:
            self._submit(waiting.popleft())
            return
        self._waiting.pop(lane, None)
        self._busy[lane] -= 1
        if self._busy[lane] <= 0:
            del self._busy[lane]

    def waiting(self) -> list[Connection]:
        return [one for lane in self._waiting.values() for one in lane]

    def drop(self, lane: Lane, connection: Connection) -> None:
        """It waits no longer."""
        self._waiting[lane].remove(connection)
