"""Reports, against the day of day_by_hand.py."""

import json
from datetime import UTC, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from asterisk_callback.services import reports as report_tables
from asterisk_callback.services import reports as reports_module
from asterisk_callback.services.reports import Reports, as_data, requests_csv
from tests.past_days import Row
from tests.store.day_by_hand import DAY, a_day_of_reports, listed


@pytest.fixture
def reports(url: str, open_store: Any) -> Reports:
    return a_day_of_reports(url, open_store)


ALL_DAY = {
    "wishes_asked": 11,
    "wishes_withdrawn": 2,
    "requests_completed": 5,
    "requests_failed": 3,
    "requests_cancelled": 1,
    "requests_expired": 1,
    "promises_due": 11,
    "promises_kept": 6,
    "promises_kept_share": 0.5455,
    "promises_never_rung": 2,
    "minutes_late_median": 3,  # 2, 3, 5
    "minutes_late_p90": 5,
    "rung_within": 5,
    "rung_early": 1,
    "rung_late": 3,
    "rung_within_share": 0.5556,
    "minutes_off_median": 0,  # 0 0 0 0 0 2 3 5 6
    "expected_rung": 7,  # without 4 and 15, who chose their time
    "expected_inside": 4,
    "expected_early": 1,
    "expected_late": 2,
    "expected_inside_share": 0.5714,
    "expected_minutes_off_p10": -6,  # -6 0 0 0 0 2 3
    "expected_minutes_off_p50": 0,
    "expected_minutes_off_p90": 3,
    "seconds_to_ring_median": 420,  # 270 360 390 420 659 720 780
    "seconds_to_ring_p90": 780,
    "seconds_to_talk_median": 440,  # 370 440 980
    "seconds_to_talk_p90": 980,
    "attempts": 14,
    "rings": 12,
    "talks": 5,
    "talk_seconds_median": 240,  # 120 120 240 300 600
    "rings_per_request": 1.2,
    "requests_rung_again": 3,
    "requests_rung_again_share": 0.3,
}
OUTCOMES = {
    "answered": 5, "busy": 1, "no_answer": 3, "rejected": 1, "no_agent": 1, "machine": 1,
    "trunk_fault": 1, "unknown": 1,
}  # fmt: skip


QUANTILES = ("p10", "p50", "p90")


def outcomes(figures: Row) -> Row:
    named = {key.removeprefix("disposition_"): value for key, value in figures.items()}
    return {key: value for key, value in named.items() if f"disposition_{key}" in figures and value}


def some(figures: Row, *names: str) -> list[Any]:
    return [figures[name] for name in names]


def test_a_day_computed_by_hand(reports: Reports) -> None:
    found, cases = reports.report(DAY, DAY), [*reports.requests(DAY, DAY)]
    data = json.loads(json.dumps(as_data(found)))
    total = data["all"]
    assert {key: total[key] for key in total if not key.startswith("disposition_")} == ALL_DAY
    assert outcomes(total) == OUTCOMES
    assert data["rings_of_requests"] == {"0": 2, "1": 5, "2": 2, "3": 1}
    assert (data["since"], data["until"]) == (
        "2026-10-25T00:00:00+01:00",
        "2026-10-26T00:00:00+00:00",
    )
    assert [one.id for one in cases] == [*range(1, 13), 15]

    shown = ("wishes_asked", "promises_due", "promises_kept", "attempts")
    assert {name: some(one, *shown) for name, one in data["queue"].items()} == {
        "sales": [7, 5, 4, 7],
        "support": [4, 6, 2, 7],
    }
    assert data["day"] == {"2026-10-25": total}

    shown = ("attempts", "rings", "talks", "talk_seconds_median")
    assert {name: some(one, *shown) for name, one in data["agent"].items()} == {
        "PJSIP/anna": [7, 6, 3, 300],
        "PJSIP/ben": [6, 6, 2, 180],
    }
    assert outcomes(data["agent"]["PJSIP/ben"]) == {
        "answered": 2,
        "no_answer": 2,
        "machine": 1,
        "unknown": 1,
    }


def test_promises_by_agent(reports: Reports) -> None:
    """Whose call rang first: 1, 2, 4 and 5 with Anna; 3, 9, 10, 12 and 15 with Ben."""
    agents = as_data(reports.report(DAY, DAY))["agent"]
    shown = ("promises_rung", "promises_kept", "promises_late", "promises_kept_share")
    assert {name: some(one, *shown) for name, one in agents.items()} == {
        "PJSIP/anna": [4, 3, 1, 0.75],
        "PJSIP/ben": [5, 3, 2, 0.6],
    }
    assert [one["minutes_late_median"] for one in agents.values()] == [5, 2.5]


def test_how_good_the_expected_time_was(reports: Reports) -> None:
    found = reports.report(DAY, DAY)
    data = as_data(found)
    shown = ("expected_rung", "expected_inside", *(f"expected_minutes_off_{p}" for p in QUANTILES))
    assert {name: some(one, *shown) for name, one in data["queue"].items()} == {
        "sales": [4, 3, -6, 0, 0],
        "support": [3, 1, 0, 2, 3],
    }
    hours = {name: some(one, *shown) for name, one in data["hour"].items() if one["expected_rung"]}
    assert hours == {
        "01": [2, 1, 0, 0, 2],
        "10": [2, 2, 0, 0, 0],
        "11": [1, 0, 3, 3, 3],
        "12": [1, 0, -6, -6, -6],
        "16": [1, 1, 0, 0, 0],
    }
    # Of the six minutes that "10:05 to 10:10" shows: the first, the second and third, the last.
    assert found.total.parts == [1, 2, 0, 0, 1]


def test_hours_of_the_clock_with_one_that_comes_twice(reports: Reports) -> None:
    data = as_data(reports.report(DAY, DAY))
    shown = ("wishes_asked", "promises_due", "promises_kept", "rings")
    assert {name: some(one, *shown) for name, one in data["hour"].items()} == {
        "00": [0, 1, 1, 1],
        "01": [2, 2, 1, 2],
        "10": [2, 2, 2, 3],
        "11": [1, 1, 0, 3],
        "12": [1, 1, 1, 1],
        "13": [1, 0, 0, 0],
        "14": [0, 1, 0, 1],
        "15": [1, 1, 0, 0],
        "16": [2, 1, 1, 1],
        "23": [1, 1, 0, 0],
    }


def test_queues_and_days(reports: Reports) -> None:
    """One queue is what it is within all; two days are the sum of each."""
    whole = as_data(reports.report(DAY, DAY))
    found = as_data(reports.report(DAY, DAY, ["sales"]))
    assert found["all"] == whole["queue"]["sales"]
    assert {one.queue for one in reports.requests(DAY, DAY, ["sales"])} == {"sales"}
    assert [*reports.requests(DAY, DAY, [])] == []
    before = DAY - timedelta(days=1)
    both, one = (as_data(reports.report(before, last)) for last in (DAY, before))
    assert both["day"] == {str(before): one["all"], str(DAY): whole["all"]}
    for name in ("wishes_asked", "promises_due", "promises_kept", "attempts", "rings", "talks"):
        assert both["all"][name] == one["all"][name] + whole["all"][name], name


def test_rows_and_figures_say_the_same(reports: Reports) -> None:
    """The rows that are listed, counted by hand, come to what the database's lines come to."""
    rows = [
        row
        for row in listed(reports)
        if row["promised_from"] and row["promised_from"].startswith("2026-10-25")
    ]
    rang = [row for row in rows if row["first_rang_at"]]
    total = reports.report(DAY, DAY).total
    assert sorted(int(row["minutes_off"]) for row in rang) == sorted(total.offsets)
    assert len(rang) == total.due - total.never


def test_as_many_queries_for_many(reports: Reports) -> None:
    """Three to count, and a few for each thousand that are listed."""
    asked: list[str] = []
    with reports.store.reading() as tx:
        engine = tx.connection.engine
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    reports.report(DAY, DAY)
    assert len([one for one in asked if "FROM" in one]) == 3
    asked.clear()
    assert len([*reports.requests(DAY, DAY)]) == 13
    assert len([one for one in asked if "FROM" in one]) == 4


def test_requests_are_read_in_parts(reports: Reports, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [*reports.requests(DAY, DAY)]
    monkeypatch.setattr(reports_module, "AT_ONCE", 5)
    monkeypatch.setattr(report_tables, "_AT_ONCE", 4)
    assert [*reports.requests(DAY, DAY)] == whole
    parts = [*requests_csv(iter(whole), UTC, full=False)]
    assert [part.count("\r\n") for part in parts] == [5, 4, 4, 1]
    assert [part.count("\r\n") for part in requests_csv([], UTC, full=False)] == [1]
