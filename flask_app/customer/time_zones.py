"""Time zones as visitors look for them: one for each city of the database, by the city's name."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel.core import get_global

from asterisk_callback.domain.appointment import whole_minute
from flask_app.shared import languages
from flask_app.shared.app_services import parts


@dataclass(frozen=True, kw_only=True, slots=True)
class Zone:
    """name: IANA. place: the city in the reader's language. clock: what it shows there now."""

    name: str
    place: str
    clock: str


def current(name: str) -> str:
    """The name of today for one that has another by now, which many browsers still say
    (Asia/Calcutta): one zone is one choice. All other text as it is."""
    return str(get_global("zone_aliases").get(name, name))


def choices(now: datetime, *known: str) -> tuple[Zone, ...]:
    """Every zone that a visitor may look for, and those already `known`, by city."""
    minute = whole_minute(now)
    cities = _cities(minute, languages.chosen(), parts().number_rules.home)
    others = [_zone(name, minute) for name in {*map(current, known)} - _names()]
    return tuple(sorted([*cities, *others], key=_by_city)) if others else cities


@lru_cache(maxsize=16)
def _cities(minute: datetime, language: str, region: str) -> tuple[Zone, ...]:
    """Made once a minute and language: reading and writing four hundred clocks takes 0.1 s."""
    return tuple(sorted((_zone(name, minute) for name in _names()), key=_by_city))


def _zone(name: str, minute: datetime) -> Zone:
    clock = languages.clock(minute.astimezone(ZoneInfo(name)))
    return Zone(name=name, place=languages.place(name), clock=clock)


def _by_city(zone: Zone) -> tuple[str, str]:
    return zone.place.casefold(), zone.name


@cache
def _names() -> frozenset[str]:
    """Those of zone.tab: at least one for each country, no historic and no technical names."""
    table = files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return frozenset(row[2] for row in rows)
