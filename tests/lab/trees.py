"""Where an Asterisk program and its modules are: an unpacked Debian tree, or the host's own."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .waiting import LabError

SCRIPT = Path(__file__).with_name("get-asterisk.sh")


@dataclass(frozen=True, slots=True)
class Tree:
    """A program to run, and its folders for modules, data (sounds) and programs."""

    program: Path
    modules: Path
    data: Path
    version: str


def tree(version: str) -> Tree:
    """The Asterisk of `version`: "22", "16" (unpacked when needed, about 10 s) or "host" (PATH).

    LabError names cause and mend.
    """
    if version == "host":
        return _host()
    folder = _cache() / f"asterisk-{version}"
    done = subprocess.run([str(SCRIPT), version, str(folder)], capture_output=True, text=True)
    if done.returncode:
        raise LabError(done.stderr.strip() or f"{SCRIPT.name} ended with {done.returncode}")
    modules = folder / (folder / "MODULES_DIR").read_text().strip()
    return Tree(folder / "asterisk", modules, folder / "usr/share/asterisk", version)


def host_has_asterisk() -> bool:
    """True if an Asterisk is on PATH (sbin included)."""
    return _on_path() is not None


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "asterisk-callback"


def _on_path() -> str | None:
    return shutil.which("asterisk", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def _host() -> Tree:
    program = _on_path()
    if program is None:
        raise LabError("no asterisk on PATH: install one, or use the unpacked version 22")
    modules = _first("modules", "/usr/lib/*/asterisk/modules/app_dial.so",
                     "/usr/lib/asterisk/modules/app_dial.so",
                     "/usr/lib64/asterisk/modules/app_dial.so",
                     "/usr/local/lib*/asterisk/modules/app_dial.so")  # fmt: skip
    data = _first("sounds", "/usr/share/asterisk/sounds", "/var/lib/asterisk/sounds")
    return Tree(Path(program), modules, data, "host")


def _first(what: str, *patterns: str) -> Path:
    for pattern in patterns:
        for found in sorted(Path("/").glob(pattern.lstrip("/"))):
            return found.parent
    raise LabError(f"the host's Asterisk has no {what} in the usual folders: use version 22")
