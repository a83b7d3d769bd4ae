"""The product on somebody else's PBX, installed as the README says: by its own `init`."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.lab import deployment_files
from tests.lab.bed import Bed
from tests.lab.deployment import Deployment
from tests.lab.pbx import Queue
from tests.lab.waiting import LabError
from tests.wild import other_user
from tests.wild.place import Place, WildBed, copy_prompts

_INCLUDE = re.compile(r"#(?:try)?include [a-z_]+\.conf")


class Installed(Deployment):
    """A Deployment whose files come from `asterisk-callback init`, put where `place` wants them.

    What the tests change of the configuration: limits that would stop them, and times.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        super().__init__(place.version, queues=place.queues, agents=place.agents)

    def _make_bed(self, queues: Sequence[Queue], agents: Sequence[str]) -> Bed:
        bed = WildBed(self.place, self.folder)
        etc, ours = bed.pbx.root / "etc", self.folder / "asterisk"
        if self.place.other_user:
            other_user.give(bed.pbx.root)
            where = ("--asterisk-etc", str(etc), "--sounds", f"{self.folder}/data/sounds/en")
            self._init(bed.pbx.ami_port, "--install", "--add-includes", *where)
            return bed
        said = self._init(bed.pbx.ami_port)
        for file in ours.glob("*.conf"):
            shutil.copy(file, etc)
        copy_prompts(ours / "sounds/en", self.folder / "data")
        lines = list(dict.fromkeys(_INCLUDE.findall(said)))
        if len(lines) < 3:
            raise LabError(f"init names no lines to include:\n{said}")
        for line in lines:
            target = self.place.manager if "manager" in line else self.place.dialplan
            with (etc / target).open("a") as out:
                out.write(f"\n{line}\n")
        return bed

    def gates(self, first: int, second: int | None = None, seconds: int | None = None) -> None:
        """As on the lab's PBX; but the file is where an administrator has put it."""
        file = self.bed.pbx.root / "etc/callback_settings.conf"
        text = re.sub(r"agi://127.0.0.1:[0-9]+/", f"agi://127.0.0.1:{first}/", file.read_text())
        file.write_text(text)
        self.bed.pbx.cli("dialplan reload")
        self._changed_gates = True

    def _init(self, ami_port: int, *more: str) -> str:
        addresses = [
            *("--listen", f"127.0.0.1:{self.web_port}", "--gate", f"127.0.0.1:{self.gate_port}"),
            *("--ami", f"127.0.0.1:{ami_port}"),
        ]
        return command("init", str(self.folder), *self.place.init, *addresses, *more)

    def _write_configuration(self, url: str, ami: int, settings: Mapping[str, Any]) -> None:
        written = tomllib.loads(self.config_file.read_text())
        lab = deployment_files.settings(
            self.folder, url, self.web_port, self.gate_port, ami, self.ami_secret
        )
        ours = {
            "company": {"permitted": "00:00-24:00"},
            "database": {"url": url},
            "limits": lab["limits"],
            "asterisk": {"timings": lab["asterisk"]["timings"]},
            "dispatcher": lab["dispatcher"],
        }
        changed = deployment_files.merged(
            deployment_files.merged(written, ours), self.place.settings
        )
        self.config_file.write_text(deployment_files.toml(changed))


def command(*arguments: str) -> str:
    """What `asterisk-callback` prints; LabError if it does not end well."""
    done = subprocess.run(
        [sys.executable, "-m", "asterisk_callback", *arguments],
        capture_output=True, text=True, cwd=deployment_files.REPOSITORY,
    )  # fmt: skip
    if done.returncode:
        raise LabError(f"asterisk-callback {' '.join(arguments)}: {done.stdout}{done.stderr}")
    return done.stdout


def init_knows(option: str) -> bool:
    """True if `init` has the option: the tests also run on trees of before."""
    return option in command("init", "--help")


def data_folder(lab: Deployment) -> Path:
    """Where that PBX has its sounds."""
    return lab.bed.pbx.tree.data
