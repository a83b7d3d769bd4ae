"""What the guard counts, in memory: see the module of that name in store/."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.trunk import Fate, TrunkHistory, tail_of
from asterisk_callback.store.limits import OWN_FOR, TAIL
from tests.memory_store.repository import MemoryRepository
from tests.memory_store.tables import OPEN, Row


def _is_of(row: Row, e164: str | None, block: str | None, region: str | None) -> bool:
    return (
        e164 in (None, row["e164"])
        and block in (None, row["e164"][:-3])
        and region in (None, row["region"])
    )


def _fresh(wish: Row, since: datetime) -> bool:
    return bool(max(wish["created_at"], wish["joined_at"] or wish["created_at"]) >= since)


class MemoryLimits(MemoryRepository):
    def calls_since(
        self,
        since: datetime,
        *,
        trunk: str | None = None,
        queue: str | None = None,
    ) -> int:
        def counts(row: Row) -> bool:
            return row["gate_at"] is not None and row["gate_at"] >= since

        return self._count(counts, trunk, queue)

    def calls_of(self, numbers: Collection[str], since: datetime) -> Mapping[str, int]:
        return Counter(
            row["e164"]
            for row in self._rows("attempt")
            if row["e164"] in numbers and row["gate_at"] is not None and row["gate_at"] >= since
        )

    def calls_open(
        self, *, passed: bool, trunk: str | None = None, queue: str | None = None
    ) -> int:
        def counts(row: Row) -> bool:
            return row["ended_at"] is None and (row["gate_at"] is not None) is passed

        return self._count(counts, trunk, queue)

    def _count(self, counts: Callable[[Row], bool], trunk: str | None, queue: str | None) -> int:
        requests = self.tables["callback_request"]
        return sum(
            counts(row)
            and trunk in (None, row["trunk"])
            and queue in (None, requests[row["request_id"]]["queue"])
            for row in self._rows("attempt")
        )

    def requests_since(
        self,
        since: datetime,
        *,
        e164: str | None = None,
        block: str | None = None,
        region: str | None = None,
    ) -> int:
        return sum(
            row["created_at"] >= since and _is_of(row, e164, block, region)
            for row in self._rows("callback_request")
        )

    def ringing_since(self, since: datetime, e164: str) -> int:
        return sum(
            row["e164"] == e164 and (row["ended_at"] is None or row["ended_at"] >= since)
            for row in self._rows("callback_request")
        )

    def wished_in_talks(
        self, *, e164: str | None = None, block: str | None = None, region: str | None = None
    ) -> int:
        requests, attempts = self.tables["callback_request"], self.tables["attempt"]
        late = {
            wish["request_id"]
            for wish in self._rows("wish")
            if wish["withdrawn_at"] is None
            and wish["after_attempt"] is not None
            and attempts[wish["after_attempt"]]["answered_at"] is not None
        }
        return sum(
            requests[one]["state"] in OPEN and _is_of(requests[one], e164, block, region)
            for one in late
        )

    def requests_from_network(
        self, network: str, since: datetime, *, block: str | None = None, region: str | None = None
    ) -> int:
        requests = self.tables["callback_request"]
        mine = {
            one
            for wish in self._rows("wish")
            if wish["network"] == network and _fresh(wish, since)
            for one in (wish["request_id"], *map(int, (wish["former"] or "").split()))
        }
        return sum(_is_of(requests[one], None, block, region) for one in mine)

    def full_blocks(self, since: datetime, limit: int) -> int:
        made = [one for one in self._rows("callback_request") if one["created_at"] >= since]
        blocks = Counter(one["e164"][:-3] for one in made)
        return sum(count >= limit for count in blocks.values())

    def full_regions(self, since: datetime, limit: int, home: str) -> Sequence[str]:
        made = [one for one in self._rows("callback_request") if one["created_at"] >= since]
        regions = Counter(one["region"] for one in made)
        return sorted(one for one, count in regions.items() if one != home and count >= limit)

    def wishes_from_client(
        self, since: datetime, *, address: str | None = None, network: str | None = None
    ) -> int:
        assert (address is None) != (network is None)
        field, value = ("address", address) if address is not None else ("network", network)
        return sum(
            row["numbers"]
            for row in self._rows("wish")
            if row[field] == value and _fresh(row, since)
        )

    def busy(self, numbers: Collection[str]) -> Collection[str]:
        open_ones = {row["e164"] for row in self._rows("attempt") if row["ended_at"] is None}
        return open_ones.intersection(numbers)

    def trunk_history(self, server: str, trunk: str) -> TrunkHistory:
        mine = [
            row
            for row in self._rows("attempt")
            if row["server"] == server and row["trunk"] == trunk
        ]
        ended = [row for row in mine if row["ended_at"] is not None and row["gate_at"] is not None]
        ended.sort(key=lambda row: (row["ended_at"], row["id"]), reverse=True)
        names = [one.name for one in fields(Fate)]
        fates = [Fate(**{name: row[name] for name in names}) for row in ended[:TAIL]]

        def failed_before(numbers: frozenset[str], until: datetime) -> frozenset[str]:
            return frozenset(
                row["e164"]
                for row in ended
                if row["e164"] in numbers
                and self.now - OWN_FOR <= row["gate_at"] < until
                and row["disposition"] == Disposition.TRUNK_FAULT
            )

        opened = sum(row["ended_at"] is None and not row["rung"] for row in mine)
        return tail_of(fates, failed_before, open=opened)
