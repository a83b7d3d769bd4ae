"""The PBX around us goes on without our files: missing, unreadable, broken, after a restart.

Asterisk runs as it does on other people's machines: without root's right to read every file.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from asterisk_callback import config
from asterisk_callback.commands import init_files
from asterisk_callback.doctor import CheckStatus, Finding
from tests.lab import asterisk_base
from tests.lab.pbx import Pbx
from tests.lab.trees import tree
from tests.unit.cli.answers import ANSWERS

pytestmark = pytest.mark.asterisk

# root without this right reads what its mode allows, as any other user; others need no launcher
_AS_OTHERS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
THEIRS = "[theirs]\nexten => 1,1,NoOp()\n"
README = (Path(__file__).resolve().parents[2] / "README.md").read_text()


class Host:
    """A company's Asterisk with the lines that `init` prints, in the files that it names."""

    def __init__(self, version: str, folder: Path) -> None:
        init_files.write(folder, ANSWERS)
        self.folder = folder
        self.pbx = Pbx(tree(version), launcher=_AS_OTHERS if os.geteuid() == 0 else ())
        etc = self.pbx.root / "etc"
        self.files = [etc / path.name for path in (folder / "asterisk").glob("*.conf")]
        self._sources = {path.name: path.read_bytes() for path in (folder / "asterisk").iterdir()
                         if path.suffix == ".conf"}  # fmt: skip
        self.include(init_files.lines_to_add(ANSWERS))

    def include(self, lines: Mapping[str, str]) -> None:
        """The company's own files, with these lines at their ends."""
        self.pbx.write(
            {
                "extensions.conf": THEIRS + lines.get("extensions.conf", ""),
                "manager.conf": f"{asterisk_base.MANAGER}\n{lines.get('manager.conf', '')}",
            }
        )

    def heal(self) -> None:
        self.include(init_files.lines_to_add(ANSWERS))
        for file in self.files:
            file.unlink(missing_ok=True)
            file.write_bytes(self._sources[file.name])

    def goes_on(self) -> bool:
        """After a restart, which proves the AMI of others: is their dialplan there?"""
        self.pbx.restart()
        return "[ Context 'theirs'" in self.pbx.cli("dialplan show theirs")

    def examined(self) -> Finding:
        from asterisk_callback.doctor import host_files  # not on top: before.sh's products lack it

        etc = {"ASTERISK_CALLBACK_ASTERISK__ETC": str(self.pbx.root / "etc")}
        (found,) = host_files.check(config.load(self.folder / "callback.toml", etc))
        return found

    def has_ours(self) -> bool:
        return "[ Context 'callback-agent'" in self.pbx.cli("dialplan show callback-agent")


@pytest.fixture(scope="module", params=["22", pytest.param("16", marks=pytest.mark.thorough)])
def host(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Host]:
    made = Host(request.param, tmp_path_factory.mktemp("host"))
    try:
        yield made
    finally:
        made.pbx.close()


@pytest.mark.case("CASES 5: our file is missing, unreadable or broken at a restart of Asterisk")
def test_the_rest_of_the_pbx_goes_on_without_our_files(host: Host) -> None:
    host.heal()
    assert host.goes_on() and host.has_ours()
    for file in host.files:
        file.chmod(0)
    assert host.goes_on() and not host.has_ours()
    for file in host.files:
        file.chmod(0o644)
        file.write_text("[callback-agent\nno line of Asterisk's\n#include nowhere.conf\n")
    assert host.goes_on()
    for file in host.files:
        file.unlink()
    assert host.goes_on() and not host.has_ours()
    host.heal()
    assert host.goes_on() and host.has_ours()


@pytest.mark.case("CASES 5: doctor reads them as Asterisk's user would, whose process it finds")
def test_doctor_names_what_this_asterisk_may_not_read(host: Host) -> None:
    host.heal()
    if not host.pbx.running():
        host.pbx.start()
    assert host.examined().verdict is CheckStatus.OK, host.examined()
    for file in host.files:
        file.chmod(0)
    assert all(f"read {file} " in host.examined().what for file in host.files), host.examined()


def uninstall(root: Path, pbx: Pbx) -> list[str]:
    """README's commands, on a machine whose files are below `root`; what it said to systemd and
    of users."""
    text = re.search(r"\n\*\*Uninstall\.\*\*.*(?:\n.+)*\n\n((?:    .+\n)+)", README)
    assert text is not None
    commands = re.sub(r"(?<=\s)/(?=\w)", f"{root}/", text[1])
    assert all(path.startswith(str(root)) for path in re.findall(r"(?<!\S)/\S+", commands))
    program = f"{pbx.tree.program} -C {pbx.root}/etc/asterisk.conf"
    stands_in = f"""set -e
        asterisk() {{ {program} "$@" >>{root}/asterisk.log; }}
        systemctl() {{ echo systemctl "$@"; }}
        userdel() {{ echo userdel "$@"; }}
    """
    done = subprocess.run(
        ["bash", "-c", stands_in + commands], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.case("CASES 5: an uninstall is described and complete")
def test_nothing_is_left_after_the_uninstall_of_the_readme(host: Host, tmp_path: Path) -> None:
    from asterisk_callback.commands.init_files import (
        placing,  # not on top: before.sh's products lack it
    )

    host.heal()
    for folder in ("etc/systemd/system", "etc/asterisk-callback", "opt/asterisk-callback",
                   "var/lib/asterisk-callback"):  # fmt: skip
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "etc/systemd/system/asterisk-callback.service").touch()
    (tmp_path / "etc/asterisk").symlink_to(host.pbx.root / "etc")
    sounds = tmp_path / "usr/share/asterisk/sounds/en"
    placed = placing.place(host.folder / "asterisk", tmp_path / "etc/asterisk", sounds, "none")
    assert len(list(placed)) == len(host.files) + 1 and any(sounds.rglob("busy.*"))
    assert host.goes_on() and host.has_ours()
    for family in ("callback", "callback-witness", "callback-north"):
        host.pbx.cli(f"database put {family} key value")
    assert has_user(host.pbx)

    host.include({})  # "Take our lines out"
    said = uninstall(tmp_path, host.pbx)
    assert said == ["systemctl disable --now asterisk-callback", "userdel asterisk-callback"]
    left = [*tmp_path.rglob("*callback*"), *(host.pbx.root / "etc").rglob("*callback*")]
    assert left == []
    assert not host.has_ours() and "[ Context 'theirs'" in host.pbx.cli("dialplan show theirs")
    contexts = re.findall(r"Context '(\S*callback\S*)'", host.pbx.cli("dialplan show"))
    assert contexts == [] and not has_user(host.pbx)
    families = host.pbx.cli("database show")
    assert "/callback/" not in families and "/callback-witness/" not in families
    assert "/callback-north/key" in families  # another installation's


def has_user(pbx: Pbx) -> bool:
    return "callback" in pbx.cli("manager show users").split()
