"""A file that root once made is one that the service can't write: doctor says so, run as root."""

import os
import pwd
from pathlib import Path

import pytest

from asterisk_callback.doctor import CheckStatus, service_user
from asterisk_callback.doctor.asterisk_user import AsteriskUser
from tests.unit.cli.conftest import Run

pytestmark = pytest.mark.case("CASES 6: run as root, doctor judges as the service's user")

_US, _GROUP = os.getuid(), os.getgid()
US = AsteriskUser(name="us", group="us", uid=_US, groups=frozenset({_GROUP}))
SERVICE = AsteriskUser(name="callback", group="voip", uid=_US + 1, groups=frozenset({_GROUP + 1}))
MEMBER = AsteriskUser(name="callback", group="voip", uid=_US + 1, groups=frozenset({_GROUP}))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    made = tmp_path / "callback.db"
    for name in ("callback.db", "callback.db-wal"):
        (tmp_path / name).write_bytes(b"")
        (tmp_path / name).chmod(0o660)
    tmp_path.chmod(0o770)
    return made


def test_whose_files_they_are(database: Path) -> None:
    assert service_user.judged(database, None, US).verdict is CheckStatus.OK
    assert service_user.judged(database, None, MEMBER).verdict is CheckStatus.OK
    found = service_user.judged(database, None, SERVICE)
    assert found.verdict is CheckStatus.WRONG
    assert f"may not write {database} (" in found.what and f"{database}-wal" in found.what
    assert f"chown callback:voip {database.parent} {database}" in found.mend


@pytest.mark.parametrize(("name", "mode"), [("", 0o750), ("callback.db", 0o640)])
def test_what_a_group_may_only_read(database: Path, name: str, mode: int) -> None:
    (database.parent / name).chmod(mode)
    found = service_user.judged(database, None, MEMBER)
    assert found.verdict is CheckStatus.WRONG and found.what.count("may not write") == 1


def test_a_configuration_that_it_may_not_read(database: Path) -> None:
    file = database.with_name("callback.toml")
    file.write_text("")
    file.chmod(0o600)
    found = service_user.judged(None, file, MEMBER)
    assert found.verdict is CheckStatus.WRONG and "may not" in found.what


def test_who_it_is(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, units = database.with_name("callback.toml"), database.with_name("units")
    units.mkdir()
    monkeypatch.setattr(service_user, "UNITS", (units,))
    owner = service_user.find(database, file)
    assert owner is not None and owner.uid == database.parent.stat().st_uid
    assert service_user.find(None, file) is None
    unit = units / "asterisk-callback.service"
    for told, expected in ((file, "nobody"), (database, None)):
        unit.write_text(f"[Service]\nUser=nobody\nExecStart=/opt/x --config {told} serve\n")
        found = service_user.find(None, file)
        assert (found.name if found else None) == expected


@pytest.mark.case("CASES 6: a wrong owner of a file")
def test_what_root_makes_is_its_folders_owners(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    assert run("init", folder, "--caller-id", "+442079460000").exit_code == 0
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    assert run("--config", folder / "callback.toml", "db", "upgrade").exit_code == 0
    assert (folder / "callback.db").stat().st_uid == folder.stat().st_uid
