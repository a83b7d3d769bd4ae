"""Time zones as visitors look for them: one for each city of the database, by the city's name."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel.core import get_global
from markupsafe import Markup

from asterisk_callback.domain.appointment import whole_minute
from asterisk_callback.domain.tzdata import kept
from flask_app.shared import languages
from flask_app.shared.app_services import parts


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeZoneChoice:
    """name: IANA. place: the city in the reader's language. clock: what it shows there now."""

    name: str
    place: str
    clock: str


def current(name: str) -> str:
    """The name of today for one that has another by now, which many browsers still say
    (Asia/Calcutta): one zone is one choice. All other text as it is."""
    return str(get_global("zone_aliases").get(name, name))


def options(now: datetime, chosen: str, home: str) -> Markup:
    """The choices of a list: every zone that a visitor may look for, and these two, by city."""
    written = _written(
        whole_minute(now),
        languages.chosen(),
        parts().number_rules.home,
        frozenset(map(current, (chosen, home))) - _names(),
    )
    selected = _value(chosen)
    return written.replace(selected, selected + Markup(" selected"), 1)


@kept(64)
def _written(minute: datetime, language: str, region: str, others: frozenset[str]) -> Markup:
    """Made once a minute and language: four hundred clocks take 0.1 s to read, and the options a
    fifth of the form's time to write. others: zones that no country has, as technical ones."""
    zones = sorted((_zone(name, minute) for name in _names() | others), key=_by_city)
    option = Markup("<option {}>{}, {}</option>")
    return Markup("\n").join(option.format(_value(one.name), one.place, one.clock) for one in zones)


def _value(name: str) -> Markup:
    """Closed by a quotation mark: no zone's is found in another's."""
    return Markup('value="{}"').format(name)


def _zone(name: str, minute: datetime) -> TimeZoneChoice:
    clock = languages.clock(minute.astimezone(ZoneInfo(name)))
    return TimeZoneChoice(name=name, place=languages.place(name), clock=clock)


def _by_city(zone: TimeZoneChoice) -> tuple[str, str]:
    return zone.place.casefold(), zone.name


@cache
def _names() -> frozenset[str]:
    """Those of zone.tab: at least one for each country, no historic and no technical names."""
    table = files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return frozenset(row[2] for row in rows)
