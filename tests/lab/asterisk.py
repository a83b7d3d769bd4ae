"""One private Asterisk: own folders, own ports, own AMI secret; killed with its Python process."""

import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import asterisk_base, ports, processes
from .ami import Ami
from .speed import scaled
from .trees import Tree
from .waiting import PATIENCE, LabError, until

AMI_USER = "lab"


class Asterisk:
    """A private Asterisk instance on 127.0.0.1.

    `files` are added to, or replace, the base configuration; in them @ROOT@, @SIP@, @AMI@ and
    @SECRET@ are replaced. `root` must be short (the control socket's path has less than 108 bytes);
    without it a folder under /tmp is made, and removed by close(). The ports stay the same over
    restarts. launcher: a command that runs the rest of its line in its own place, such as setpriv.
    """

    def __init__(
        self,
        tree: Tree,
        files: Mapping[str, str],
        root: Path | None = None,
        name: str = "ast",
        options: str = "",
        rtp_ports: int = 200,
        launcher: Sequence[str] = (),
    ) -> None:
        self.tree = tree
        self.name = name
        self._own_root = root is None
        self.root = root or Path(tempfile.mkdtemp(prefix=f"acb-{name}-", dir="/tmp"))
        if len(os.fsencode(self.root / "run/asterisk.ctl")) >= 108:
            raise LabError(f"{self.root} is too long for Asterisk's control socket: use /tmp/xyz")
        self.ami_port, self.sip_port = ports.single(), ports.single()
        self.rtp = ports.lease(rtp_ports)
        self.secret = secrets.token_hex(12)  # the identity check: no other instance knows it
        self.boot_seconds = 0.0
        self._options = options
        self._launcher = tuple(launcher)
        self._ami: Ami | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._command = [str(tree.program), "-C", str(self.root / "etc/asterisk.conf")]
        self.write({"manager.conf": asterisk_base.MANAGER, **asterisk_base.FILES, **files})

    @property
    def ami(self) -> Ami:
        """The tests' own full-rights AMI session of the running instance."""
        if self._ami is None:
            raise LabError(f"Asterisk {self.name} was not started")
        return self._ami

    @property
    def pid(self) -> int:
        """Process id of the running instance."""
        if self._child is None:
            raise LabError(f"Asterisk {self.name} was not started")
        return self._child.pid

    @property
    def log_file(self) -> Path:
        """Asterisk's own full log."""
        return self.root / "var/log/full"

    def write(self, files: Mapping[str, str]) -> None:
        """Write configuration files (a reload is the caller's, by cli())."""
        for folder in asterisk_base.FOLDERS:
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        # Something to hold with: without a file Asterisk logs a warning at each start.
        (self.root / "var/lib/moh/silence.ulaw").write_bytes(b"\xff" * 8000)
        for name, text in files.items():
            file = self.root / "etc" / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(self._fill(text).lstrip("\n"))

    def start(self, timeout: float = PATIENCE) -> "Asterisk":
        """Start and return when it is fully booted and proven to be this instance."""
        if processes.alive(self._child):
            raise LabError(f"Asterisk {self.name} is running already")
        began, offset = time.monotonic(), self._log_size()
        self._child = processes.spawn(
            [*self._launcher, *self._command, "-f"], self.root / "console.log", self.root
        )
        try:
            self._ami = until(self._login, timeout, f"AMI of Asterisk {self.name}")
            self._ami.event("FullyBooted", timeout)
            self._check_transport(offset)
        except LabError as error:
            self.kill()
            raise LabError(f"{error}\n{self.tail()}") from error
        self.boot_seconds = time.monotonic() - began
        return self

    def kill(self) -> None:
        """SIGKILL: no hangup handler runs, no BYE is sent."""
        processes.kill(self._child)
        self._drop_ami()

    def terminate(self, grace: float = 5.0) -> None:
        """SIGTERM: an orderly end (calls are hung up), SIGKILL after `grace` seconds."""
        processes.stop(self._child, signal.SIGTERM, grace)
        self._drop_ami()

    def restart(self) -> "Asterisk":
        """SIGKILL and start on the same ports and folders (AstDB is kept)."""
        self.kill()
        return self.start()

    def freeze(self) -> None:
        """SIGSTOP: sockets stay open, nothing answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT after freeze()."""
        os.kill(self.pid, signal.SIGCONT)

    def close(self) -> None:
        """SIGKILL, which is a second faster, and remove the folder if it was made here."""
        self.kill()
        if self.rtp:
            ports.give_back(self.rtp)
            self.rtp = range(0)
        if self._own_root:
            shutil.rmtree(self.root, ignore_errors=True)

    def running(self) -> bool:
        """True while the process lives (also when frozen)."""
        return processes.alive(self._child)

    def cli(self, command: str, timeout: float = PATIENCE) -> str:
        """Run a console command over the control socket; what it printed."""
        done = subprocess.run(
            [*self._command, "-rx", command],
            capture_output=True,
            text=True,
            timeout=scaled(timeout),
        )
        return done.stdout

    def channels(self) -> list[str]:
        """Names of all live channels."""
        return [p["Channel"] for p in self.ami.listing("CoreShowChannels")]

    def wait_idle(self, timeout: float = PATIENCE) -> None:
        """Return when no channel is left."""
        until(
            lambda: not self.channels(), timeout, f"Asterisk {self.name} to have no channels", 0.05
        )

    def complaints(self) -> list[str]:
        """WARNING and ERROR lines of Asterisk's log."""
        text = self.log_file.read_text(errors="replace")
        return [line for line in text.splitlines() if re.search(r"\] (WARNING|ERROR)\[", line)]

    def tail(self, lines: int = 25) -> str:
        """The end of its log, for messages of failed tests."""
        for path in (self.log_file, self.root / "console.log"):
            if path.exists() and path.stat().st_size:
                return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
        return "(no log)"

    def rss_megabytes(self) -> float:
        """Resident memory in MB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", status)
        return int(found.group(1)) / 1024 if found else 0.0

    def __enter__(self) -> "Asterisk":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _login(self) -> Ami | None:
        if not processes.alive(self._child):
            raise LabError(f"Asterisk {self.name} ended at its start")
        try:
            return Ami(self.ami_port, AMI_USER, self.secret)
        except OSError:
            return None  # not listening yet

    def _check_transport(self, offset: int) -> None:
        # An instance whose SIP port is taken stays alive and only logs it.
        with self.log_file.open("rb") as log:
            log.seek(offset)
            text = log.read().decode("utf-8", "replace")
        if "could not be started" in text or "Address already in use" in text:
            raise LabError(f"a port of Asterisk {self.name} is taken (SIP {self.sip_port})")

    def _log_size(self) -> int:
        return self.log_file.stat().st_size if self.log_file.exists() else 0

    def _drop_ami(self) -> None:
        if self._ami is not None:
            self._ami.close()

    def _fill(self, text: str) -> str:
        values = {
            "ROOT": self.root, "SIP": self.sip_port, "AMI": self.ami_port, "SECRET": self.secret,
            "MODULES": self.tree.modules, "DATA": self.tree.data, "OPTIONS": self._options,
            "SBIN": self.tree.program.parent, "RTP_FIRST": self.rtp[0], "RTP_LAST": self.rtp[-1],
        }  # fmt: skip
        return re.sub(r"@([A-Z_]+)@", lambda m: str(values.get(m.group(1), m.group(0))), text)
