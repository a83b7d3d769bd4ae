"""A throw-away pgbouncer in transaction mode before a throw-away PostgreSQL; a unix socket only."""

import os
import pwd
import shutil
import signal
import socket
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from . import processes
from .postgres import Postgres
from .waiting import PATIENCE, LabError, until

MISSING = "pgbouncer is missing: apt-get install --no-install-recommends pgbouncer"
_PORT = 6432  # a part of the socket's name; nobody listens on it


class PgBouncer:
    """Each transaction gets another connection of the server if it can: a handful serve all."""

    def __init__(self, server: Postgres) -> None:
        program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")
        if program is None:
            raise LabError(MISSING)
        self.root = Path(tempfile.mkdtemp(prefix="acb-pgb-", dir="/tmp"))
        (self.root / "users").write_text('"postgres" ""\n')
        (self.root / "ini").write_text(
            f"[databases]\n* = host={server.root}\n"
            f"[pgbouncer]\nunix_socket_dir = {self.root}\nlisten_port = {_PORT}\n"
            f"auth_type = trust\nauth_file = {self.root}/users\npool_mode = transaction\n"
            "default_pool_size = 20\nserver_round_robin = 1\n"
        )
        rights: dict[str, Any] = {}
        if os.geteuid() == 0:  # it refuses to run as root
            user = pwd.getpwnam("postgres")
            rights = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            for path in (self.root, *self.root.iterdir()):
                os.chown(path, user.pw_uid, user.pw_gid)
        command = [program, str(self.root / "ini")]
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.root)}
        self._child = processes.spawn(command, self.root / "log", self.root, environment, **rights)
        until(self._ready, PATIENCE, "pgbouncer to accept connections", 0.03)

    def url(self, direct: str) -> str:
        """The way to the same database through it."""
        return (
            make_url(direct)
            .update_query_dict({"host": str(self.root), "port": str(_PORT)})
            .render_as_string(hide_password=False)
        )

    def close(self) -> None:
        processes.stop(self._child, signal.SIGINT, 10.0)
        shutil.rmtree(self.root, ignore_errors=True)

    def _ready(self) -> bool:
        if not processes.alive(self._child):
            raise LabError("pgbouncer ended at its start\n" + (self.root / "log").read_text())
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(f"{self.root}/.s.PGSQL.{_PORT}") == 0
