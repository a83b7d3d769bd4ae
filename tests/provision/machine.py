"""A provisioned root file system with its two servers running, as systemd would run them."""

import configparser
import json
import urllib.request
from pathlib import Path
from typing import Any

from tests.lab import ports
from tests.lab.waiting import PATIENCE, until
from tests.provision.rootfs import RootFs

CONFIG = "/etc/asterisk-callback/callback.toml"


class Machine:
    """All its ports are free ones of 127.0.0.1, for it shares the network with this machine."""

    def __init__(self, suite: str) -> None:
        self.root = RootFs(suite)
        self.sip, self.ami, self.gate, self.web = (ports.single() for _ in range(4))
        rtp = ports.lease(20)
        self._knobs = {
            "SIP_LISTEN": f"127.0.0.1:{self.sip}",
            "AMI_PORT": str(self.ami),
            "GATE_LISTEN": f"127.0.0.1:{self.gate}",
            "WEB_LISTEN": f"127.0.0.1:{self.web}",
            "BASE_URL": f"http://127.0.0.1:{self.web}",
            "RTP_FIRST": str(rtp[0]),
            "RTP_LAST": str(rtp[-1]),
        }
        self.root.copy_checkout("/vagrant")

    def provision(self) -> str:
        """Runs the script; returns what it printed."""
        return self.root.run("bash", "/vagrant/scripts/provision.sh", env=self._knobs).stdout

    def start(self) -> None:
        """Starts what the units would start, with their own command lines, until both answer."""
        for name in ("asterisk", "asterisk-callback"):
            user, command = self._unit(name)
            self.root.start(user, command, {"HOME": f"/var/lib/{name}"})
        until(lambda: self.cli("core waitfullybooted") == 0, PATIENCE, "Asterisk to boot", 0.2)
        until(self._ready, PATIENCE, f"the service to be ready; it said:\n{self.root.log()}", 0.2)

    def cli(self, command: str) -> int:
        return self.root.run("asterisk", "-rx", command, check=False).returncode

    def ours(self, *arguments: str, check: bool = True) -> str:
        """`asterisk-callback` as root, as an admin would call it."""
        return self.root.run(
            "asterisk-callback", "--config", CONFIG, *arguments, check=check
        ).stdout

    def doctor(self) -> list[dict[str, Any]]:
        """What it found, each with check, verdict, what and mend."""
        return list(json.loads(self.ours("doctor", "--json", check=False))["findings"])

    def password(self, user: str) -> str:
        lines = self.file("/etc/asterisk-callback/phones.txt").read_text().split()
        return lines[lines.index(user) + 1]

    def file(self, path: str) -> Path:
        return self.root.path / path.lstrip("/")

    def close(self) -> None:
        self.root.close()

    def _unit(self, name: str) -> tuple[str, list[str]]:
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.optionxform = str  # type: ignore[assignment,method-assign]
        unit.read(self.file(f"/etc/systemd/system/{name}.service"))
        return unit["Service"]["User"], unit["Service"]["ExecStart"].split()

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.web}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
