"""doctor reads our files as Asterisk's user would: each folder on the way, then the file."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_callback import config
from asterisk_callback.doctor import CheckStatus, Finding, asterisk_user, host_files
from asterisk_callback.doctor.asterisk_user import AsteriskUser
from tests.unit.cli.conftest import Run

pytestmark = pytest.mark.case("CASES 5: doctor reads them as Asterisk's user would")

_US = (os.getuid(), os.getgid())
STRANGER = AsteriskUser(
    name="asterisk", group="voip", uid=_US[0] + 1, groups=frozenset({_US[1] + 1})
)
COLLEAGUE = AsteriskUser(name="asterisk", group="voip", uid=_US[0] + 1, groups=frozenset({_US[1]}))


@pytest.fixture
def etc() -> Iterator[Path]:
    """A folder that everybody may enter, which a test's own folder is not."""
    with tempfile.TemporaryDirectory(prefix="acb-etc-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def file(folder: Path, name: str, mode: int) -> Path:
    made = folder / name
    made.write_text("")
    made.chmod(mode)
    return made


@pytest.mark.parametrize(
    ("user", "mode", "reads"),
    [
        (STRANGER, 0o644, True), (STRANGER, 0o640, False), (COLLEAGUE, 0o640, True),
        (COLLEAGUE, 0o600, False), (COLLEAGUE, 0o604, False),
    ],
)  # fmt: skip
def test_the_mode_of_a_file(etc: Path, user: AsteriskUser, mode: int, reads: bool) -> None:
    made = file(etc, "manager_callback.conf", mode)
    found = host_files.blocked(made, user)
    assert (found is None) == reads
    if found:
        assert f"may not read {made} (" in found.said and f", mode {mode:o})" in found.said
        assert found.mend == f"chgrp voip {made} && chmod 640 {made}"


def test_the_folder_on_the_way_and_what_is_no_secret(etc: Path) -> None:
    made = file(etc, "extensions_callback_north.conf", 0o640)
    found = host_files.blocked(made, STRANGER)
    assert found is not None and found.mend == f"chmod 644 {made}"
    etc.chmod(0o750)
    assert host_files.blocked(made, COLLEAGUE) is None
    found = host_files.blocked(made, STRANGER)
    assert found is not None and found.path == etc
    assert f"may not enter {etc} (" in found.said and found.mend.startswith("chgrp voip ")


def findings(etc: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Finding:
    monkeypatch.setenv("ASTERISK_CALLBACK_ASTERISK__ETC", str(etc))
    (found,) = host_files.check(config.load(folder / "callback.toml", os.environ))
    return found


def test_files_of_an_installation_and_their_user(
    run: Run, etc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, made = etc / "data", tmp_path / "made"
    (etc / "asterisk.conf").write_text(
        "[directories]\nastetcdir => /x\n"
        f"astdatadir => {data} ; ours\n[options]\nrunuser = nobody ; theirs\n"
    )
    place = ["--install", "--asterisk-etc", etc, "--sounds", data / "sounds/en"]
    assert run("init", made, *place, "--instance", "north").exit_code == 0
    assert config.load(made / "callback.toml", {}).asterisk.etc == etc  # init has written it down
    (etc / "manager_callback_north.conf").chmod(0o600)
    (data / "sounds/en/callback/busy.gsm").chmod(0o600)
    found = findings(etc, made, monkeypatch)
    assert found.verdict is CheckStatus.WRONG
    assert "Asterisk runs as nobody and may not read" in found.what
    assert "manager_callback_north.conf" in found.mend and "busy.gsm" in found.mend
    assert "extensions_callback_north.conf" not in found.what

    (etc / "asterisk.conf").write_text("[options]\n;runuser = nobody\n")
    assert findings(etc, made, monkeypatch).verdict is CheckStatus.SKIPPED
    assert findings(etc / "none", made, monkeypatch).verdict is CheckStatus.SKIPPED


def test_a_user_by_its_process() -> None:
    status = Path("/proc/self/status").read_text()
    us = asterisk_user.of_process(status)
    assert (us.uid, set(os.getgroups()) <= us.groups) == (os.geteuid(), True)
    without = "".join(
        "CapEff:\t0000000000000000\n" if line.startswith("CapEff") else line
        for line in status.splitlines(keepends=True)
    )
    assert not asterisk_user.of_process(without).reads_all
