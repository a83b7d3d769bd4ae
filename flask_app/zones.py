"""Time zones as visitors look for them: one for each city of the database, by the city's name."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from flask_app import languages


@dataclass(frozen=True, kw_only=True, slots=True)
class Zone:
    """name: IANA. place: the city in the reader's language. clock: what it shows there now."""

    name: str
    place: str
    clock: str


def choices(now: datetime, *known: str) -> tuple[Zone, ...]:
    """Every zone that a visitor may look for, and those already `known`, by city."""
    found = [
        Zone(
            name=name,
            place=languages.place(name),
            clock=languages.clock(now.astimezone(ZoneInfo(name))),
        )
        for name in {*_names(), *known}
    ]
    return tuple(sorted(found, key=lambda zone: (zone.place.casefold(), zone.name)))


@cache
def _names() -> frozenset[str]:
    """Those of zone.tab: at least one for each country, no historic and no technical names."""
    table = files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return frozenset(row[2] for row in rows)
