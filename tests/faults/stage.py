"""The product under faults: web and dispatchers as processes of their own, doors between them.

Every limit of time is short: a whole life of a callback with its recovery fits into seconds.
"""

import contextlib
import secrets
import signal
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy

from asterisk_callback import bootstrap
from asterisk_callback.store import SqlStore
from tests.lab import deployment_files, ports, processes
from tests.lab.ami_door import AmiDoor
from tests.lab.deployment import Deployment
from tests.lab.door import Door
from tests.lab.frames import PostgresClient, Raw
from tests.lab.postgres import Postgres
from tests.lab.speed import whole
from tests.lab.waiting import PATIENCE, LabError, until

from .nursery import Child, nursery

SQLITE, POSTGRESQL = "sqlite", "postgresql"
GAP = 5  # s: the shortest pause that the configuration allows
TRIES = 3
_AGAIN = {"after": GAP, "limit": TRIES}
_BACK = {"after": GAP, "repeated": GAP}
_RETRY = {
    "unknown": _AGAIN, "no_answer": _AGAIN, "abandoned": _AGAIN, "busy": _AGAIN,
    "agent_gone": _BACK, "refused": _BACK, "trunk_fault": _BACK, "congestion": _BACK,
}  # fmt: skip
CAPPED = "capped"
OFFERED, OFFERED_TO_ALL = "offered", "to-all"
ORIGINATE = b"@callback-agent/n"  # of an attempt: AstDB is tidied up by an Originate, too


def _settings() -> dict[str, Any]:
    """Every limit is short, and longer on a slow machine: what it ends is to be a fault's doing."""
    queue = {"trunk": "main", "queue_for": whole(30), "ring_for": whole(6),
             "asterisk_queue": "support", "retry": _RETRY,
             **deployment_files.known("brief_talk", {"times": 0})}  # fmt: skip
    preview = {"offer_for": whole(5), "work_for": whole(8), "own_for": whole(6)}
    return {
        "trunks": {"main": {"pause": GAP}},
        "asterisk": {
            "timings": deployment_files.timings(connect=3, login=3, boot=6, action=3, ping_every=1,
                                     ping_deadline=2, backoff_first=0.2, backoff_max=1.0),
        },
        "dispatcher": {"name": "one", "lease": whole(2), "reconcile_every": 1,
                       "probe_every": 600, "grace": whole(1)},
        "queues": {
            "support": {"title": "Support", **queue},
            "capped": {"title": "Capped", "calls_at_once": 1, **queue},
            "offered": {"title": "Offered", "mode": "preview", **queue, "preview": preview},
            "to-all": {"title": "To all", "mode": "preview", **queue,
                       "preview": {"offer_to": "all", **preview}},
        },
    }  # fmt: skip


class NotRecovered(LabError):
    """Everything is in order again, and the product is not: no fault of the test bed."""


class Stage(Deployment):
    """A Deployment whose parts can be killed, stopped, parted and locked one by one.

    `ami` stands between the dispatchers and Asterisk, `sql` (PostgreSQL only) between the product
    and its database. Our own eyes (`store`) look past the doors.
    """

    def __init__(self, database: str) -> None:
        self.database = database
        self.postgres: Postgres | None = None
        self.sql: Door | None = None
        self._sockets = Path(tempfile.mkdtemp(prefix="acb-doors-", dir="/tmp"))
        url, direct = SQLITE, ""
        if database == POSTGRESQL:
            self.postgres = Postgres(max_connections=200).start()
            direct = self.postgres.create_database()
            url = direct.replace(str(self.postgres.root), str(self._sockets))
            name = ".s.PGSQL.5432"
            self.sql = Door(
                f"{self._sockets}/{name}", f"{self.postgres.root}/{name}", PostgresClient, Raw
            )
        self.second_gate = ports.single()
        super().__init__(database=url, settings=_settings(), record_ami=True)
        assert self.proxy is not None
        self.ami: AmiDoor = self.proxy
        if direct:
            self.store.close()
            self.store = SqlStore(direct)
            sqlalchemy.event.listen(self.store._writer, "connect", _watches)
            self._statuses = bootstrap.statuses(self.settings, self.store)
        deployment_files.write_gates(self.folder, self.gate_port, self.second_gate)
        self.front = Door(ports.single(), self.web_port, Raw, Raw)
        self._parts: dict[str, Child] = {}

    # -- processes

    def start(self) -> "Stage":
        """See Deployment.start."""
        for door in self._doors():
            if door is not self.ami:  # which the deployment starts
                door.start()
        super().start()
        return self

    def start_product(self, wait: str = "/readyz", timeout: float = PATIENCE) -> None:
        """Start what does not run of the web and dispatcher one."""
        self.start_part("web")
        self.start_part("one")
        self.wait_http(wait, timeout)

    def start_part(self, name: str, clock: Path | None = None, **changed: Any) -> Child:
        """Start "web", or dispatcher "one" or "two", unless it runs.

        clock: a file that moves its clock (see moved_clock). changed: sections laid over the
        usual configuration for this start.
        """
        if processes.alive(self._parts.get(name)):
            return self._parts[name]
        kind = "web" if name == "web" else "dispatcher"
        options = ["--config", str(self._config(name, changed)), kind]
        child = nursery(kind).spawn(options, self.log_file, self.folder, clock)
        self._parts[name] = child
        return child

    def command(self, *words: str) -> None:
        """Run `asterisk-callback` with this stage's configuration."""
        options = ["--config", str(self.config_file), *words]
        code = nursery("dispatcher").spawn(options, self.log_file, self.folder, None).wait(PATIENCE)
        need(code == 0, f"{' '.join(words)} ended with {code}:\n{self.tail()}")

    def kill(self, name: str) -> None:
        """SIGKILL to a part, and to all that it started."""
        processes.kill(self._parts.get(name))

    def terminate(self, name: str, grace: float = PATIENCE) -> None:
        """SIGTERM, and wait."""
        processes.stop(self._parts.get(name), signal.SIGTERM, grace)

    def freeze(self, name: str) -> None:
        """SIGSTOP."""
        processes.send(self._parts[name], signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """SIGCONT."""
        if processes.alive(self._parts.get(name)):
            processes.send(self._parts[name], signal.SIGCONT)

    def pids(self, name: str) -> list[int]:
        """The processes of a part: of its group, which it leads."""
        group = self._parts[name].pid
        found = subprocess.run(["pgrep", "-g", str(group)], capture_output=True, text=True)
        return [int(pid) for pid in found.stdout.split()]

    def part_runs(self, name: str) -> bool:
        """True while it lives."""
        return processes.alive(self._parts.get(name))

    def running(self) -> bool:
        """True while web and dispatcher one live."""
        return self.part_runs("web") and self.part_runs("one")

    def kill_product(self) -> None:
        """Kill every part."""
        for name in list(self._parts):
            self.kill(name)

    def stop_product(self, grace: float = PATIENCE) -> None:
        """End every part gracefully."""
        for name in list(self._parts):
            self.terminate(name, grace)

    def close(self) -> None:
        """End and remove everything."""
        for name in self._parts:
            self.thaw(name)
        super().close()
        for door in self._doors():
            door.close()
        if self.postgres is not None:
            self.postgres.close()
        for file in self._sockets.iterdir():
            file.unlink()
        self._sockets.rmdir()

    def wait_ready(self, name: str, timeout: float = PATIENCE) -> None:
        """Wait until dispatcher `name` says that its lease holds and Asterisk is there."""
        try:
            until(partial(self.ready, name), timeout, f"dispatcher {name} to be ready", 0.1)
        except LabError as error:
            raise NotRecovered(f"{error}\n{self.tail()}") from error

    def wait_not_ready(self, name: str = "one") -> None:
        """Wait until it has lost its lease, or its Asterisk."""
        until(lambda: not self.ready(name), PATIENCE, f"dispatcher {name} to notice", 0.1)

    def ready(self, name: str) -> bool:
        """See wait_ready."""
        with self.store.reading() as tx:
            return any(
                one.dispatcher == name and one.ready and one.alive_until > tx.now
                for one in tx.servers.all()
            )

    # -- faults' tools

    def gates(self, first: int, second: int | None = None, seconds: int | None = None) -> None:
        """Send Asterisk to other gates; the usual first one brings the usual second with it."""
        super().gates(first, self.second_gate if first == self.gate_port else second, seconds)

    @contextlib.contextmanager
    def locked(self, *tables: str) -> Iterator[None]:
        """Nobody can write while this lasts (PostgreSQL: to `tables`, default all of a call)."""
        if self.postgres is None:
            with contextlib.closing(self._sqlite()) as connection:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield
                finally:
                    connection.execute("ROLLBACK")
            return
        with psycopg.connect(
            self.store.url.set(drivername="postgresql").render_as_string()
        ) as held:
            # In the product's order; it may all the same be at work in another.
            names = ", ".join(tables or ("callback_request", "attempt", "wish"))

            def locked() -> bool:
                try:
                    held.execute(f"LOCK TABLE {names} IN EXCLUSIVE MODE")
                except psycopg.errors.DeadlockDetected:
                    held.rollback()
                    return False
                return True

            until(locked, PATIENCE, f"{names} to be locked", 0.05)
            yield
            held.rollback()

    def _sqlite(self) -> sqlite3.Connection:
        return sqlite3.connect(
            str(self.store.url.database),
            isolation_level=None,
            timeout=PATIENCE,
            check_same_thread=False,
        )

    def heal(self) -> None:
        """Everything runs and is reachable again, as after an admin's visit."""
        for door in self._doors():
            door.heal()
        if self.postgres is not None and not processes.alive(self.postgres._child):
            self.postgres.start()
        pbx = self.bed.pbx
        if not pbx.running():
            pbx.start()
            for agent in pbx.agents:
                self.bed.world.register(agent)
        for name in list(self._parts):
            self.thaw(name)
        try:
            self.start_product()
        except LabError as error:
            raise NotRecovered(str(error)) from error

    def wait_reset(self) -> None:
        """Reset it; a call that ends late is no reason to give up at once."""
        why: list[LabError] = []

        def tried() -> bool:
            try:
                self.reset()
            except LabError as error:
                why.append(error)
                return False
            return True

        try:
            until(tried, 2 * PATIENCE, "the stage to be reset", 0.2)
        except LabError as error:
            raise LabError(f"{error}: {why[-1]}\n{self.tail()}") from error

    def wait_attempts_open(self, count: int) -> None:
        """Wait until so many attempts are open at once."""
        what = f"{count} open attempts"
        until(lambda: len(self._open_attempts()) >= count, PATIENCE, what, 0.05)

    def count_requests(self) -> int:
        """All rows."""
        with self.store.reading() as tx:
            query = sqlalchemy.text("SELECT count(*) FROM callback_request")
            return int(tx.connection.execute(query).scalar_one())

    def _doors(self) -> list[Door]:
        return [door for door in (self.ami, self.sql, self.front) if door is not None]

    def _config(self, name: str, changed: Mapping[str, Any]) -> Path:
        if name != "two" and not changed:
            return self.config_file
        import tomllib

        base = tomllib.loads(self.config_file.read_text())
        if name == "two":
            own = {
                "dispatcher": {"name": "two"},
                "gate": {"listen": f"127.0.0.1:{self.second_gate}"},
            }
            base = deployment_files.merged(base, own)
        path = self.folder / f"{name}-{secrets.token_hex(3)}.toml"
        path.write_text(deployment_files.toml(deployment_files.merged(base, changed)))
        return path


def _watches(connection: Any, _: Any) -> None:
    """When PostgreSQL's clock jumps, it takes whoever reads for idle: the product asks again, our
    eyes would not."""
    connection.execute("SET idle_in_transaction_session_timeout = 0")
    connection.commit()


def need(condition: object, what: str) -> None:
    """A fault that did not come about proves nothing."""
    if not condition:
        raise LabError(what)
