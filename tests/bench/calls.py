"""Calls over real SIP, beside a bare AMI client on the same Asterisk.

Each measurement of ours stands between two of the peer's, and is divided by their mean.
"""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.bench import due, machine, observer
from tests.bench.figures import LARGE, SMALL, Figures, beside, figure, quantile
from tests.bench.stand import WINDOW, BareRun, Product, Stand
from tests.lab.postgres import Postgres

# Under way at a time; so many more agents that nobody waits for the Asterisk queue's next look.
IN_FLIGHT, AGENTS, MANY_AGENTS = 32, 40, 80
DURABLE = {
    "fsync": "on", "full_page_writes": "on", "shared_preload_libraries": "pg_stat_statements",
}  # fmt: skip
_SECOND = 1000.0  # ms
_WARM = 40
# Seconds: to start before anything is due, and at the most that a call takes on a busy machine.
_AHEAD, _PATIENCE = 20.0, 3.0


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds, by number (its digits) or token; processor: ms a call of dispatcher and database."""

    rate: float
    due: dict[str, float]
    invites: dict[str, float]
    picked_up: dict[str, float]
    written: list[float]
    unsent: int
    processor: tuple[float, float]
    counts: tuple[float, float]


@dataclass(slots=True)
class Databases:
    """A new database for each measurement."""

    name: str
    server: Postgres | None
    _made: int = field(default=0)

    def url(self) -> str:
        return self.server.create_database() if self.server else ""

    def product(self, stand: Stand) -> Product:
        self._made += 1
        return stand.attach(f"{self.name}-{self._made}", self.url())

    def processor(self) -> float:
        return machine.processor(self.server.pid) if self.server else 0.0


def databases() -> Iterator[Databases]:
    yield Databases("SQLite", None)
    with Postgres(settings=DURABLE) as server:
        yield Databases("PostgreSQL", server)


def at_load(short: bool) -> Figures:
    """Rate, processor, statements, and how soon the customer is rung once an agent is there."""
    count, pairs = (24, 1) if short else (300, 7)
    found: Figures = {}
    with Stand(AGENTS) as stand:
        stand.bare(_WARM, window=IN_FLIGHT)
        for made in databases():
            found |= _at_load(stand, made, count, pairs)
            found |= _lone(stand, made, 3 if short else 20)
    return found


def _at_load(stand: Stand, made: Databases, count: int, pairs: int) -> Figures:
    bare, yes = [_bare_rate(stand, count)], [_yes(stand, count)]
    runs = []
    for _ in range(pairs):
        runs.append(_ours(stand, made, count))
        yes.append(_yes(stand, count))
        bare.append(_bare_rate(stand, count))
    counted = _ours(stand, made, count, counted=True).counts
    name = made.name
    found = figure("calls: rate", name, [one.rate for one in runs], beside(bare))
    used = [one.processor for one in runs]
    found |= figure("calls: dispatcher's processor a call", name, [one for one, _ in used])
    if made.server:
        found |= figure("calls: database's processor a call", name, [one for _, one in used])
    found |= figure("calls: statements a call", name, [counted[0]])
    found |= figure("calls: commits a call", name, [counted[1]])
    for part, word in ((0.5, "p50"), (0.99, "p99")):
        ours = [quantile(_since(one.picked_up, one.invites), part) for one in runs]
        peers = beside([quantile(one, part) for one in yes])
        found |= figure(f"gate: agent picks up to INVITE, {word}", name, ours, peers)
    return found


def _lone(stand: Stand, made: Databases, count: int) -> Figures:
    """One call after the other: what the dispatcher does in as long a time without any is taken
    off."""
    with contextlib.closing(made.product(stand)) as product:
        begin = datetime.now(UTC) + timedelta(seconds=_AHEAD)
        due.fill(product.store, 0, count, begin, seconds=count)
        product.start(counted=True)
        _sleep_until(begin.timestamp() - 0.5)
        before, since = product.counts(), time.time()
        product.wait_over(count, count + count * _PATIENCE)
        took = time.time() - since
        busy = product.counts().since(before)
        before = product.counts()
        time.sleep(took)
        idle = product.counts().since(before)
    stand.rest()
    asked, commits = busy.statements - idle.statements, busy.commits - idle.commits
    found = figure("calls: statements of a lone call", made.name, [asked / count])
    return found | figure("calls: commits of a lone call", made.name, [commits / count])


def at_once(short: bool) -> Figures:
    """Many that fall due in the same second."""
    found: Figures = {}
    with Stand(MANY_AGENTS) as stand:
        stand.bare(_WARM, window=IN_FLIGHT, pace="sent")
        for made in databases():
            for count in (SMALL,) if short else (SMALL, LARGE):
                few = 24 if short else count
                found |= _at_once(stand, made, count, few, 1 if short or count == LARGE else 3)
    return found


def _at_once(stand: Stand, made: Databases, count: int, few: int, pairs: int) -> Figures:
    bare = [_last(stand, few)]
    runs = []
    for _ in range(pairs):
        runs.append(_ours(stand, made, few))
        bare.append(_last(stand, few))
    last = [max(one.invites.values()) - min(one.due.values()) for one in runs]
    found = figure(f"burst: last INVITE of {count}", made.name, last, beside(bare))
    for part, word in ((0.5, "p50"), (0.99, "p99")):
        late = [quantile(one.written, part) * _SECOND for one in runs]
        found |= figure(f"burst: reports of {count} written, {word}", made.name, late)
    beyond = [float(max(0, one.unsent - WINDOW - MANY_AGENTS)) for one in runs]
    name = f"burst: claimed and not sent of {count}, beyond window and agents"
    return found | figure(name, made.name, beyond)


def spread(short: bool) -> Figures:
    """Two hundred over twenty seconds."""
    count, seconds, pairs = (12, 3.0, 1) if short else (200, 20.0, 3)
    found: Figures = {}
    with Stand(AGENTS) as stand:
        stand.bare(_WARM, window=IN_FLIGHT)
        for made in databases():
            bare = [_spread_bare(stand, count, seconds)]
            runs = []
            for _ in range(pairs):
                runs.append(_ours(stand, made, count, seconds=seconds))
                bare.append(_spread_bare(stand, count, seconds))
            for part, word in ((0.5, "p50"), (0.99, "p99")):
                ours = [quantile(_since(one.due, one.invites), part) for one in runs]
                peers = beside([quantile(one, part) for one in bare])
                found |= figure(f"spread: due to INVITE, {word}", made.name, ours, peers)
    return found


def _ours(
    stand: Stand, made: Databases, count: int, *, seconds: float = 0.0, counted: bool = False
) -> Run:
    with contextlib.closing(made.product(stand)) as product:
        begin = datetime.now(UTC) + timedelta(seconds=_AHEAD)
        stand.forget_invites()
        falls = dict(due.fill(product.store, 0, count, begin, seconds=seconds))
        product.start(counted=counted)
        heard = observer.Observer(stand.pbx)
        _sleep_until(begin.timestamp() - 0.3)
        counts = product.counts() if counted else None
        used, database = product.processor(), made.processor()
        product.wait_over(count, seconds + 60 + count * _PATIENCE)
        took = time.time() - begin.timestamp()
        used, database = product.processor() - used, made.processor() - database
        after = product.counts().since(counts) if counts else None
        seen = heard.close()
        whose = observer.numbers(product.store)
        run = Run(
            rate=count / took,
            due=falls,
            invites=stand.invites(),
            picked_up={whose[one]: at for one, at in seen["agent"].items() if one in whose},
            written=observer.lateness(product.store, seen),
            unsent=observer.unsent(product.store, seen),
            processor=(used / count * _SECOND, database / count * _SECOND),
            counts=(after.statements / count, after.commits / count) if after else (0.0, 0.0),
        )
    stand.rest()
    return run


def _bare_rate(stand: Stand, count: int) -> float:
    return stand.bare(count, window=IN_FLIGHT).rate


def _last(stand: Stand, count: int) -> float:
    run, invites = _bare(stand, count, 0.0)
    return max(invites.values()) - run.began


def _spread_bare(stand: Stand, count: int, seconds: float) -> list[float]:
    run, invites = _bare(stand, count, seconds)
    return _since(run.due, invites)


def _bare(stand: Stand, count: int, seconds: float) -> tuple[BareRun, dict[str, float]]:
    stand.forget_invites()
    run = stand.bare(count, window=IN_FLIGHT, pace="sent", seconds=seconds)
    return run, stand.invites()


def _yes(stand: Stand, count: int) -> list[float]:
    """How long after an agent's answer the customer was rung, ms."""
    stand.forget_invites()
    heard = observer.Observer(stand.pbx)
    run = stand.bare(count, window=IN_FLIGHT, ours=True)
    seen = heard.close()
    whose = {f"{int(number[1:]):027d}": number for number in run.due}
    agents = {whose[token]: at for token, at in seen["agent"].items() if token in whose}
    return _since(agents, stand.invites())


def _since(first: dict[str, float], then: dict[str, float]) -> list[float]:
    """From the one instant to the other of each number that has both, ms."""
    return [(then[number] - at) * _SECOND for number, at in first.items() if number in then]


def _sleep_until(at: float) -> None:
    time.sleep(max(0.0, at - time.time()))
