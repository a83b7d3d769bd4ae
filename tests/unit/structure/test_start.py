"""What a process imports before it does anything: memory that it has for good, and most of a start.

Each is asked in an interpreter of its own.
"""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from asterisk_callback.cli import _COMMANDS, cli
from asterisk_callback.commands.forked import Forked
from tests.lab import deployment_files

ROOT = Path(__file__).resolve().parents[3]

HELP = """
import sys
from asterisk_callback.cli import main
sys.argv = ["asterisk-callback", {option!r}]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
"""
SETTINGS = """
from pathlib import Path
from asterisk_callback import bootstrap, config
settings = config.load(Path({file!r}), {{}})
store = bootstrap.store(settings)
"""
DISPATCHER = SETTINGS + "import asterisk_callback.commands.serve\n"
DISPATCHER += "bootstrap.dispatcher(settings, store)\nbootstrap.outbox_threads(settings, store)\n"
WEB = SETTINGS + "bootstrap.web_app(settings, store)\n"
SERVE = "import asterisk_callback.commands.serve, asterisk_callback.commands.process_supervisor\n"

# Of the standard library: a list of it, and TLS, take as long as a small command.
SLOW = {"asyncio", "email", "sqlite3", "ssl"}
OURS_TO_ASK = {"alembic", "argon2", "apscheduler", "flask", "panoramisk", "phonenumbers"}
OURS_TO_ASK |= {"psycopg", "pydantic", "sqlalchemy"}


def imported(code: str, *, at: Path = ROOT) -> set[str]:
    """The packages, and the modules of ours, that it has afterwards."""
    last = "\nimport sys\nprint(*sys.modules, file=sys.stderr)\n"
    done = subprocess.run(
        [sys.executable, "-c", code + last], cwd=at, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    modules = done.stderr.split()
    return {one.partition(".")[0] for one in modules} | {
        one for one in modules if one.startswith("asterisk_callback.")
    }


@pytest.fixture
def configured(tmp_path: Path) -> str:
    values = deployment_files.settings(
        tmp_path, f"sqlite:///{tmp_path}/callback.db", 8080, 4574, 5038, "x"
    )
    file = tmp_path / "callback.toml"
    file.write_text(deployment_files.toml(values))
    return str(file)


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_waits_for_nothing_but_click(option: str) -> None:
    assert not imported(HELP.format(option=option)) & (SLOW | OURS_TO_ASK)


def test_the_supervisor_has_neither_web_nor_doctor() -> None:
    found = imported(SERVE)
    assert not found & {"alembic", "argon2", "flask", "flask_app", "holidays", "jinja2", "werkzeug"}
    assert "asterisk_callback.doctor" not in found


def test_the_dispatcher_knows_no_web(configured: str) -> None:
    found = imported(DISPATCHER.format(file=configured))
    assert {"apscheduler", "panoramisk", "sqlalchemy"} <= found
    assert not found & {"alembic", "argon2", "flask", "flask_app", "flask_babel", "holidays"}
    assert not found & {"icalendar", "jinja2", "psycopg", "segno", "werkzeug"}


def test_the_web_knows_no_asterisk(configured: str) -> None:
    found = imported(WEB.format(file=configured))
    assert {"flask", "sqlalchemy"} <= found
    assert not found & {"alembic", "apscheduler", "panoramisk", "psycopg"}
    assert not [one for one in found if one.startswith("asterisk_callback.telephony")]
    assert not [one for one in found if one.startswith("asterisk_callback.dispatcher")]


@pytest.mark.parametrize("name", _COMMANDS)
def test_help_says_of_a_command_what_the_command_says(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert _COMMANDS[name][1] == command.get_short_help_str(1000)


def test_what_a_fork_shares_is_frozen_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the first collection of each child writes to all of its pages."""
    told: list[str] = []

    def fork() -> int:
        told.append("forked")
        return 4711

    monkeypatch.setattr("gc.freeze", lambda: told.append("frozen"))
    monkeypatch.setattr("os.fork", fork)
    Forked(lambda: None, "acb-test", ())
    assert told == ["frozen", "forked"]
