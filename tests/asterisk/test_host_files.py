"""The PBX around us goes on without our files: missing, unreadable, broken, after a restart.

Asterisk runs as it does on other people's machines: without root's right to read every file.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_callback import config, init
from asterisk_callback.doctor import Finding, Verdict, host_files
from tests.lab import asterisk_base
from tests.lab.pbx import Pbx
from tests.lab.trees import tree
from tests.unit.cli.answers import ANSWERS

pytestmark = pytest.mark.asterisk

# root without this right reads what its mode allows, as any other user; others need no launcher
_AS_OTHERS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


class Host:
    """A company's Asterisk with the lines that `init` prints, in the files that it names."""

    def __init__(self, version: str, folder: Path) -> None:
        init.write(folder, ANSWERS)
        self._configuration = folder / "callback.toml"
        self.pbx = Pbx(tree(version), launcher=_AS_OTHERS if os.geteuid() == 0 else ())
        etc = self.pbx.root / "etc"
        self.files = [etc / path.name for path in (folder / "asterisk").glob("*.conf")]
        self._sources = {path.name: path.read_bytes() for path in (folder / "asterisk").iterdir()
                         if path.suffix == ".conf"}  # fmt: skip
        lines = init.lines_to_add(ANSWERS)
        self.pbx.write(
            {
                "extensions.conf": f"[theirs]\nexten => 1,1,NoOp()\n{lines['extensions.conf']}",
                "manager.conf": f"{asterisk_base.MANAGER}\n{lines['manager.conf']}",
            }
        )

    def heal(self) -> None:
        for file in self.files:
            file.unlink(missing_ok=True)
            file.write_bytes(self._sources[file.name])

    def goes_on(self) -> bool:
        """After a restart, which proves the AMI of others: is their dialplan there?"""
        self.pbx.restart()
        return "[ Context 'theirs'" in self.pbx.cli("dialplan show theirs")

    def examined(self) -> Finding:
        etc = {"ASTERISK_CALLBACK_ASTERISK__ETC": str(self.pbx.root / "etc")}
        (found,) = host_files.check(config.load(self._configuration, etc))
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
    assert host.examined().verdict is Verdict.OK, host.examined()
    for file in host.files:
        file.chmod(0)
    assert host.goes_on() and not host.has_ours()
    assert all(f"read {file} " in host.examined().what for file in host.files), host.examined()
    for file in host.files:
        file.chmod(0o644)
        file.write_text("[callback-agent\nno line of Asterisk's\n#include nowhere.conf\n")
    assert host.goes_on()
    for file in host.files:
        file.unlink()
    assert host.goes_on() and not host.has_ours()
    host.heal()
    assert host.goes_on() and host.has_ours()
