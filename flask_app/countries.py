"""English names of the regions that a company may call, from the time zone database's list."""

from functools import cache
from importlib.resources import files

# Where the list (ISO 3166 as the tz database writes it) uses a name that people don't look for.
_USUAL = {"GB": "United Kingdom", "CZ": "Czechia", "KR": "South Korea", "KP": "North Korea"}


@cache
def _names() -> dict[str, str]:
    lines = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return dict(rows) | _USUAL


def name(region: str) -> str:
    """The name of an ISO 3166 region, or the code itself if it has none."""
    return _names().get(region, region)
