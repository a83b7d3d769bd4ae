"""`report`: the figures on the command line. How they are counted: tests/store/test_reports.py."""

import csv
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest

from asterisk_callback import bootstrap, config
from asterisk_callback.services.booking.booking import Origin, Submission
from tests.unit.cli.conftest import Run


@pytest.fixture
def booked(company: Run, folder: Path) -> None:
    settings = config.load(folder / "callback.toml", {})
    store = bootstrap.store(settings)
    bootstrap.booking(settings, store).submit(
        Submission(phone="020 7946 0100", queue="support", name="Ada"),
        Origin(scope="test", actor="test"),
    )
    store.close()


def test_forms(company: Run, booked: None, today: tuple[str, ...]) -> None:
    text = company("report", *today).stdout
    assert "wishes_asked                 1\n" in text
    day, hour = (text.split(f"\n{by} ")[1].splitlines() for by in ("day", "hour"))
    assert day[0].split() == hour[0].split() and day[0].split()[0] == "wishes_asked"
    assert day[1].split()[1] == hour[1].split()[1] == "1"
    data = json.loads(company("report", *today, "--json").stdout)
    (day,) = data["day"].values()
    assert data["all"] == day and day["expected_inside_share"] is None
    assert data["all"]["wishes_asked"] == data["queue"]["support"]["wishes_asked"] == 1
    rows = list(csv.DictReader(StringIO(company("report", *today, "--csv").stdout)))
    assert {"by": "all", "name": "", "figure": "wishes_asked", "value": "1"} in rows
    (row,) = csv.DictReader(StringIO(company("report", *today, "--requests").stdout))
    assert (row["queue"], row["state"]) == ("support", "queued") and "794" not in row["number"]
    shown = company("report", *today, "--requests", "--full").stdout
    assert "'+442079460100" in shown


@pytest.fixture(params=["named", "default"])
def today(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Days around now: the tests' clock here is the host's."""
    if request.param == "default":
        return ()
    now = datetime.now(UTC).date()
    days = (now - timedelta(days=1), now + timedelta(days=1))
    return ("--since", str(days[0]), "--until", str(days[1]))


def test_complaints(company: Run) -> None:
    wrong = company("report", "--since", "2026-02-01", "--until", "2026-01-01")
    assert wrong.exit_code == 1
    assert wrong.stderr == (
        "asterisk-callback: the last day of a report can't be before its first\n"
    )
    assert "support" in company("report", "--queue", "nobody").stderr
    assert company("report", "--since", "yesterday").exit_code == 2
