"""How commands fail: one line on stderr that says what to do, exit 1, never a traceback."""

import os
import pwd
import socket
import sqlite3
from pathlib import Path

import pytest

from asterisk_callback.commands.dispatcher_lock import AlreadyRunning, only_dispatcher
from asterisk_callback.config import loading
from tests.unit.cli.conftest import Run


def failure(result: object) -> str:
    assert result.exit_code == 1  # type: ignore[attr-defined]
    (line,) = result.stderr.splitlines()  # type: ignore[attr-defined]
    assert line.startswith("asterisk-callback: ")
    return str(line)


def test_version_and_help(run: Run) -> None:
    assert "asterisk-callback, version" in run("--version").stdout
    out = run("--help").stdout
    for command in ("init", "serve", "web", "dispatcher", "db", "doctor", "requests", "why"):
        assert f"  {command} " in out
        assert run(command, "--help").exit_code == 0


def test_wrong_usage_is_exit_2(run: Run) -> None:
    assert run("nonsense").exit_code == 2
    assert run("why").exit_code == 2


COMMANDS = (
    ["web"],
    ["dispatcher"],
    ["serve"],
    ["db", "status"],
    ["requests", "list"],
    ["why", "1"],
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_configuration(run: Run, tmp_path: Path, command: list[str]) -> None:
    line = failure(run("--config", tmp_path / "none.toml", *command))
    assert "none.toml" in line and "asterisk-callback init" in line


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_database_that_is_down(
    run: Run, folder: Path, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv(
        "ASTERISK_CALLBACK_DATABASE__URL", f"postgresql://u:hidden@127.0.0.1:{port}/x"
    )
    line = failure(run("--config", folder / "callback.toml", *command))
    assert "the database does not answer" in line and "hidden" not in line


@pytest.mark.parametrize(
    ("url", "sentence"),
    [("mysql://x/y", "no other kind of database"), ("callback.db", "must begin with sqlite:///")],
)
def test_a_database_that_we_do_not_speak(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, url: str, sentence: str
) -> None:
    monkeypatch.setenv("ASTERISK_CALLBACK_DATABASE__URL", url)
    assert sentence in failure(run("--config", folder / "callback.toml", "db", "status"))


def test_a_database_without_tables(run: Run, folder: Path) -> None:
    line = failure(run("--config", folder / "callback.toml", "requests", "list"))
    assert "has no tables yet" in line and "db upgrade" in line


def test_a_file_that_is_no_database(run: Run, folder: Path) -> None:
    (folder / "callback.db").write_text("something else " * 100)
    line = failure(run("--config", folder / "callback.toml", "requests", "list"))
    assert "not a database" in line


def test_a_port_that_is_taken(company: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("ASTERISK_CALLBACK_WEB__LISTEN", where)
        for command in ("web", "serve"):
            line = failure(company(command))
            assert "[web] listen" in line and where in line


def test_the_gate_s_port_is_taken(company: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("ASTERISK_CALLBACK_GATE__LISTEN", where)
        result = company("dispatcher")
    assert result.exit_code == 1
    assert "[gate] listen" in result.stderr and where in result.stderr


def test_one_dispatcher_for_one_sqlite_file(company: Run, folder: Path) -> None:
    with only_dispatcher(folder / "callback.db"):
        assert "another dispatcher (process " in failure(company("dispatcher"))
        with (
            pytest.raises(AlreadyRunning),
            only_dispatcher(folder / "callback.db"),
        ):
            pass
    with only_dispatcher(folder / "callback.db"):
        pass


def test_doctor_without_asterisk(
    company: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("ASTERISK_CALLBACK_ASTERISK__PORT", str(port))
    (folder / "callback.toml").chmod(0o644)
    result = company("doctor")
    assert result.exit_code == 1
    assert "Cannot reach Asterisk" in result.stdout
    assert f"chmod o= {folder / 'callback.toml'}" in result.stdout
    assert "Traceback" not in result.output and "\\x1b" not in result.output


def test_doctor_tells_programs_of_a_wrong_configuration(run: Run, folder: Path) -> None:
    import json

    (folder / "callback.toml").write_text("[company]\nzone = 1\n")
    result = run("--config", folder / "callback.toml", "doctor", "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["ok"] is False
    assert any("zone must be text" in one["what"] for one in told["findings"])


def test_backup(company: Run, folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert company("db", "backup", copy).exit_code == 0
    assert copy.stat().st_mode & 0o077 == 0
    tables = sqlite3.connect(copy).execute("SELECT name FROM sqlite_master").fetchall()
    assert ("callback_request",) in tables
    assert "exists already" in failure(company("db", "backup", copy))


def test_backup_of_postgresql_names_its_tool(
    company: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASTERISK_CALLBACK_DATABASE__URL", "postgresql://u:hidden@db/x")
    line = failure(company("db", "backup", tmp_path / "x"))
    assert "pg_dump" in line and "hidden" not in line


def test_customers_numbers_are_for_the_owner_only(company: Run, folder: Path) -> None:
    assert company("requests", "list").exit_code == 0
    assert {path.stat().st_mode & 0o077 for path in folder.glob("callback.db*")} == {0}


@pytest.mark.case("README: db copy takes its url from the environment")
def test_the_other_database_may_come_from_the_environment(
    company: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASTERISK_CALLBACK_COPY_TO", f"sqlite:///{tmp_path}/other.db")
    assert "rows of" in company("db", "copy").stdout
    assert (tmp_path / "other.db").exists() and company("db", "status").exit_code == 0


@pytest.mark.case("recovery: a command as the service's user, said in root's home")
def test_a_folder_that_may_not_be_looked_into_has_no_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0)
    root = os.geteuid() == 0
    if root:
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        assert loading.find(None, {}) in (None, loading.SYSTEM)
    finally:
        if root:
            os.seteuid(0)
        tmp_path.chmod(0o700)
