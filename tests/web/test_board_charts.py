"""The charts of the day: what they say in words, and that what is drawn is what is said."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from asterisk_callback.domain.day_figures import DayFigures, day_of
from asterisk_callback.domain.promise import PromisedWish
from asterisk_callback.domain.request import RequestState
from asterisk_callback.domain.wish import PromisedWindow
from flask_app.charts.day import DayChart, day_chart
from flask_app.charts.dots import COLUMNS, ROWS, StripChart, strip_chart
from flask_app.shared.moments import ReaderClock
from tests.web.house import MONDAY, ZONE, House

NOW = MONDAY.replace(minute=0)


def promised(
    start: int, rang: int | None = None, state: str = "completed", many: int = 1
) -> PromisedWish:
    """A quarter of an hour from `start`, in minutes from NOW; rang: minutes after that."""
    begins = NOW + timedelta(minutes=start)
    return PromisedWish(
        queue="support",
        asked_at=begins,
        asap=False,
        window=PromisedWindow(begins, begins + timedelta(minutes=15)),
        state=RequestState(state),
        withdrawn=False,
        rang_at=None if rang is None else begins + timedelta(minutes=rang),
        talked=rang is not None and state == "completed",
        many=many,
    )


@pytest.fixture
def draw(house: House) -> object:
    app = house.app()

    def drawn(*promises: PromisedWish) -> tuple[DayChart, StripChart | None, DayFigures]:
        day = day_of(promises, NOW)
        with app.test_request_context():
            return day_chart(day, ReaderClock(ZoneInfo(ZONE), NOW)), strip_chart(day), day

    return drawn


def test_nothing_yet(draw: object) -> None:
    day, strip, _ = draw()  # type: ignore[operator]
    assert (day.title, day.bars, day.rows) == ("No promise for today yet", (), ())
    assert strip is None
    day, strip, _ = draw(promised(60, state="scheduled", many=3))  # type: ignore[operator]
    assert day.title == "Nothing was due yet"
    assert day.text == "Callbacks by half hour. 0 so far. 3 are booked."
    assert [bar.kind for bar in day.bars] == ["todo"] and strip is None


def test_the_figures_are_those_of_the_bars(draw: object) -> None:
    day, strip, figures = draw(  # type: ignore[operator]
        *(promised(-300 + n * 10, n % 4) for n in range(18)),
        promised(-120, 20),
        promised(-120, None, "failed", many=2),
        promised(30, state="scheduled", many=4),
    )
    assert day.title == "A good day, with a dip at 12:00"
    assert day.text == (
        "Callbacks by half hour. 21 so far: 18 inside the promised time, 1 late, 2 not reached. "
        "4 more are booked."
    )
    assert sum(row.kept for row in day.rows) == 18 and sum(row.booked for row in day.rows) == 4
    assert [bar.kind for bar in day.bars][-3:] == ["late", "missed", "todo"]
    # Stacked from the ground up, and none out of the picture.
    for bar in day.bars:
        assert float(bar.y) >= 28 and float(bar.y) + float(bar.height) <= 232.05
    assert day.now == "84%" and day.now_ends
    assert strip is not None and strip.title == "Most calls come early in the promised time"
    assert strip.text == (
        "Each dot is one of today’s 19 calls, by minutes after its promised time began. "
        "Half came within 2 minutes. One came late, by 5 minutes."
    )
    assert (figures.span, figures.most_late) == (15, 5)
    assert [dot.kind for dot in strip.dots].count("late") == 1


def test_a_hard_day(draw: object) -> None:
    day, strip, _ = draw(*(promised(-300 + n * 30, 10 + n * 5) for n in range(6)))  # type: ignore[operator]
    assert day.title == "Many promises were not kept today"
    assert strip is not None and strip.title == "Most calls come after the promised time"
    assert "the latest by 20 minutes" in strip.text


def test_many_calls_fit(draw: object) -> None:
    """However many they are, and however late: the picture keeps its size, and says so."""
    day, strip, _ = draw(  # type: ignore[operator]
        *(promised(-700 + n % 48 * 15, n % 7) for n in range(900)), promised(-700, 500)
    )
    assert strip is not None and "Each dot is up to" in strip.text
    assert len({dot.x for dot in strip.dots}) <= COLUMNS
    assert all(dot.y >= 191 - 12 * (ROWS - 1) for dot in strip.dots)
    assert all(0 <= float(one.x.rstrip("%")) <= 100 for one in (*day.labels, *strip.labels))


def test_they_stand_on_the_board(house: House) -> None:
    from tests.web.page import text_of
    from tests.web.test_board import supervisor

    house.at_work()
    house.submit()
    house.talking()
    said = text_of(supervisor(house).get("/board"))
    assert "A good day so far Callbacks by half hour. 1 so far: 1 inside" in said
    assert "Each dot is one of today’s 1 call" in said and "Show as a table From Inside" in said


DAYS: dict[str, tuple[tuple[PromisedWish, ...], str, str]] = {
    "one of three was late": (
        (promised(-60, 1), promised(-60, 2), promised(-60, 20)),
        "Many promises were not kept today",
        "Most calls come early in the promised time",
    ),
    "all in time, half of them declined": (
        tuple(promised(-300 + n * 30, 3, "failed" if n % 2 else "completed") for n in range(6)),
        "Promises were kept, but many were not reached",
        "Most calls come early in the promised time",
    ),
    "some were never rung, and none was late": (
        tuple(promised(-600 + n * 30, 3) for n in range(17))
        + tuple(promised(-600 + n * 300, None, "expired") for n in (0, 1, 1)),
        "A good day, with a dip at 09:00",
        "Most calls come early in the promised time",
    ),
    "one before and one within": (
        (promised(-60, -3), promised(-60, 12)),
        "A good day so far",
        "Calls come all over the promised time",
    ),
    "more than half were late": (
        (promised(-60, 2), promised(-90, 20), promised(-120, 25)),
        "A hard day, with a dip at 12:00",
        "Most calls come after the promised time",
    ),
}


@pytest.mark.case("CASES 8: a chart never contradicts the sentence beside it")
@pytest.mark.parametrize("name", DAYS)
def test_a_finding_says_nothing_that_the_figures_do_not(draw: object, name: str) -> None:
    promises, finding, when = DAYS[name]
    day, strip, figures = draw(*promises)  # type: ignore[operator]
    assert strip is not None and (day.title, strip.title) == (finding, when)
    late = sum(is_late for _, is_late in figures.offsets)
    assert ("None came late" in strip.text) == (late == 0)
    assert not (late == 0 and "late" in day.title), day.text
    if "good day" in day.title:
        assert figures.kept * 100 >= 80 * figures.due
