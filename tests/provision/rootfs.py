"""A fresh Debian root file system, made by mmdebstrap, to run the provision script in."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.lab import processes

CHECKOUT = Path(__file__).parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "asterisk-callback"
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
KEPT_FOR = 3 * 24 * 3600  # s; later the base is made anew, so that it is what people have
_BASE = "ca-certificates,debian-archive-keyring"


class RootFs:
    """One suite of Debian below `path`; `close` ends what runs in it and removes it."""

    def __init__(self, suite: str) -> None:
        base = _base(suite)
        self.path = Path(tempfile.mkdtemp(prefix="acb-root-", dir="/var/tmp"))
        self.path.chmod(0o755)
        self._children: list[subprocess.Popen[bytes]] = []
        _run(["tar", "-C", str(self.path), "-xf", str(base)])
        # Nothing that is installed in there may start a server on this machine.
        policy = self.path / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        self._join_network()

    def _join_network(self) -> None:
        """The host's names, proxies and certificates: a company's own are needed in there, too."""
        for name in ("etc/resolv.conf", "etc/hosts"):
            source = Path("/") / name
            if source.exists():
                (self.path / name).unlink(missing_ok=True)
                shutil.copyfile(source, self.path / name)
        lines = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True)
        kept = [line for line in lines.stdout.splitlines() if "::Proxy" in line]
        if BUNDLE.exists():
            shutil.copyfile(BUNDLE, self.path / "etc/host-certificates.crt")
            kept.append('Acquire::https::CaInfo "/etc/host-certificates.crt";')
        (self.path / "etc/apt/apt.conf.d/90host").write_text("\n".join(kept) + "\n")

    def copy_checkout(self, to: str) -> None:
        """What git would hand on: the tracked files and the new ones, none that is ignored."""
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", "-z"],
            cwd=CHECKOUT, capture_output=True, check=True,
        )  # fmt: skip
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (CHECKOUT / name).is_file():
                target = self.path / to.lstrip("/") / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(CHECKOUT / name, target)

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k.lower().endswith("_proxy")}
        kept |= {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        kept |= {"HOME": "/root", "LC_ALL": "C.UTF-8", "PIP_CERT": "/etc/host-certificates.crt"}
        index = os.environ.get("PIP_INDEX_URL") or _pip_setting("global.index-url")
        if index:
            kept["PIP_INDEX_URL"] = index
        return {**kept, **more}

    def run(
        self, *command: str, env: Mapping[str, str] | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run to its end as root, lowest priority; output and errors come back as one text."""
        done = subprocess.run(
            ["nice", "chroot", str(self.path), *command],
            env=self.environment(env or {}), stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=900,
        )  # fmt: skip
        if check and done.returncode != 0:
            raise AssertionError(f"{command[0]} ended with {done.returncode}:\n{done.stdout}")
        return done

    def start(
        self, user: str, command: Sequence[str], env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a server as this user; its output goes to var/log/started.log in there."""
        child = processes.spawn(
            ["chroot", f"--userspec={user}:{user}", str(self.path), *command],
            self.path / "var/log/started.log", self.path, self.environment(env or {}),
        )  # fmt: skip
        self._children.append(child)
        return child

    def log(self) -> str:
        return (self.path / "var/log/started.log").read_text(errors="replace")

    def close(self) -> None:
        for child in reversed(self._children):
            processes.stop(child, signal.SIGTERM, 5.0)
        # Nothing is mounted below it; --one-file-system in case somebody did.
        subprocess.run(["rm", "-rf", "--one-file-system", str(self.path)], check=False)


def _base(suite: str) -> Path:
    """The suite's base system as a tar file, from the mirror that this machine's apt uses."""
    made = CACHE / f"debian-{suite}.tar"
    if made.exists() and time.time() - made.stat().st_mtime < KEPT_FOR:
        return made
    if os.geteuid() != 0:
        raise AssertionError("the provision proof needs root: sudo make test-provision")
    CACHE.mkdir(parents=True, exist_ok=True)
    part = made.with_suffix(f".{os.getpid()}.tar")
    mirror = os.environ.get("DEBIAN_MIRROR") or _mirror()
    _run(
        ["nice", "mmdebstrap", "--variant=minbase", f"--include={_BASE}",
         suite, str(part), mirror]
    )  # fmt: skip
    part.replace(made)
    return made


def _mirror() -> str:
    columns = "$(CREATED_BY) $(COMPONENT) $(RELEASE) $(REPO_URI)"
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", columns],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    for line in targets.stdout.splitlines():
        made_by, component, release, uri = line.split(" ", 3)
        if (made_by, component) == ("Packages", "main") and "-" not in release:
            return uri
    raise AssertionError("this machine's apt knows no Debian mirror: set DEBIAN_MIRROR to one")


def _pip_setting(name: str) -> str:
    found = subprocess.run(
        [str(CHECKOUT / ".venv/bin/python"), "-m", "pip", "config", "get", name],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return found.stdout.strip() if found.returncode == 0 else ""


def _run(command: list[str]) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
