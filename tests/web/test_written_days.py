"""The written times of a day: kept for the next reader, and never more than some."""

from typing import cast

from flask import Flask
from markupsafe import Markup

from flask_app.customer.prepared import WrittenDays
from flask_app.customer.timetable import DayOfTimes, Timetable
from tests.web.house import House


def _day(number: int) -> DayOfTimes:
    return DayOfTimes(iso=str(number), weekday="", short="", date="", days=0, full=False, times=())


def test_what_is_read_stays_and_the_rest_goes(house: House) -> None:
    app: Flask = house.app()
    wrote = list[str]()

    class Macro:
        name = "times"

        def __call__(self, day: DayOfTimes, times: Timetable, chosen: str) -> Markup:
            wrote.append(day.iso)
            return Markup(day.iso)

    days, macro, times = WrittenDays(), Macro(), cast(Timetable, None)
    read, early = _day(-1), _day(-2)
    with app.test_request_context("/"):
        days.written(macro, read, times, "")
        days.written(macro, early, times, "")
        for number in range(2000):
            days.written(macro, _day(number), times, "")
            days.written(macro, read, times, "")
        assert wrote.count("-1") == 1
        days.written(macro, early, times, "")
        assert wrote.count("-2") == 2
    assert len(days) <= 128
