"""Builders shared by the tests: each gives something valid, and takes what the test is about."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from asterisk_callback.domain.attempt import Attempt, AttemptId, new_token
from asterisk_callback.domain.errors import CallbackError
from asterisk_callback.domain.limits import CallLimits, Limits
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.phone import NumberRules
from asterisk_callback.domain.queue import CallbackQueue, ClaimedCall, Queues
from asterisk_callback.domain.request import Request, RequestId, RequestState
from asterisk_callback.domain.server import DispatcherIdentity
from asterisk_callback.domain.trunk import Trunk
from asterisk_callback.domain.wish import Wish, WishId
from asterisk_callback.services.booking.booking import Booking, BookingResult, Origin, Submission
from asterisk_callback.services.calling.claim import claim
from asterisk_callback.services.calling.gate import Gate
from asterisk_callback.services.calling.guard import Guard
from asterisk_callback.services.calling.progress import Progress
from asterisk_callback.services.calling.reconcile import Reconciliation
from asterisk_callback.store import SqlStore, upgrade
from asterisk_callback.store.engine import Clock, Waits
from asterisk_callback.store.tables.servers import dispatchers
from tests.memory_store import MemoryTransaction

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ZONE = "Europe/London"
RULES = NumberRules(home="GB", regions=("GB",))
PLENTY = QueueStatus(known=True, logged_in=1000, free=1000)
UNLIMITED = Limits(
    requests_per_number=10**6, requests_per_number_in_30_days=10**6, requests_per_block=10**6,
    requests_per_country=10**6, wishes_per_address=10**6, calls_per_number=10**6,
    calls=CallLimits(),
)  # fmt: skip
TRUNK = Trunk(name="trunk", dial="PJSIP/{e164}@trunk", caller_id="+442079460100")
SERVER = "main"
# Longer than anything takes on a machine however slow; and a test that is stuck comes to an end.
PATIENT = Waits(busy=300, idle=300, lock=300)

_ids = count(1)


def number(n: int) -> str:
    """One of a million valid British mobile numbers (E.164)."""
    return f"+447400{n:06d}"


def callback_queue(name: str = "sales", **changes: Any) -> CallbackQueue:
    values: dict[str, Any] = {
        "name": name,
        "title": name.title(),
        "asterisk_queue": name,
        "server": SERVER,
        "trunk": TRUNK,
    }
    return CallbackQueue(**(values | changes))


def a_request(**changes: Any) -> Request:
    values: dict[str, Any] = {
        "id": RequestId(next(_ids)),
        "queue": "sales",
        "e164": number(0),
        "region": "GB",
        "state": RequestState.IN_PROGRESS,
        "created_at": NOW,
        "due_at": NOW,
        "line_at": NOW,
        "expires_at": NOW + timedelta(hours=24),
    }
    return Request(**(values | changes))


def an_attempt(**changes: Any) -> Attempt:
    values: dict[str, Any] = {
        "id": AttemptId(next(_ids)),
        "request_id": RequestId(1),
        "token": new_token(),
        "server": SERVER,
        "trunk": TRUNK.name,
        "owner": "d1",
        "epoch": 1,
        "e164": number(0),
        "claimed_at": NOW,
        "gate_by": NOW + timedelta(minutes=11),
    }
    return Attempt(**(values | changes))


def a_wish(**changes: Any) -> Wish:
    values: dict[str, Any] = {
        "id": WishId(next(_ids)),
        "request_id": RequestId(1),
        "public_id": f"public-{next(_ids)}",
        "nonce": f"nonce-{next(_ids)}",
        "created_at": NOW,
        "due_at": NOW,
        "asap": True,
    }
    return Wish(**(values | changes))


def complaint(work: Callable[[], object]) -> CallbackError | None:
    """The clear no with which `work` ended, or None. Any other error is a failure."""
    try:
        work()
    except CallbackError as error:
        return error
    return None


@dataclass
class SetClock:
    """A clock that only the test moves."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> datetime:
        self.now += timedelta(**delta)
        return self.now


@dataclass
class Office:
    """All services over one store, as bootstrap wires them."""

    store: SqlStore
    queues: Queues = field(default_factory=lambda: {"sales": callback_queue()})
    limits: Limits = UNLIMITED
    me: DispatcherIdentity = field(default_factory=lambda: DispatcherIdentity(name="d1", epoch=1))
    gate_within: float = PATIENT.lock
    _enrolled: set[DispatcherIdentity] = field(default_factory=set, init=False)

    @property
    def guard(self) -> Guard:
        return Guard(rules=RULES, limits=self.limits)

    @property
    def booking(self) -> Booking:
        return Booking(
            store=self.store,
            queues=self.queues,
            guard=self.guard,
            home_zone=ZONE,
            secret_key="test secret",
        )

    @property
    def gate(self) -> Gate:
        return Gate(store=self.store, queues=self.queues, guard=self.guard, within=self.gate_within)

    @property
    def progress(self) -> Progress:
        return Progress(store=self.store, queues=self.queues)

    @property
    def reconciliation(self) -> Reconciliation:
        self.enrol()
        return Reconciliation(store=self.store, progress=self.progress)

    def submit(self, n: int = 0, queue: str = "sales", **changes: Any) -> BookingResult:
        """A wish for number(n). Fields of Origin may be given, too."""
        origin: dict[str, Any] = {"scope": "site", "actor": "customer"}
        for name in ("scope", "actor", "address", "key"):
            if name in changes:
                origin[name] = changes.pop(name)
        submission = Submission(phone=number(n), queue=queue, **changes)
        return self.booking.submit(submission, Origin(**origin))

    def enrol(self) -> None:
        """Gives this office's dispatcher a lease, unless the test gave it one."""
        if self.me in self._enrolled:
            return
        with self.store.writing() as tx:
            tx.lock("enrol")  # offices of several threads share a database
            if not any(health.dispatcher == self.me.name for health in tx.servers.all()):
                lease = {"server": SERVER, "alive_until": tx.now + timedelta(days=400)}
                row: dict[str, Any] = {"name": self.me.name, "epoch": self.me.epoch, **lease}
                if isinstance(tx, MemoryTransaction):
                    tx.servers.put_lease(**row)
                else:
                    tx.connection.execute(dispatchers.insert().values(row))
        self._enrolled.add(self.me)

    def at_work(self) -> None:
        """Its dispatcher has a lease, and a working link to Asterisk."""
        self.enrol()
        with self.store.writing() as tx:
            renew = (self.me.name, self.me.epoch, timedelta(days=400), True, "")
            tx.servers.renew_lease(*renew)

    def forget_lease(self) -> None:
        """The test took the lease away: the next claim enrols anew."""
        self._enrolled.clear()

    def claim(self, queue: str = "sales", facts: QueueStatus = PLENTY) -> ClaimedCall | None:
        self.enrol()
        claimed = claim(self.store, self.me, self.queues[queue], facts, self.guard)
        return claimed[0] if claimed else None

    def claim_of(self, n: int, queue: str = "sales") -> ClaimedCall | None:
        """A new wish, claimed: the only one in line."""
        self.submit(n, queue)
        return self.claim(queue)

    def attempt(self, n: int = 0, **changes: Any) -> Attempt:
        """A submitted wish, claimed: the only one in line."""
        self.submit(n, **changes)
        claimed = self.claim()
        assert claimed is not None
        return claimed.attempt

    def request(self, request_id: RequestId) -> Request:
        with self.store.reading() as tx:
            found = tx.requests.get(request_id)
        assert found is not None
        return found

    def attempts(self, request_id: RequestId) -> list[Attempt]:
        with self.store.reading() as tx:
            return list(tx.attempts.of(request_id))


@cache
def _migrated_sqlite() -> bytes:
    """The bytes of a migrated, empty SQLite database: migrating one costs 0.1 s, a copy nothing."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "template.db")
        store = sql_store(f"sqlite:///{file}")
        upgrade(store)
        store.close()
        return file.read_bytes()


def sqlite_store(folder: Path, clock: Clock | None = None, **settings: Any) -> SqlStore:
    """A store of its own on a new SQLite file. The caller closes it."""
    file = folder / "callback.db"
    file.write_bytes(_migrated_sqlite())
    return sql_store(f"sqlite:///{file}", clock, **settings)


def sql_store(url: str, clock: Clock | None = None, **settings: Any) -> SqlStore:
    """A store that gives nothing up because the machine is slow: its stopwatch stands still."""
    made = SqlStore(url, **({"clock": clock, "monotonic": float, "waits": PATIENT} | settings))
    if made.dialect == "sqlite":
        for engine in (made._writer, made._reader):
            engine.dialect, engine._compiled_cache = _compiled()
    return made


@cache
def _compiled() -> tuple[Any, dict[Any, Any]]:
    """What SQLAlchemy compiled for one store of this process serves all of them: each would do it
    anew, and most tests have a store of their own and ask it little."""
    engine = create_engine("sqlite://")
    with engine.connect():  # it asks what SQLite can do
        pass
    engine.dispose()
    return engine.dialect, {}
