"""users: who may come inside."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from asterisk_callback.cli import cli
from tests.unit.cli.conftest import Run

PASSWORD = "four words in a row"


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n")
    return file


def listed(company: Run) -> dict[str, dict[str, object]]:
    return {one["login"]: one for one in json.loads(company("users", "list", "--json").stdout)}


def test_users(company: Run, password: Path) -> None:
    assert "add one" in company("users", "list").stdout
    added = company(
        "users", "add", "Anna", "--name", "Anna Berg", "--role", "agent", "--queue", "support",
        "--member", "PJSIP/anna", "--password-file", password,
    )  # fmt: skip
    assert (added.exit_code, added.stdout) == (0, "anna is added: agent of support\n")
    linked = company("users", "add", "helen", "--role", "administrator", "--link")
    assert "/welcome/" in linked.stdout
    found = listed(company)
    assert found["anna"]["grants"] == [{"role": "agent", "queue": "support"}]
    assert (found["anna"]["member"], found["anna"]["password"]) == ("PJSIP/anna", True)
    assert found["helen"]["password"] is False
    assert "anna  Anna Berg: agent of support, PJSIP/anna" in company("users", "list").stdout
    assert PASSWORD not in company("users", "list", "--json").stdout

    assert "supervisor of every queue" in company("users", "grant", "anna", "supervisor").stdout
    assert "as before" in company("users", "grant", "anna", "supervisor").stdout
    assert company("users", "revoke", "anna", "supervisor").stdout == "anna: agent of support\n"
    assert company("users", "passwd", "anna", "--password-file", password).exit_code == 0
    assert company("users", "disable", "anna").stdout == "anna is disabled\n"
    assert "as before" in company("users", "disable", "anna").stdout
    assert listed(company)["anna"]["disabled_at"] is not None
    assert company("users", "disable", "anna", "--undo").stdout == "anna may sign in\n"
    assert "as before" in company("users", "totp-off", "anna").stdout


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (["add", "an na"], "A login name has"),
        (["add", "anna", "--queue", "nowhere", "--role", "agent"], "no callback queue"),
        (["add", "anna", "--queue", "support", "--role", "administrator"], "of every queue"),
        (["add", "anna", "--member", "PJSIP/a&PJSIP/b"], "queue member"),
        (["add", "anna", "--member", "PJSIP/a\r\nAction: x"], "queue member"),
        (["add", "anna", "--name", "x" * 81], "up to 80"),
        (["passwd", "nobody"], "there is no user 'nobody'"),
        (["grant", "nobody", "agent"], "there is no user 'nobody'"),
    ],
)
def test_what_is_refused(company: Run, password: Path, line: list[str], sentence: str) -> None:
    given = ["--password-file", password] if line[0] in ("add", "passwd") else []
    result = company("users", *line, *given)
    assert result.exit_code == 1 and sentence in result.stderr
    assert listed(company) == {}


def test_the_last_administrator_stays(company: Run, password: Path) -> None:
    given = ["--role", "administrator", "--password-file", password]
    assert company("users", "add", "anna", *given).exit_code == 0
    for line in (["disable", "anna"], ["revoke", "anna", "administrator"]):
        result = company("users", *line)
        assert result.exit_code == 1 and "the only administrator" in result.stderr
    assert company("users", "add", "ben", *given).exit_code == 0
    assert company("users", "disable", "anna").exit_code == 0


def test_passwords_come_from_a_file_or_standard_input(
    company: Run, folder: Path, tmp_path: Path
) -> None:
    asked = company("users", "add", "anna")
    assert asked.exit_code == 1 and "--password-file" in asked.stderr
    short = tmp_path / "short"
    short.write_text("short")
    refused = company("users", "add", "anna", "--password-file", short)
    assert refused.exit_code == 1 and "at least 12" in refused.stderr
    assert listed(company) == {}
    line = ["--config", str(folder / "callback.toml"), "users", "add", "anna", "--password-file=-"]
    assert CliRunner().invoke(cli, line, input=PASSWORD + "\n").exit_code == 0
    assert listed(company)["anna"]["password"] is True
