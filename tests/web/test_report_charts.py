"""What the charts of reports draw, and what they say they find."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import pytest

from asterisk_callback.domain.report import Report, span_of
from asterisk_callback.domain.report_data import ReportFigures
from asterisk_callback.services.reports import flat
from flask_app.charts import report as report_charts
from flask_app.inside.reports import words
from flask_app.inside.reports.view import ReportView, report_view
from tests.web.house import House

FIRST = date(2026, 11, 2)  # a Monday


@pytest.fixture
def staff_page(house: House) -> Iterator[None]:
    """Days are written in a page of the company's country."""
    with house.app().test_request_context("/reports"):
        yield


def promised(due: int, kept: int, never: int = 0) -> ReportFigures:
    return ReportFigures(due=due, kept=kept, never=never)


def estimates(*minutes_off: int, parts: tuple[int, ...] = (0, 0, 0, 0, 0)) -> ReportFigures:
    found = ReportFigures(parts=list(parts))
    found.estimates.extend(minutes_off)
    return found


def view_of(by_day: Mapping[date, ReportFigures], days: int) -> ReportView:
    total, last = ReportFigures(), FIRST + timedelta(days=days - 1)
    for one in by_day.values():
        total.add(one)
    report = Report(
        span=span_of(FIRST, last, "Europe/London"),
        total=total,
        by_queue={"sales": total},
        by_agent={},
        by_day=by_day,
        by_hour={9: total, 11: ReportFigures()},
    )
    return report_view(report, FIRST, last, {"sales": "Sales"})


def test_bars_stand_on_each_other_in_the_order_of_the_words() -> None:
    drawn = report_charts.bars([("9:00", (3, 1, 0)), ("10:00", (0, 0, 0)), ("11:00", (1, 0, 1))])
    assert [one.kind for one in drawn.boxes] == ["kept", "late", "kept", "missed"]
    kept, late = drawn.boxes[:2]
    assert kept.y + kept.height == report_charts.BASE
    assert late.y + late.height < kept.y < report_charts.BASE  # a gap tells them apart
    assert [one.text for one in drawn.grid] == ["0", "2", "4"]
    assert [one.text for one in drawn.labels] == ["9:00", "10:00", "11:00"]
    assert all(one.height > 0 for one in drawn.boxes)


@pytest.mark.parametrize(("most", "top"), [(0, 2), (1, 2), (3, 4), (5, 10), (11, 20), (2001, 4000)])
def test_the_scale_is_easily_read(most: int, top: int) -> None:
    drawn = report_charts.bars([("a", (most, 0, 0))])
    assert [one.text for one in drawn.grid] == ["0", f"{top // 2:,}", f"{top:,}"]


def test_many_bars_have_few_labels() -> None:
    drawn = report_charts.bars([(str(n), (1, 0, 0)) for n in range(45)])
    assert len(drawn.boxes) == 45 and len(drawn.labels) <= report_charts.MOST_LABELS
    assert [one.minor for one in drawn.labels[:3]] == [False, True, False]


def test_dots_before_within_and_after() -> None:
    drawn = report_charts.strip(estimates(-25, -3, 0, 0, 2, 21, parts=(1, 0, 0, 0, 1)))
    assert drawn.worth == 1
    assert [one.kind for one in drawn.dots] == ["early", "early", "kept", "kept", "late", "late"]
    counts = dict(drawn.table)
    assert counts["over 20 min before it"] == counts["3–5 min before it"] == 1
    assert counts["in its first fifth"] == counts["in its last fifth"] == 1
    assert counts["1–2 min after it"] == counts["over 20 min after it"] == 1
    assert sum(counts.values()) == 6


def test_a_dot_stands_for_several_where_there_are_many() -> None:
    drawn = report_charts.strip(estimates(*[0] * 100, 1, parts=(100, 0, 0, 0, 0)))
    assert drawn.worth == 8
    assert len([one for one in drawn.dots if one.kind == "kept"]) == 13
    assert len([one for one in drawn.dots if one.kind == "late"]) == 1  # never none of some
    assert min(one.y for one in drawn.dots) > 30


@pytest.mark.parametrize(
    ("minutes_off", "finding"),
    [
        ((), "No call to hold against the expected time"),
        ((0, 0, 0, 0, 3), "The expected time holds for 80% of the calls"),
        ((0, 4, 5, -1), "Only 25% of the calls come within the expected time"),
        ((0, 4, 5, 9), "Calls come later than we say: 25% within the expected time"),
        ((0, -4, -5, -9), "Calls come earlier than we say: 25% within the expected time"),
    ],
)
def test_what_is_found_of_the_expected_time(minutes_off: tuple[int, ...], finding: str) -> None:
    title, text = words.of_estimates(flat(estimates(*minutes_off)), worth=1)
    assert title == finding
    assert not minutes_off or f"of {len(minutes_off)} calls came within" in text


@pytest.mark.usefixtures("staff_page")
def test_the_weakest_day_is_one_that_counts() -> None:
    days = {FIRST: promised(30, 27), FIRST + timedelta(days=1): promised(30, 20, never=4)}
    by_day = view_of({**days, FIRST + timedelta(days=2): promised(1, 0)}, days=3).promises[0]
    assert by_day.title == "77% kept, weakest on Tue 3 Nov: 20 of 30 kept"
    assert (
        "Due on Mon 2 Nov to Wed 4 Nov 2026: 61, of which 47 kept, 10 rung late, 4" in by_day.text
    )
    assert [key for key, _ in by_day.table.rows] == ["Mon 2 Nov", "Tue 3 Nov", "Wed 4 Nov"]


@pytest.mark.case("CASES 8: a chart never contradicts the sentence beside it")
@pytest.mark.usefixtures("staff_page")
def test_the_weakest_day_is_none_on_which_all_were_kept() -> None:
    days = {FIRST: promised(40, 40), FIRST + timedelta(days=1): promised(1, 0)}
    by_day = view_of(days, days=2).promises[0]
    assert by_day.title == "97% kept, weakest on Tue 3 Nov: 0 of 1 kept"


@pytest.mark.usefixtures("staff_page")
def test_many_days_are_drawn_as_weeks() -> None:
    days = {FIRST + timedelta(days=n): promised(2, 2 if n else 1) for n in range(60)}
    by_week, by_hour = view_of(days, days=60).promises
    assert by_week.table.first == "Week" and len(by_week.table.rows) == 9
    assert by_week.table.rows[0][1][1] == "14"
    assert by_week.title.endswith("weakest in the week from Mon 2 Nov: 13 of 14 kept")
    # Hours are drawn without gaps.
    assert [one.text for one in by_hour.bars.labels] == ["9:00", "10:00", "11:00"]


@pytest.mark.usefixtures("staff_page")
def test_one_day_is_drawn_by_hours_only() -> None:
    view = view_of({FIRST: promised(2, 2)}, days=1)
    assert [one.id for one in view.promises] == ["hours"]
    assert view.promises[0].title == "Every promise was kept"
    assert view.days == "Mon 2 Nov 2026"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "–"), (20, "20 s"), (59.6, "1 min"), (440, "7 min"), (3900, "1 h 05 min")],
)
def test_times_as_people_say_them(seconds: float | None, said: str) -> None:
    assert words.minutes(seconds) == said


@pytest.mark.usefixtures("staff_page")
def test_no_figure_is_far_from_what_it_counts() -> None:
    """Nothing happened: every tile says so, and nothing is measured against a target."""
    view = view_of({}, days=1)
    assert {one.value for one in view.figures} == {"–"}
    assert not any(one.off for one in view.figures)
