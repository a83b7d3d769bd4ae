"""What the guard counts. Windows slide: counts are of rows, not of buckets."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    select,
    true,
)

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.trunk import Fate, TrunkHistory, tail_of
from asterisk_callback.store.repository import Repository
from asterisk_callback.store.rows import padded
from asterisk_callback.store.tables.calls import (
    IS_OPEN,
    STANDS,
    attempts,
    queue_of_attempt,
    requests,
    wishes,
)

_A, _R, _W = attempts.c, requests.c, wishes.c
# How far back the last calls over a trunk are looked at.
TAIL = 20
# So long it is remembered that a number's own fault, and not the trunk's, was to blame.
OWN_FOR = timedelta(days=1)


def _of(names: frozenset[str]) -> ColumnElement[bool]:
    """Requests of one number, of a block of a thousand, of a country."""
    conditions: list[ColumnElement[bool]] = [true()]
    if "e164" in names:
        conditions.append(_R.e164 == bindparam("e164"))
    if "block_from" in names:
        # A range, not LIKE: it can use the index whatever the database's collation.
        conditions.append(_R.e164.between(bindparam("block_from"), bindparam("block_to")))
        conditions.append(func.length(_R.e164) == bindparam("block_digits"))
    if "region" in names:
        conditions.append(_R.region == bindparam("region"))
    return and_(*conditions)


def _values(e164: str | None, block: str | None, region: str | None) -> dict[str, object]:
    """What _of() binds."""
    values: dict[str, object] = {"e164": e164, "region": region}
    if block is not None:
        digits = len(block) + 3
        values |= {
            "block_from": f"{block}000",
            "block_to": f"{block}999",
            "block_digits": digits,
        }
    return {name: value for name, value in values.items() if value is not None}


@cache
def _requests_since(names: frozenset[str]) -> Select[Any]:
    condition = (_R.created_at >= bindparam("since")) & _of(names)
    return select(func.count()).select_from(requests).where(condition)


@cache
def _among(names: frozenset[str]) -> Select[Any]:
    """Of these requests, those of a block, of a country."""
    these = _R.id.in_(bindparam("ids", expanding=True))
    return select(func.count()).select_from(requests).where(these, _of(names))


def _from_client(mine: ColumnElement[bool]) -> Select[Any]:
    """Two sums, each with an index of its own: wishes made since then, and those that changed their
    number."""
    since: BindParameter[Any] = bindparam("since")
    made = and_(mine, _W.created_at >= since)
    joined = and_(mine, _W.joined_at >= since, _W.created_at < since)
    sums = (select(func.sum(_W.numbers)).where(one).scalar_subquery() for one in (made, joined))
    return select(*sums)


_FROM_ADDRESS = _from_client(_W.address == bindparam("mine"))
_FROM_NETWORK = _from_client(_W.network == bindparam("mine"))
_ASKED_FROM = select(_W.request_id, _W.former).where(
    _W.network == bindparam("network"),
    (_W.created_at >= bindparam("since")) | (_W.joined_at >= bindparam("since")),
)


@cache
def _wished_in_talks(names: frozenset[str]) -> Select[Any]:
    talks = requests.join(wishes, _W.request_id == _R.id).join(attempts, _A.id == _W.after_attempt)
    return (
        select(func.count(_R.id.distinct()))
        .select_from(talks)
        .where(IS_OPEN, STANDS, _A.answered_at.is_not(None), _of(names))
    )


def _narrowed(trunk: bool, queue: bool) -> list[ColumnElement[bool]]:
    """Attempts of a trunk, of a callback queue."""
    narrowed: list[ColumnElement[bool]] = []
    if trunk:
        narrowed.append(_A.trunk == bindparam("trunk"))
    if queue:
        narrowed.append(queue_of_attempt() == bindparam("queue"))
    return narrowed


@cache
def _calls_since(trunk: bool, queue: bool) -> Select[Any]:
    condition = _A.gate_at >= bindparam("since")
    query = select(func.count()).select_from(attempts)
    return query.where(condition, *_narrowed(trunk, queue))


_CALLS_OF = (
    select(_A.e164, func.count())
    .where(_A.e164.in_(bindparam("numbers", expanding=True)), _A.gate_at >= bindparam("since"))
    .group_by(_A.e164)
)


@cache
def _calls_open(trunk: bool, queue: bool) -> Select[Any]:
    # By an expression: by "is not null" SQLite would walk through all that ever passed a gate.
    gate = case((_A.gate_at.is_(None), 0), else_=1) == bindparam("passed")
    query = select(func.count()).select_from(attempts)
    return query.where(_A.ended_at.is_(None), gate, *_narrowed(trunk, queue))


_RINGING_SINCE = (
    select(func.count())
    .select_from(requests)
    .where(
        _R.e164 == bindparam("e164"),
        _R.ended_at.is_(None) | (_R.ended_at >= bindparam("since")),
    )
)
_BUSY = select(_A.e164).where(
    _A.e164.in_(bindparam("numbers", expanding=True)), _A.ended_at.is_(None)
)
_OF_TRUNK = (_A.server == bindparam("server"), _A.trunk == bindparam("trunk"))
_LAST_OF_TRUNK = (
    select(_A.e164, _A.ended_at, _A.disposition, _A.rung, _A.cause, _A.detail)
    .where(*_OF_TRUNK, _A.ended_at.is_not(None), _A.gate_at.is_not(None))
    .order_by(_A.ended_at.desc())
    .limit(TAIL)
)
_FAILED_BEFORE = (
    select(_A.e164)
    .where(*_OF_TRUNK, _A.e164.in_(bindparam("numbers", expanding=True)))
    .where(_A.gate_at < bindparam("until"), _A.gate_at >= bindparam("since"))
    .where(_A.disposition == Disposition.TRUNK_FAULT.value)
)
# A call that rings or talks proves the trunk: only the others are probes under way.
_PROBES = (
    select(func.count())
    .select_from(attempts)
    .where(*_OF_TRUNK, _A.ended_at.is_(None), _A.rung.is_(False))
)


class SqlLimits(Repository):
    def calls_since(
        self, since: datetime, *, trunk: str | None = None, queue: str | None = None
    ) -> int:
        """Attempts that passed the gate since then: each of them may have rung."""
        query = _calls_since(trunk is not None, queue is not None)
        return self._count(query, {"since": since, "trunk": trunk, "queue": queue})

    def calls_of(self, numbers: Collection[str], since: datetime) -> Mapping[str, int]:
        """The same, of each of these numbers; without those that had none."""
        values = {"numbers": padded(sorted(numbers)), "since": since}
        return {row[0]: row[1] for row in self.connection.execute(_CALLS_OF, values)}

    def calls_open(
        self, *, passed: bool, trunk: str | None = None, queue: str | None = None
    ) -> int:
        """Open attempts: those that passed the gate, or those that have not yet."""
        query = _calls_open(trunk is not None, queue is not None)
        return self._count(query, {"passed": int(passed), "trunk": trunk, "queue": queue})

    def _count(self, query: Select[Any], values: Mapping[str, object]) -> int:
        given = {name: value for name, value in values.items() if value is not None}
        return int(self.connection.execute(query, given).scalar_one())

    def requests_since(
        self,
        since: datetime,
        *,
        e164: str | None = None,
        block: str | None = None,
        region: str | None = None,
    ) -> int:
        """Requests made since then: for one number, for a block of a thousand numbers (all that
        begin with `block` and have three digits more), for a country."""
        values = _values(e164, block, region)
        return self._count(_requests_since(frozenset(values)), values | {"since": since})

    def ringing_since(self, since: datetime, e164: str) -> int:
        """Requests of a number that may have rung since then, or may still: those that are open,
        and those that have ended since."""
        return self._count(_RINGING_SINCE, {"e164": e164, "since": since})

    def wished_in_talks(
        self, *, e164: str | None = None, block: str | None = None, region: str | None = None
    ) -> int:
        """Requests that there will be when talks end that go on now: of those who asked during
        them (services/requests/opening.py)."""
        values = _values(e164, block, region)
        return self._count(_wished_in_talks(frozenset(values)), values)

    def wishes_from_client(
        self, since: datetime, *, address: str | None = None, network: str | None = None
    ) -> int:
        """Of a client, or of the network around it. A wish that changed its number counts once for
        each that it has had. Exactly one of address and network is given."""
        assert (address is None) != (network is None)
        query = _FROM_NETWORK if address is None else _FROM_ADDRESS
        values = {"mine": network if address is None else address, "since": since}
        return sum(one or 0 for one in self.connection.execute(query, values).one())

    def requests_from_network(
        self, network: str, since: datetime, *, block: str | None = None, region: str | None = None
    ) -> int:
        """Requests for numbers of a block, or of a country, that somebody in a network asked for
        since then, also for numbers that were given up for another."""
        ids = set()
        asked = self.connection.execute(_ASKED_FROM, {"network": network, "since": since})
        for request_id, former in asked:
            ids |= {request_id, *map(int, (former or "").split())}
        values = _values(None, block, region)
        return self._count(_among(frozenset(values)), values | {"ids": sorted(ids)})

    def full_blocks(self, since: datetime, limit: int) -> int:
        """How many blocks of numbers got as many requests since then."""
        block = func.substr(_R.e164, 1, func.length(_R.e164) - 3)
        full = (
            select(block)
            .where(_R.created_at >= since)
            .group_by(block)
            .having(func.count() >= limit)
            .subquery()
        )
        return self.connection.execute(select(func.count()).select_from(full)).scalar_one()

    def full_regions(self, since: datetime, limit: int, home: str) -> Sequence[str]:
        """The countries but `home` that got as many requests since then, by their codes."""
        query = (
            select(_R.region)
            .where(_R.region != home, _R.created_at >= since)
            .group_by(_R.region)
            .having(func.count() >= limit)
            .order_by(_R.region)
        )
        return list(self.connection.execute(query).scalars())

    def busy(self, numbers: Collection[str]) -> Collection[str]:
        """Those of these numbers that are on the line, or are being called."""
        values = {"numbers": padded(sorted(numbers))}
        return frozenset(self.connection.execute(_BUSY, values).scalars())

    def trunk_history(self, server: str, trunk: str) -> TrunkHistory:
        """How the last calls over this trunk ended, up to the last one that rang."""
        mine = {"server": server, "trunk": trunk}
        ended = [Fate(**row._mapping) for row in self.connection.execute(_LAST_OF_TRUNK, mine)]

        def failed_before(numbers: frozenset[str], until: datetime) -> frozenset[str]:
            since = self.now - OWN_FOR
            values = mine | {"numbers": sorted(numbers), "until": until, "since": since}
            return frozenset(self.connection.execute(_FAILED_BEFORE, values).scalars())

        return tail_of(ended, failed_before, open=self._count(_PROBES, mine))
