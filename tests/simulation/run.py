"""One seed: builds a universe, lets it run while things go wrong, heals it, and judges the end."""

import logging
import random
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, cast
from unittest.mock import patch

from asterisk_callback.dispatcher import dispatcher as dispatching
from asterisk_callback.dispatcher.context import DispatcherSettings
from asterisk_callback.dispatcher.dispatcher import Dispatcher
from asterisk_callback.domain.disposition import (
    DEFAULT,
    Disposition,
    Reaction,
    Reactions,
    RetryAction,
)
from asterisk_callback.domain.errors import StaleWrite, StoreUnavailable
from asterisk_callback.domain.limits import CallLimits, Limits
from asterisk_callback.domain.server import DispatcherIdentity
from asterisk_callback.domain.trunk import trunk_paused_until
from asterisk_callback.services.booking.booking import Booking
from asterisk_callback.services.calling.guard import Guard
from asterisk_callback.telephony.ami import AmiAddress
from asterisk_callback.telephony.server_settings import AsteriskServer
from tests.factories import RULES, SERVER, TRUNK, ZONE, callback_queue
from tests.simulation.asterisk import QUEUE, Asterisk
from tests.simulation.calls import Disk
from tests.simulation.customers import Customers
from tests.simulation.database import Database
from tests.simulation.doors import CommitWatch, GateDoors, Ticks
from tests.simulation.far_end import Agent, FarEnd
from tests.simulation.faults import Faults
from tests.simulation.loop import Process, Universe, Violation
from tests.simulation.network import Connection
from tests.simulation.oracle import ENDED, Oracle, seconds

TROUBLE = 150.0  # virtual seconds with faults
CALM = 2400.0  # at most so many more until every request has ended
RECOVERY = 60.0  # P7: nothing is stuck for longer after the last fault
LOOK_EVERY = 10.0
GATE_PORT = 4574
SQLITE_EVERY = 100


def _seconds(value: float) -> timedelta:
    return timedelta(seconds=value)


# The default policy with shorter pauses, so that several tries fit into minutes.
REACTIONS: Reactions = dict(DEFAULT) | {
    Disposition.BUSY: Reaction(then=RetryAction.RETRY, after=_seconds(25), limit=3),
    Disposition.NO_ANSWER: Reaction(then=RetryAction.RETRY, after=_seconds(60), limit=3),
    Disposition.ABANDONED: Reaction(
        then=RetryAction.RETRY, after=_seconds(25), limit=3, keep_place=True
    ),
    Disposition.UNKNOWN: Reaction(then=RetryAction.RETRY, after=_seconds(60), limit=3),
}
MOST_RINGS = 3


@dataclass(frozen=True)
class Result:
    """What a run came to. digest: the same for every run of the same seed."""

    seed: int
    violation: Violation | None
    trace: tuple[tuple[float, str, str], ...]
    digest: int
    steps: int
    virtual_seconds: float
    rings: int
    ends: tuple[str, ...]


class Host:
    """Where a dispatcher of one name runs, and is started again."""

    def __init__(self, run: "Run", name: str, port: int) -> None:
        self.run = run
        self.name = name
        self.port = port
        self.process: Process | None = None
        self.dispatcher: Dispatcher | None = None

    def start(self) -> None:
        process = self.process = self.run.universe.process(self.name)
        process.loop.connect = partial(self.run.connect, process)
        self.run.processes.append(process)
        self.run.universe.note(self.name, "starts")
        settings = DispatcherSettings(
            name=self.name,
            server=AsteriskServer(
                name=SERVER, address=AmiAddress("127.0.0.1", 5038, "callback", "secret"), window=4
            ),
            gate=("127.0.0.1", self.port),
            lease=_seconds(15),
            reconcile_every=_seconds(20),
            sweep=_seconds(10),
            drain=_seconds(20),
        )
        self.dispatcher = Dispatcher(
            store=cast(Any, self.run.store),
            queues=self.run.queues,
            guard=self.run.guard,
            settings=settings,
            host_clock=self.run.universe.clock,
        )
        self.run.dispatchers[process] = self.dispatcher
        process.spawn(self.dispatcher.run(), partial(self._ended, process))

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process = None

    def stop(self) -> None:
        """SIGTERM"""
        if self.process is not None and self.dispatcher is not None and self.process.alive:
            self.run.universe.note(self.name, "is asked to stop")
            self.process.later(0.01, self.dispatcher.stop)

    def ensure(self) -> None:
        """The supervisor: runs it unless it runs."""
        if self.process is None or not self.process.alive:
            self.start()

    def wake(self) -> None:
        for process in self.run.processes:
            process.frozen_until = 0.0

    def _ended(self, process: Process, task: Any) -> None:
        error = None if task.cancelled() else task.exception()
        # At its start it may end for want of a database (its supervisor tries again), or because
        # another process has taken its name meanwhile.
        if error is not None and not isinstance(error, StoreUnavailable | StaleWrite):
            self.run.universe.broken("crash", f"{self.name} died of {error!r}")
        process.kill("ended" if error is None else f"ended: {error}")
        # systemd's Restart=on-failure, and the operator's after a stop
        self.run.god.later(3.0, self.ensure)


class Run:
    def __init__(self, seed: int, only: tuple[str, ...], store: str) -> None:
        universe = self.universe = Universe(seed)
        rng = universe.rng
        self.god = universe.process("fate")
        self.processes: list[Process] = []
        self.dispatchers: dict[Process, Dispatcher] = {}
        self.store = Database(universe, store)
        few = rng.random() < 0.2
        limits = Limits(
            requests_per_number=50,
            requests_per_number_in_30_days=50,
            requests_per_block=1000,
            wishes_per_address=50,
            calls_per_number=40,
            calls=CallLimits(per_hour=4 if few else 200, at_once=rng.choice([1, 2, None, None])),
        )
        self.guard = Guard(rules=RULES, limits=limits)
        life = 300 if few else rng.choice([300, 1200])
        self.queues = {
            name: callback_queue(
                name,
                asterisk_queue=QUEUE,
                queue_for=_seconds(rng.choice([6, 30])),
                ring_for=_seconds(15),
                lifetime=_seconds(life),
                reactions=REACTIONS,
            )
            for name in ("sales", "support")
        }
        agents = [Agent(f"agent{n}") for n in range(rng.choice([1, 2, 3]))]
        self.far_end = FarEnd(universe, agents)
        names = [f"d{n + 1}" for n in range(rng.choice([1, 2, 2, 3]))]
        self.hosts = [Host(self, name, GATE_PORT + n) for n, name in enumerate(names)]
        self.gates = GateDoors(universe, [host.port for host in self.hosts][:2])
        self.disk = Disk()
        self.start_asterisk()
        self.oracle = Oracle(
            universe, self.store, self.far_end, REACTIONS, MOST_RINGS, limits.calls, self._me
        )
        booking = Booking(
            store=self.store, queues=self.queues, guard=self.guard, home_zone=ZONE, secret_key="x"
        )
        self.customers = Customers(
            universe, self.store, booking, rng.choice([2, 4, 8]), TROUBLE * 0.6
        )
        self.faults = Faults(self, TROUBLE, only)
        self.store.on_commit = self._committed
        universe.on_step = self.oracle.stepped
        self._idle: dict[int, float] = {}

    def go(self) -> Result:
        for host in self.hosts:
            host.start()
        self.customers.arrive()
        self.faults.begin()
        self.universe.run(TROUBLE)
        self.faults.heal()
        self.god.later(RECOVERY, self._look)
        self.universe.run(TROUBLE + CALM, unless=self._all_ended)
        self._judge_the_end()
        return self._result()

    # --- what the parts ask of the run ------------------------------------------------------

    def ensure_asterisk(self) -> None:
        if not self.asterisk.process.alive:
            self.start_asterisk()

    def start_asterisk(self) -> None:
        self.asterisk = Asterisk(self.universe, self.far_end, self.disk, self.gates)
        pause = self.universe.rng.choice([1.0, 5.0, 30.0])
        self.asterisk.process.at_death.append(lambda: self._again(pause))

    def _again(self, pause: float) -> None:
        self.god.later(pause, self.ensure_asterisk)

    async def connect(self, client: Process, factory: Any, port: int) -> Any:
        import asyncio

        await asyncio.sleep(0.001 + self.universe.rng.random() * 0.01)
        server = self.asterisk.process
        if not server.alive:
            raise ConnectionRefusedError("nobody listens")
        protocol = factory()
        connection = Connection(self.universe, client, server, protocol)
        client.at_death.append(connection.client_died)
        protocol.connection_made(connection)
        server.loop.call_soon(self.asterisk.door.accept, connection)
        return connection, protocol

    def _me(self) -> DispatcherIdentity | None:
        found = self.dispatchers.get(self.universe.running) if self.universe.running else None
        return found.context.me if found is not None and found.context.me.epoch else None

    def _committed(self) -> None:
        self.oracle.committed()
        self.faults.at_commit()

    # --- the calm after the faults ----------------------------------------------------------

    def _all_ended(self) -> bool:
        return self.oracle.all_ended and self.universe.now > TROUBLE + 1

    def _look(self) -> None:
        """P7 and P8, every few seconds: is anything stuck, or idle although it could be dialled?"""
        now = self.universe.now
        picture = self.oracle.before
        open_attempts = [row for row in picture.attempts.values() if row["ended_at"] is None]
        for row in open_attempts:
            if now - seconds(row["claimed_at"]) > 200:
                self.universe.broken("P7", f"attempt {row['id']} is stuck")
        for row in picture.requests.values():
            overdue = now - seconds(row["due_at"])
            if row["state"] == "scheduled" and overdue > LOOK_EVERY:
                self.universe.broken("P7", f"request {row['id']} is not released")
            if row["state"] not in (*ENDED, "in_progress"):
                if now - seconds(row["expires_at"]) > LOOK_EVERY:
                    self.universe.broken("P7", f"request {row['id']} does not expire")
                self._idles(row, overdue, bool(open_attempts))
        self.god.later(LOOK_EVERY, self._look)

    def _idles(self, row: Mapping[str, Any], overdue: float, busy: bool) -> None:
        with self.store.reading() as tx:
            tail = tx.limits.trunk_history(SERVER, TRUNK.name)
            full = self.guard.reached(tx, self.queues[row["queue"]]) is not None
            paused = full or trunk_paused_until(tail, TRUNK, tx.now) is not None
        free = any(agent.free for agent in self.far_end.agents)
        if row["state"] != "queued" or overdue < LOOK_EVERY or busy or paused or not free:
            self._idle.pop(row["id"], None)
            return
        since = self._idle.setdefault(row["id"], self.universe.now)
        if self.universe.now - since >= 2 * LOOK_EVERY:
            self.universe.broken("P8", f"request {row['id']} is due and nobody dials it")

    def _judge_the_end(self) -> None:
        picture = self.oracle.before
        for booked in self.customers.accepted:
            if booked.wish.id not in picture.wishes:
                self.universe.broken("P1", f"wish {booked.wish.id} was accepted and is gone")
        for row in picture.requests.values():
            if row["state"] not in ENDED:
                self.universe.broken("P7", f"request {row['id']} is still {row['state']}")

    def _result(self) -> Result:
        picture = self.oracle.before
        return Result(
            seed=self.universe.seed,
            violation=self.universe.violation,
            trace=tuple(self.universe.trace),
            digest=self.universe.digest,
            steps=self.universe.steps,
            virtual_seconds=self.universe.now,
            rings=len(self.far_end.rings),
            ends=tuple(row["state"] for row in picture.requests.values()),
        )

    def close(self) -> None:
        self.universe.end()
        self.store.close()


@contextmanager
def _wired(run: Run) -> Iterator[None]:
    """The few places where the code meets a real clock, a real socket or real chance."""
    universe = run.universe
    chance = random.Random(universe.seed + 1)
    random.seed(universe.seed)
    with ExitStack() as stack:
        for target, name, stand_in in (
            (dispatching, "Clock", partial(Ticks, universe)),
            (dispatching, "Watch", CommitWatch),
            (dispatching, "open_gate", run.gates.listen),
            (secrets, "randbelow", chance.randrange),
            (secrets, "token_urlsafe", lambda n=32: f"{chance.getrandbits(8 * (n or 32)):x}"),
        ):
            stack.enter_context(patch.object(target, name, stand_in))
        yield


def simulate(seed: int, only: tuple[str, ...] = (), store: str = "") -> Result:
    """Runs one seed to its end, or to the first broken promise. only: these faults and no others
    (names of methods of `Faults`). store: "memory" or "sqlite"; every 100th is on SQLite unless
    it is said. The run is the same on both."""
    logging.disable(logging.CRITICAL)
    run = Run(seed, only, store or ("memory" if seed % SQLITE_EVERY else "sqlite"))
    try:
        with _wired(run):
            return run.go()
    finally:
        run.close()
        logging.disable(logging.NOTSET)
