"""What of reports is written for a spreadsheet, against the day of day_by_hand.py."""

import csv
import re
from datetime import UTC
from io import StringIO
from typing import Any

import pytest

from asterisk_callback.services.reports import Reports, figures_csv, requests_csv
from tests.factories import number
from tests.past_days import Row
from tests.store.day_by_hand import DAY, a_day_of_reports, listed


@pytest.fixture
def reports(url: str, open_store: Any) -> Reports:
    return a_day_of_reports(url, open_store)


def some(figures: Row, *names: str) -> list[Any]:
    return [figures[name] for name in names]


def test_csv(reports: Reports) -> None:
    rows = list(csv.DictReader(StringIO(figures_csv(reports.report(DAY, DAY)))))
    values = {(row["by"], row["name"], row["figure"]): row["value"] for row in rows}
    assert values["all", "", "promises_kept"] == "6"
    assert values["agent", "PJSIP/anna", "talks"] == "3"
    assert values["agent", "PJSIP/ben", "promises_late"] == "2"
    assert values["day", "2026-10-25", "expected_inside_share"] == "0.5714"
    assert values["queue", "sales", "expected_minutes_off_p10"] == "-6"
    assert values["hour", "13", "minutes_late_median"] == ""

    masked, full = listed(reports), listed(reports, full=True)
    assert "7400" not in str(masked) and full[0]["number"] == f"'{number(1)}"
    by_id = {row["request"]: row for row in masked}
    assert len(by_id) == 13
    assert by_id["5"]["topic"] == "'=1+1"  # no formula for a spreadsheet
    assert by_id["5"]["minutes_off"] == "-6"  # but a number stays one
    assert by_id["8"]["asked_at"] == "2026-10-24T23:50:00+01:00"
    assert by_id["9"]["first_rang_at"] == "2026-10-25T01:36:00+01:00"
    assert by_id["10"]["first_rang_at"] == "2026-10-25T01:42:00+00:00"
    shown = ("queue", "state", "seconds_to_ring", "seconds_to_talk", "rings", "attempts")
    assert some(by_id["2"], *shown) == ["sales", "completed", "659", "980", "2", "2"]
    assert some(by_id["12"], "last_disposition", "agent") == ["unknown", "PJSIP/ben"]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\tx", "\rx"])
def test_no_formula(reports: Reports, text: str) -> None:
    case = next(reports.requests(DAY, DAY))._replace(topic=text)
    lines = "".join(requests_csv([case], UTC, full=False))
    (row,) = csv.DictReader(StringIO(lines, newline=""))
    assert row["topic"] == f"'{text}"


@pytest.mark.case("CASES 7: exports are defused behind every ; and tab too")
def test_no_formula_wherever_a_cell_is_thought_to_begin(reports: Reports) -> None:
    """Half of Europe's spreadsheets separate by semicolons, and take the file by double click."""
    case = next(reports.requests(DAY, DAY))
    formula = re.compile(r"[\s\"]*[=+\-@＝＠﹢]")
    for text in ("x;=cmd|' /C calc'!A0", "x\t+1", 'x; "=1', "＝1+1", "x;＠a", "x\n-1", 'x;"﹢1'):
        lines = "".join(requests_csv([case._replace(topic=text)], UTC, full=True))
        (row,) = csv.DictReader(StringIO(lines, newline=""))
        for cell in (row["topic"], *re.split(r"[;\t\r\n]", lines)):
            assert not formula.match(cell), lines
        assert row["topic"].replace("'", "") == text.replace("'", "")


def test_a_text_that_is_no_formula_stays_as_it_is(reports: Reports) -> None:
    text = "Jean-Luc; O'Hara <a@example.org>, 1+1=2"
    case = next(reports.requests(DAY, DAY))._replace(topic=text)
    (row,) = csv.DictReader(StringIO("".join(requests_csv([case], UTC, full=False))))
    assert row["topic"] == text
