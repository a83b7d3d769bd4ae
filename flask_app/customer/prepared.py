"""The times of a day as they were written last: everybody who opens the form is shown the same."""

from collections import OrderedDict
from threading import Lock
from typing import Protocol

from flask import Flask
from markupsafe import Markup

from flask_app.customer.timetable import DayOfTimes, Timetable
from flask_app.shared import languages


class Macro(Protocol):
    """A template's, which writes the times of a day; chosen: the value of the time that is."""

    name: str

    def __call__(self, day: DayOfTimes, times: Timetable, chosen: str) -> Markup: ...


# Of days, so that whoever asks for ever other zones and languages does not fill the memory.
_MOST = 128


class WrittenDays:
    """Keyed by the day itself, which `timetable` keeps as one object for as long as nothing of it
    changes (its places, the reader's zone, today, the rules of time zones), and by the language."""

    def __init__(self) -> None:
        self._written = OrderedDict[tuple[str, DayOfTimes, str], Markup]()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._written)

    def written(self, macro: Macro, day: DayOfTimes, times: Timetable, chosen: str) -> Markup:
        """chosen: a time's value. The day that has it is written anew: that is one reader's."""
        if any(one.value == chosen for one in day.times):
            return macro(day, times, chosen)
        key = macro.name, day, languages.chosen()
        with self._lock:
            found = self._written.get(key)
            if found is not None:
                self._written.move_to_end(key)
                return found
        found = macro(day, times, "")
        with self._lock:
            self._written[key] = found
            self._written.move_to_end(key)
            if len(self._written) > _MOST:
                self._written.popitem(last=False)  # the one that nobody read for longest
        return found


def register(app: Flask) -> None:
    app.jinja_env.globals.update(written=WrittenDays().written)
