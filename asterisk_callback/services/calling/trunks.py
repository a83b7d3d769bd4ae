"""By which trunk a call leaves, and when a failing trunk is left alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from asterisk_callback.domain.limits import UNLIMITED
from asterisk_callback.domain.queue import CallbackQueue
from asterisk_callback.domain.request import Request
from asterisk_callback.domain.trunk import Trunk, TrunkHistory, trunk_paused_until
from asterisk_callback.services.calling.guard import Guard
from asterisk_callback.services.ports import Transaction

# So long after its pause a doubted trunk is kept for a number that has not failed on it.
OTHERS_FIRST = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ways:
    """The trunks by which this queue can send a call just now, by name, with their tails."""

    queue: CallbackQueue
    tails: Mapping[str, TrunkHistory]
    now: datetime

    def __bool__(self) -> bool:
        return bool(self.tails)

    @property
    def steady(self) -> bool:
        """Would the next call find the same ways? Not while a trunk is doubted, which a single
        call probes, nor where a trunk's limit may be reached by it."""
        trunks = self.queue.every_trunk
        return all(one.faults == 0 for one in self.tails.values()) and all(
            trunk.limits == UNLIMITED for trunk in trunks
        )

    @property
    def failing(self) -> frozenset[str]:
        """Numbers that failed on one of them: whoever did not has the first turn."""
        return frozenset().union(*(tail.failing for tail in self.tails.values()))

    @property
    def shut(self) -> frozenset[str]:
        """The countries with trunks of their own, none of which can be used now."""
        mine = self.queue.trunks_by_country
        return frozenset(region for region, some in mine.items() if not self._any(some))

    @property
    def only(self) -> frozenset[str] | None:
        """The countries that can be called now, where all others can't; else None."""
        if self._any(self.queue.trunks):
            return None
        return frozenset(self.queue.trunks_by_country) - self.shut

    def choose(self, tx: Transaction, request: Request) -> Trunk | None:
        """The trunk for the next attempt of this request: the one after that on which its last
        attempt failed without a ring, else the first. None: it has to wait."""
        region = request.region
        trunks = tuple(one for one in self.queue.trunks_for(region) if one.reaches(region))
        start = 0
        if len(trunks) > 1:
            last = max(tx.attempts.of(request.id), key=lambda one: one.id, default=None)
            names = [trunk.name for trunk in trunks]
            ended = last.disposition if last is not None else None
            if last is not None and ended and ended.rule.another_trunk and last.trunk in names:
                start = names.index(last.trunk) + 1
        in_turn = (*trunks[start:], *trunks[:start])
        return next((one for one in in_turn if self._lets(one, request.e164)), None)

    def _any(self, trunks: tuple[Trunk, ...]) -> bool:
        return any(trunk.name in self.tails for trunk in trunks)

    def _lets(self, trunk: Trunk, e164: str) -> bool:
        """A doubted trunk is not probed by a number that failed on it while others may."""
        tail = self.tails.get(trunk.name)
        if tail is None:
            return False
        if e164 not in tail.failing:
            return True
        return trunk_paused_until(tail, trunk, self.now - OTHERS_FIRST) is None


def ways(tx: Transaction, queue: CallbackQueue, guard: Guard) -> Ways:
    """Left out: trunks that pause, that a call probes just now, or whose limits are reached."""
    tails: dict[str, TrunkHistory] = {}
    for trunk in queue.every_trunk:
        tail = tx.limits.trunk_history(queue.server, trunk.name)
        probed = tail.faults > 0 and tail.open > 0
        paused = trunk_paused_until(tail, trunk, tx.now) is not None
        if not probed and not paused and guard.trunk_reached(tx, trunk) is None:
            tails[trunk.name] = tail
    return Ways(queue=queue, tails=tails, now=tx.now)
