"""users: who may come inside."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from asterisk_callback import bootstrap, config
from asterisk_callback.cli import cli
from asterisk_callback.doctor import CheckStatus, Finding, database
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.queue_member import Member
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


def at_work(folder: Path, *interfaces: str) -> None:
    """As a dispatcher writes it down."""
    settings = config.load(folder / "callback.toml", {})
    store = bootstrap.store(settings)
    queue = settings.queues["support"].asterisk_queue
    members = [Member(asterisk_queue=queue, interface=one, name=one[6:]) for one in interfaces]
    with store.writing() as tx:
        tx.servers.put_queue_facts(settings.asterisk.name, queue, QueueStatus(known=True))
        tx.queue_members.replace(settings.asterisk.name, queue, members)
    store.close()


def test_the_queue_member(company: Run, folder: Path, password: Path) -> None:
    company("users", "add", "anna", "--role", "agent", "--password-file", password)
    company("users", "add", "ben", "--member", "PJSIP/ben", "--password-file", password)
    assert company("users", "member", "anna").stdout == "anna: no queue member\n"
    assert "no dispatcher runs" in company("users", "member", "anna").stderr
    at_work(folder, "PJSIP/anna", "PJSIP/ben")
    mistyped = company("users", "member", "anna", "PJSIP/ana")
    assert (mistyped.exit_code, mistyped.stdout) == (0, "anna: PJSIP/ana\n")
    assert "no Asterisk queue knows PJSIP/ana right now" in mistyped.stderr
    assert "PJSIP/anna  anna\n" in mistyped.stderr
    assert "PJSIP/ben  ben, ben's\n" in mistyped.stderr
    right = company("users", "member", "anna", "PJSIP/anna")
    assert (right.stdout, right.stderr) == ("anna: PJSIP/anna\n", "")
    assert "PJSIP/anna" in company("users", "list").stdout
    refused = company("users", "member", "anna", "PJSIP/ben")
    assert refused.exit_code == 1 and "PJSIP/ben" not in company("users", "member", "anna").stdout
    assert company("users", "member", "anna", "PJSIP/a", "--none").exit_code == 1
    assert company("users", "member", "anna", "PJSIP/a&b").exit_code == 1
    assert company("users", "member", "anna", "Local/0900@out/n").exit_code == 1
    paid = ("users", "add", "carl", "--member", "DAHDI/g0/0900", "--password-file", password)
    assert company(*paid).exit_code == 1
    assert company("users", "member", "anna", "--none").stdout == "anna: no queue member\n"
    assert listed(company)["anna"]["member"] is None


def found(folder: Path) -> dict[str, Finding]:
    settings = config.load(folder / "callback.toml", {})
    return {one.check: one for one in database.check(settings)}


def test_what_the_doctor_says_of_accounts(company: Run, folder: Path, password: Path) -> None:
    company("users", "list")
    assert found(folder)["accounts.administrator"].verdict is CheckStatus.WARNING
    company("users", "add", "helen", "--role", "administrator", "--password-file", password)
    assert found(folder)["accounts.administrator"].verdict is CheckStatus.OK
    assert not [one for one in found(folder) if one.startswith("accounts.member")]
    company("users", "add", "anna", "--member", "PJSIP/ana", "--password-file", password)
    assert found(folder)["accounts.member"].verdict is CheckStatus.SKIPPED
    at_work(folder, "PJSIP/anna")
    strange = found(folder)["accounts.member.anna"]
    assert strange.verdict is CheckStatus.WARNING
    assert "PJSIP/ana" in strange.what and "logged out" in strange.what
    assert "users member anna" in strange.mend
    company("users", "member", "anna", "PJSIP/anna")
    assert found(folder)["accounts.member"].verdict is CheckStatus.OK
    text = (folder / "callback.toml").read_text()
    barring = text.replace("[asterisk]", '[asterisk]\nmembers = ["SIP/*"]')
    (folder / "callback.toml").write_text(barring)
    barred = found(folder)["accounts.phone.anna"]
    assert barred.verdict is CheckStatus.WRONG and "calls may not go to PJSIP/anna" in barred.what
