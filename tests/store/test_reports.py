"""Reports, against a day that was computed by hand: Sunday 25 October 2026 in London, of 25 hours.

Until 01:00 UTC London is an hour ahead of it; from then on its clock shows UTC, and the hour from
one to two comes twice. The day lasts from 23:00 UTC of the 24th to 24:00 UTC.
"""

import csv
import json
import re
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from asterisk_callback.services import report_tables
from asterisk_callback.services import reports as reports_module
from asterisk_callback.services.report_tables import as_data, figures_csv, requests_csv
from asterisk_callback.services.reports import Reports
from tests.factories import number
from tests.past_days import Book, Row, attempt, wish

DAY = date(2026, 10, 25)
ZONE = "Europe/London"


def at(clock: str, day: int = 25) -> datetime:
    """UTC, of October 2026."""
    parts = [int(part) for part in clock.split(":")]
    return datetime(2026, 10, day, *parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.fixture
def reports(url: str, open_store: Any) -> Reports:
    store = open_store(url, lambda: at("00:10", 26))
    a_day(Book(store))
    return Reports(store=store, zone=ZONE)


def a_day(book: Book) -> None:
    anna, ben = "PJSIP/anna", "PJSIP/ben"

    def talk(
        agent: str, claimed: datetime, ringing: datetime, answered: datetime, ended: datetime
    ) -> Row:
        times = {"ringing_at": ringing, "answered_at": answered, "ended_at": ended}
        return attempt(agent, "answered", claimed, gate_at=claimed, **times)

    def ring(agent: str, how: str, claimed: datetime, ringing: datetime, ended: datetime) -> Row:
        return attempt(agent, how, claimed, gate_at=claimed, ringing_at=ringing, ended_at=ended)

    # kept: rung after 7 min, talked 5 min
    book.put(
        1, "sales", "completed",
        [wish(at("10:00"), at("10:05"), at("10:10"))],
        [talk(anna, at("10:06:30"), at("10:07"), at("10:07:20"), at("10:12:20"))],
        ended_at=at("10:12:20"),
    )  # fmt: skip
    # kept in the last second of the promised minute; busy, talked at the second try
    book.put(
        2, "sales", "completed",
        [wish(at("10:00"), at("10:05"), at("10:10"))],
        [
            ring(anna, "busy", at("10:10:20"), at("10:10:59"), at("10:11")),
            talk(ben, at("10:16"), at("10:16:10"), at("10:16:20"), at("10:18:20")),
        ],
        ended_at=at("10:18:20"),
    )  # fmt: skip
    # 3 min late; three rings, never reached
    book.put(
        3, "support", "failed",
        [wish(at("11:00"), at("11:05"), at("11:10"))],
        [
            ring(ben, "no_answer", at("11:12:40"), at("11:13"), at("11:13:30")),
            ring(anna, "no_answer", at("11:28:30"), at("11:28:40"), at("11:29:10")),
            ring(ben, "no_answer", at("11:44:10"), at("11:44:20"), at("11:44:50")),
        ],
        ended_at=at("11:44:50"),
    )  # fmt: skip
    # a chosen time, asked for on the day before; 5 min late
    book.put(
        4, "support", "completed",
        [wish(at("12:00", 24), at("14:00"), at("14:15"), asap=False)],
        [talk(anna, at("14:19:30"), at("14:20:05"), at("14:20:15"), at("14:30:15"))],
        ended_at=at("14:30:15"),
    )  # fmt: skip
    # 6 min before what was promised, and declined
    book.put(
        5, "sales", "failed",
        [wish(at("12:00"), at("12:10"), at("12:20"))],
        [ring(anna, "rejected", at("12:04"), at("12:04:30"), at("12:04:40"))],
        ended_at=at("12:04:40"), topic="=1+1",
    )  # fmt: skip
    # taken back in time: no promise
    book.put(
        6, "sales", "cancelled",
        [wish(at("13:00"), at("13:10"), at("13:20"), withdrawn_at=at("13:03"))], [],
        ended_at=at("13:03"),
    )  # fmt: skip
    # no agent came until it expired
    book.put(
        7, "support", "expired",
        [wish(at("15:00"), at("15:05"), at("15:10"))],
        [attempt(None, "no_agent", at("15:01"), ended_at=at("15:11"))],
        ended_at=at("16:00"),
    )  # fmt: skip
    # asked for, promised and rung on the day before; tried again at five past midnight
    book.put(
        8, "sales", "completed",
        [wish(at("22:50", 24), at("22:52", 24), at("22:58", 24))],
        [
            ring(ben, "busy", at("22:54", 24), at("22:55", 24), at("22:55:10", 24)),
            talk(
                anna, at("23:05", 24), at("23:05:20", 24), at("23:05:30", 24), at("23:07:30", 24)
            ),
        ],
        ended_at=at("23:07:30", 24),
    )  # fmt: skip
    # 01:30 in summer time, and 01:30 again: one kept, one 2 min late and between tries
    book.put(
        9, "support", "completed",
        [wish(at("0:30"), at("0:35"), at("0:40"))],
        [talk(ben, at("0:35:30"), at("0:36"), at("0:36:10"), at("0:40:10"))],
        ended_at=at("0:40:10"),
    )  # fmt: skip
    book.put(
        10, "support", "scheduled",
        [wish(at("1:30"), at("1:35"), at("1:40"))],
        [ring(ben, "machine", at("1:41:30"), at("1:42"), at("1:42:20"))],
    )  # fmt: skip
    # still in line, 5 min after what was promised
    book.put(11, "sales", "queued", [wish(at("23:50"), at("23:58"), at("00:05", 26))], [])
    # two wishes, the second taken back before the ring; the line's fault, then an outcome lost
    book.put(
        12, "sales", "scheduled",
        [
            wish(at("16:00"), at("16:05"), at("16:10")),
            wish(at("16:02"), at("16:05"), at("16:12"), withdrawn_at=at("16:04")),
        ],
        [
            attempt(
                anna, "trunk_fault", at("16:03"), gate_at=at("16:03"), ended_at=at("16:03:10")
            ),
            attempt(ben, "unknown", at("16:06"), gate_at=at("16:06:30"), ended_at=at("16:20")),
        ],
    )  # fmt: skip
    # of the day before, and of the first instant after
    book.put(
        13, "sales", "completed",
        [wish(at("20:00", 24), at("20:05", 24), at("20:10", 24))],
        [talk(ben, at("20:01", 24), at("20:06", 24), at("20:07", 24), at("20:08", 24))],
        ended_at=at("20:08", 24),
    )  # fmt: skip
    book.put(14, "support", "queued", [wish(at("0:00", 26), at("0:05", 26), at("0:09", 26))], [])
    # promised from midnight on, claimed just before it, kept; given up by the agent, ended after
    book.put(
        15, "support", "failed",
        [wish(at("18:00", 24), at("23:00", 24), at("23:15", 24), asap=False)],
        [ring(ben, "abandoned", at("22:59:30", 24), at("23:00:30", 24), at("23:01", 24))],
        ended_at=at("23:01", 24),
    )  # fmt: skip


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


def listed(reports: Reports, *, full: bool = False) -> list[dict[str, str]]:
    """The rows of the day's requests, as a spreadsheet reads them."""
    lines = requests_csv(reports.requests(DAY, DAY), ZoneInfo(ZONE), full=full)
    return list(csv.DictReader(StringIO("".join(lines))))


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


def test_as_many_queries_for_many(reports: Reports) -> None:
    """Three to count, and a few for each thousand that are listed."""
    asked: list[str] = []
    with reports.store.reading() as tx:
        engine = tx.connection.engine  # type: ignore[attr-defined]
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
