"""The whole product on the test bed: a PBX, its world, and `asterisk-callback serve` before them.

Knows nothing of pytest: the tests with real calls, the faults and `make demo` all use it.
"""

import contextlib
import itertools
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy

from asterisk_callback import bootstrap
from asterisk_callback.config import Settings
from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.errors import NotPossible
from asterisk_callback.domain.keyed_hash import hash_secret
from asterisk_callback.domain.request import Request
from asterisk_callback.domain.trail import AuditEntry
from asterisk_callback.services.booking.withdraw import cancel
from asterisk_callback.services.status.status import Status
from asterisk_callback.store import SqlStore
from asterisk_callback.store.tables import calls, console, servers, telling

from . import before, ports, processes
from . import deployment_files as files
from .ami_door import AmiDoor
from .bed import Bed
from .invites import digits
from .pbx import Queue
from .waiting import PATIENCE, LabError, until
from .web_client import Answer, WebClient


@dataclass(frozen=True, slots=True)
class Record:
    """All that the product wrote down about one callback request."""

    request: Request
    attempts: tuple[Attempt, ...]
    trail: tuple[AuditEntry, ...]

    @property
    def dispositions(self) -> list[str]:
        """How the ended attempts ended, oldest first."""
        return [one.disposition.value for one in self.attempts if one.disposition is not None]


class Deployment:
    """start() returns when /readyz says that calls can be placed; close() ends and removes all.

    version   of the PBX's Asterisk: "22", "16", "host"
    database  "sqlite" (a file of its own) or the URL of an empty database
    settings  laid over the configuration of deployment_files.settings
    queues    the Asterisk queues; beware that the configuration names them, too
    record_ami  puts a door that keeps what passes (`proxy`) between the product and Asterisk
    """

    def __init__(
        self,
        version: str = "22",
        *,
        database: str = "sqlite",
        settings: Mapping[str, Any] | None = None,
        queues: Sequence[Queue] = files.ASTERISK_QUEUES,
        agents: Sequence[str] = ("1001", "1002", "1003"),
        record_ami: bool = False,
    ) -> None:
        self.version = version
        self.folder = Path(tempfile.mkdtemp(prefix="acb-product-", dir="/tmp"))
        self.gate_port, self.web_port = ports.single(), ports.single()
        self.base_url = f"http://127.0.0.1:{self.web_port}"
        self.config_file, self.log_file = self.folder / "callback.toml", self.folder / "product.log"
        self.ami_secret = secrets.token_hex(12)
        self.bed = self._make_bed(queues, agents)
        self.proxy = AmiDoor(self.bed.pbx.ami_port) if record_ami else None
        url = f"sqlite:///{self.folder}/callback.db" if database == "sqlite" else database
        ami_port = self.proxy.port if self.proxy else self.bed.pbx.ami_port
        self._write_configuration(url, ami_port, settings or {})
        self.settings: Settings = before.load(self.config_file)
        self.store: SqlStore = bootstrap.store(self.settings)
        self._statuses = bootstrap.statuses(self.settings, self.store)
        self._child: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(secrets.randbelow(1000))
        self._changed_gates = False
        self._log_start = 0

    def _make_bed(self, queues: Sequence[Queue], agents: Sequence[str]) -> Bed:
        """The PBX with the product's files in it, and the world."""
        dialplan, manager = files.write_asterisk_files(self.folder, self.ami_secret)
        files.write_gates(self.folder, self.gate_port, None)
        return Bed(
            self.version, dialplan_includes=dialplan, manager_includes=manager, queues=queues,
            agents=agents,
        )  # fmt: skip

    def _write_configuration(self, url: str, ami: int, settings: Mapping[str, Any]) -> None:
        """callback.toml, with `settings` laid over it."""
        standard = files.settings(
            self.folder, url, self.web_port, self.gate_port, ami, self.ami_secret
        )
        self.config_file.write_text(files.toml(files.merged(standard, settings)))

    # -- the product's process

    def start(self) -> "Deployment":
        """Start bed, database and product; LabError tells what is wrong."""
        try:
            self.bed.start()
            if self.proxy is not None:
                self.proxy.start()
            bootstrap.upgrade(self.store)
            self.start_product()
            self.wait_agents_known()
        except BaseException:
            self.close()
            raise
        return self

    def start_product(self, wait: str = "/readyz", timeout: float = PATIENCE) -> None:
        """Start `asterisk-callback serve`; returns when `wait` answers 200."""
        if processes.alive(self._child):
            raise LabError("the product is running already")
        here = str(files.REPOSITORY)
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("LD_", "ASTERISK"))}
        command = [sys.executable, "-m", "asterisk_callback", "--config", str(self.config_file)]
        self._child = processes.spawn(
            [*command, "serve", "--migrate"], self.log_file, self.folder,
            {**environment, "PYTHONPATH": here, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        self.wait_http(wait, timeout)

    def stop_product(self, grace: float = 45.0) -> None:
        """SIGTERM: a graceful stop."""
        processes.stop(self._child, signal.SIGTERM, grace)

    def kill_product(self) -> None:
        """SIGKILL to all its processes."""
        processes.kill(self._child)

    def running(self) -> bool:
        """True while the product's supervisor lives."""
        return processes.alive(self._child)

    def halves(self) -> set[int]:
        """The processes of its two halves."""
        assert self._child is not None
        return processes.children(self._child.pid)

    def wait_http(self, path: str, timeout: float = PATIENCE) -> None:
        """Wait until `path` answers 200."""
        try:
            until(partial(self._answers, path), timeout, f"{path} to answer 200", 0.05)
        except LabError as error:
            raise LabError(f"{error}\n{self.tail()}") from error

    def close(self) -> None:
        """End everything and remove the folder."""
        self.kill_product()
        self.bed.close()
        if self.proxy is not None:
            self.proxy.close()
        self.store.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def tail(self, lines: int = 40) -> str:
        """The end of the product's log."""
        if not self.log_file.exists():
            return "(the product wrote no log)"
        return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-lines:])

    def __enter__(self) -> "Deployment":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answers(self, path: str) -> bool:
        if not self.running():
            raise LabError("the product ended at its start")
        try:
            return WebClient(self.base_url, 5.0).get(path).code == 200
        except OSError:
            return False

    # -- what customers and other programs do

    def number(self) -> str:
        """A fresh number of Ofcom's range for drama: it is valid, and nobody has it. 000 is the
        company's own."""
        return f"+442079460{next(self._numbers) % 999 + 1:03}"

    def submit(self, phone: str, queue: str = "support", **fields: str) -> str:
        """Ask for a callback through the real web form; the status page's secret."""
        answer = WebClient(self.base_url).submit(phone=phone, queue=queue, **fields)
        if answer.code != 303:
            raise LabError(f"the form answered {answer.code}: {answer.words[:500]}")
        return answer.location.rpartition("/")[2]

    def status_url(self, secret: str) -> str:
        """The status page's address."""
        return f"{self.base_url}/c/{secret}"

    def page(self, secret: str) -> Answer:
        """The status page over HTTP."""
        return WebClient(self.base_url).get(f"/c/{secret}")

    def cancel(self, secret: str) -> None:
        """Press the status page's cancel button."""
        answer = WebClient(self.base_url).cancel(secret)
        if answer.code != 303:
            raise LabError(f"cancelling was answered {answer.code}: {answer.words[:500]}")

    def api(self, method: str, path: str = "", body: Any = None, **headers: str) -> Any:
        """A call of the API with a valid key: (status code, body)."""
        return WebClient(self.base_url).api(method, path, files.API_KEY, body, **headers)

    def status(self, secret: str) -> str:
        """The public status as the status page tells it."""
        return self.view(secret).public.value

    # -- what the product wrote down

    def view(self, secret: str) -> Status:
        """What the status page is made of, read from the database without HTTP."""
        return self._statuses.by_secret(secret)

    def record(self, secret: str) -> Record:
        """Everything in the database about the request behind `secret`."""
        with self.store.reading() as tx:
            wish = tx.wishes.by_secret(hash_secret(secret))
            request = tx.requests.get(wish.request_id) if wish else None
            if request is None:
                raise LabError("the database has no request of this secret")
            attempts = tuple(tx.attempts.of(request.id))
            return Record(request, attempts, tuple(tx.trail.of(request.id)))

    def attempts_for(self, number: str) -> list[Attempt]:
        """Every attempt for a number, over all requests, oldest first."""
        called = calls.attempts.c.e164 == f"+{digits(number)}"  # an agent may have changed it
        query = sqlalchemy.select(calls.attempts.c.token).where(called)
        with self.store.reading() as tx:
            tokens = list(tx.connection.execute(query.order_by(calls.attempts.c.id)).scalars())
            return [found for one in tokens if (found := tx.attempts.by_token(one)) is not None]

    def requests_of(self, number: str) -> list[Request]:
        """Every callback request in the database for a number, of however many."""
        query = sqlalchemy.select(calls.requests.c.id).where(
            calls.requests.c.e164 == f"+{digits(number)}"
        )
        with self.store.reading() as tx:
            ids = tx.connection.execute(query.order_by(calls.requests.c.id)).scalars()
            return [found for one in list(ids) if (found := tx.requests.get(one)) is not None]

    def wait_status(self, secret: str, *wanted: str, timeout: float = PATIENCE) -> Status:
        """Wait until the public status is one of `wanted`."""
        return self._wait(secret, lambda view: view.public.value in wanted, timeout, wanted)

    def wait_why(self, secret: str, *wanted: str, timeout: float = PATIENCE) -> Status:
        """Wait until the reason why it was not called yet is one of `wanted`."""
        return self._wait(secret, lambda view: view.why.reason.value in wanted, timeout, wanted)

    def wait_attempts(self, secret: str, ended: int, timeout: float = PATIENCE) -> Record:
        """Wait until so many attempts have ended."""
        try:
            until(lambda: len(self.record(secret).dispositions) >= ended, timeout,
                  f"{ended} attempts to end", 0.05)  # fmt: skip
        except LabError as error:
            raise LabError(f"{error}; {self._facts(secret)}") from error
        return self.record(secret)

    def _wait(self, secret: str, fits: Any, timeout: float, wanted: Sequence[str]) -> Status:
        try:
            until(lambda: fits(self.view(secret)), timeout, " or ".join(wanted), 0.05)
        except LabError as error:
            raise LabError(f"{error}; {self._facts(secret)}") from error
        return self.view(secret)

    def _facts(self, secret: str) -> str:
        view, record = self.view(secret), self.record(secret)
        attempts = [
            (str(a.disposition), f"rung={a.rung}", a.detail, f"agent={a.agent}")
            for a in record.attempts
        ]
        trail = [f"{e.actor}: {e.event} {e.old}->{e.new} ({e.reason})" for e in record.trail]
        return (
            f"now {view.public.value}, because {view.why.reason.value} ({view.why.detail}); "
            f"attempts {attempts}; trail {trail}; product's log:\n{self.tail(15)}"
        )

    # -- Asterisk's side

    def gates(self, first: int, second: int | None = None, seconds: int | None = None) -> None:
        """Send Asterisk to other gates (ports) until the next reset."""
        files.write_gates(self.folder, first, second, seconds)
        self.bed.pbx.cli("dialplan reload")
        until(lambda: f"127.0.0.1:{first}/" in self.bed.pbx.cli("dialplan show callback-settings"),
              PATIENCE, "the dialplan to be reloaded", 0.05)  # fmt: skip
        self._changed_gates = True

    def wait_prompt(self, name: str, timeout: float = PATIENCE) -> None:
        """Wait until Asterisk's own log says that this prompt is played (since the reset)."""
        until(lambda: name in self.prompts(), timeout, f"the prompt {name!r} to be played", 0.05)

    def prompts(self) -> list[str]:
        """The names of the prompts played since the reset, in order."""
        found = []
        for line in self._log().splitlines():
            _, playing, after = line.partition(" Playing '")
            if playing:
                found.append(Path(after.partition("'")[0]).name.partition(".")[0])
        return found

    def prompt_languages(self) -> set[str]:
        """The languages of the channels on which prompts were played since the reset."""
        return set(re.findall(r" Playing '[^']*' \(language '([^']*)'\)", self._log()))

    def complaints(self) -> list[str]:
        """WARNING and ERROR lines of the PBX since the reset."""
        return [x for x in self._log().splitlines() if "] WARNING[" in x or "] ERROR[" in x]

    def _log(self) -> str:
        with self.bed.pbx.log_file.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode("utf-8", "replace")

    def wait_agents_known(self, timeout: float = PATIENCE) -> None:
        """Wait until the product says of every queue that all its members are free."""
        until(self._agents_known, timeout, "the product to know that all agents are free", 0.05)

    def _agents_known(self) -> bool:
        with self.store.reading() as tx:
            known = [
                (queue, tx.servers.queue_facts(self.settings.asterisk.name, queue.name))
                for queue in self.bed.pbx.queues
            ]
        return all(facts.free == len(queue.members) for queue, facts in known)

    # -- between tests

    def reset(self) -> None:
        """Everything runs, nobody is on the line, every agent is free, the books are empty."""
        if not self.bed.pbx.running():
            self.bed.pbx.start()
        if not self.running():
            self.start_product()
        if self._changed_gates:
            self.gates(self.gate_port)
            self._changed_gates = False
        self._cancel_all()
        self.bed.reset()
        until(lambda: not self._open_attempts(), PATIENCE, "every attempt to end", 0.05)
        self.bed.pbx.wait_idle()
        self._empty_the_books()
        self.wait_http("/readyz")
        self.wait_agents_known()
        if self.proxy is not None:
            self.proxy.forget()
        self._log_start = self.bed.pbx.log_file.stat().st_size

    def _open_attempts(self) -> list[Attempt]:
        with self.store.reading() as tx:
            return list(tx.attempts.open_on(self.settings.asterisk.name))

    def _cancel_all(self) -> None:
        with self.store.reading() as tx:
            requests = [one for one in tx.requests.latest(None, 1000) if one.open]
        for request in requests:
            with contextlib.suppress(NotPossible):  # they talk: hanging up ends it
                cancel(self.store, request, actor="lab")

    def _empty_the_books(self) -> None:
        """So that neither limits nor a trunk's last failures reach into the next test."""
        with self.store.writing() as tx:
            for table in (
                console.wrap_ups, console.offers, console.consoles,
                servers.holds, telling.alarm_notices, telling.alarms,
                calls.audit, calls.attempts, calls.wishes, calls.requests,
            ):  # fmt: skip
                tx.connection.execute(sqlalchemy.delete(table))


def wall(monotonic: float) -> float:
    """The Unix time of an instant of time.monotonic()."""
    return time.time() - time.monotonic() + monotonic
