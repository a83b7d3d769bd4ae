"""The times of a day as they were written last: everybody who opens the form is shown the same."""

from typing import Protocol

from flask import Flask
from markupsafe import Markup

from flask_app.customer.timetable import DayOfTimes, Timetable
from flask_app.shared import languages


class Macro(Protocol):
    """A template's, which writes the times of a day; chosen: the value of the time that is."""

    name: str

    def __call__(self, day: DayOfTimes, times: Timetable, chosen: str) -> Markup: ...


# Of days: a month of each of some departments, in some zones and languages.
_MOST = 1024


class WrittenDays:
    """Keyed by the day itself, which `timetable` keeps as one object for as long as nothing of it
    changes (its places, the reader's zone, today, the rules of time zones), and by the language."""

    def __init__(self) -> None:
        self._written: dict[tuple[str, DayOfTimes, str], Markup] = {}

    def written(self, macro: Macro, day: DayOfTimes, times: Timetable, chosen: str) -> Markup:
        """chosen: a time's value. The day that has it is written anew: that is one reader's."""
        if any(one.value == chosen for one in day.times):
            return macro(day, times, chosen)
        key = macro.name, day, languages.chosen()
        found = self._written.get(key)
        if found is None:
            if len(self._written) >= _MOST:
                self._written.clear()
            found = self._written[key] = macro(day, times, "")
        return found


def register(app: Flask) -> None:
    app.jinja_env.globals.update(written=WrittenDays().written)
