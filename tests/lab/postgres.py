"""A throw-away PostgreSQL: own folder under /tmp, unix socket only, no fsync. Root or not."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import processes
from .waiting import PATIENCE, LabError, until

MISSING = "PostgreSQL's programs are missing: apt-get install postgresql"


class Postgres:
    """start() initialises on first use. Durable settings are off: not for tests of power loss.

    settings: more of postgresql.conf, or others than ours."""

    def __init__(
        self, max_connections: int = 100, settings: Mapping[str, str] | None = None
    ) -> None:
        self._bin = _newest_programs()
        self.root = Path(tempfile.mkdtemp(prefix="acb-pg-", dir="/tmp"))  # short: a socket is in it
        self._rights: dict[str, Any] = {}
        if os.geteuid() == 0:  # initdb and postgres refuse to run as root
            try:
                user = pwd.getpwnam("postgres")
            except KeyError:
                raise LabError(f"there is no user postgres. {MISSING}") from None
            os.chown(self.root, user.pw_uid, user.pw_gid)
            self._rights = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.root)}
        self._max_connections = max_connections
        self._settings = dict(settings or {})
        self.preload: dict[str, str] = {}  # laid over the environment at the next start()
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """SQLAlchemy URL (psycopg 3) of the database `postgres`."""
        return self._url("postgres")

    def start(self, timeout: float = PATIENCE) -> "Postgres":
        """Start and return when it accepts connections."""
        if not (self.root / "data").exists():
            self._run("initdb", "-D", f"{self.root}/data", "-U", "postgres", "-A", "trust", "-N",
                      "-E", "UTF8", "--no-instructions")  # fmt: skip
        options = {
            "listen_addresses": "", "fsync": "off",  # a commit survives kill(), not a power cut
            "full_page_writes": "off", "max_connections": self._max_connections, **self._settings,
        }  # fmt: skip
        command = [f"{self._bin}/postgres", "-D", f"{self.root}/data", "-k", str(self.root)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        log = self.root / "log"
        self._child = processes.spawn(
            command, log, self.root, {**self._env, **self.preload}, **self._rights
        )
        try:
            until(self._ready, timeout, "PostgreSQL to accept connections", 0.03)
        except LabError as error:
            processes.kill(self._child)
            raise LabError(f"{error}\n{log.read_text(errors='replace')[-2000:]}") from error
        return self

    @property
    def pid(self) -> int:
        """Of the first of its processes, the parent of the others."""
        if self._child is None:
            raise LabError("PostgreSQL was not started")
        return self._child.pid

    def stop(self) -> None:
        """Fast shutdown: connections are cut, data is kept for start()."""
        processes.stop(self._child, signal.SIGINT, 10.0)

    def kill(self) -> None:
        """SIGKILL to all its processes; start() then recovers."""
        processes.kill(self._child)

    def limit_files(self, size: int) -> None:
        """No file of any of its processes may grow beyond `size` bytes: write() fails as on a full
        disk. Ends with the next start() after a kill()."""
        assert self._child is not None
        found = subprocess.run(
            ["pgrep", "-P", str(self._child.pid)], capture_output=True, text=True
        )
        pids = " ".join((str(self._child.pid), *found.stdout.split()))
        # By the user whose processes they are: no privilege is needed for that. One that has ended
        # meanwhile is no error.
        loop = f"for pid in {pids}; do prlimit --pid=$pid --fsize={size}: 2>/dev/null; done; true"
        subprocess.run(["sh", "-c", loop], check=True, **self._rights)

    def restart(self) -> "Postgres":
        """stop() and start()."""
        self.stop()
        return self.start()

    def close(self) -> None:
        """End it and remove its folder."""
        self.kill()
        shutil.rmtree(self.root, ignore_errors=True)

    def create_database(self, template: str = "template1") -> str:
        """Make a new, empty database (or a copy of `template`); its SQLAlchemy URL."""
        name = f"t_{secrets.token_hex(6)}"
        self._run("createdb", "-h", str(self.root), "-U", "postgres", "-T", template, name)
        return self._url(name)

    def __enter__(self) -> "Postgres":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.root}"

    def _ready(self) -> bool:
        if not processes.alive(self._child):
            raise LabError("PostgreSQL ended at its start")
        command = [f"{self._bin}/pg_isready", "-q", "-h", str(self.root)]
        return subprocess.run(command, env=self._env, cwd=self.root).returncode == 0

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [f"{self._bin}/{program}", *arguments], env=self._env, cwd=self.root,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, **self._rights,
        )  # fmt: skip
        if done.returncode:
            raise LabError(f"{program}: {done.stderr.strip()}")


def _newest_programs() -> Path:
    found = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not found:
        raise LabError(MISSING)
    return max(found, key=lambda folder: float(folder.parent.name))
