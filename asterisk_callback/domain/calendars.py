"""Public holidays by country and region, from the `holidays` package.

The package is imported when a calendar is first asked for: it takes a second and 30 MB, which a
company without holidays in its configuration need not spend.
"""

from datetime import date
from functools import lru_cache

_OF_COMMUNITIES = ("catholic", "protestant")


def is_holiday(code: str, day: date) -> bool:
    """code: a country (ISO 3166), or a country and its region (ISO 3166-2), such as `GB-ENG`."""
    return day in _year(code, day.year)


def known(code: str) -> bool:
    """Is there a calendar of that code?"""
    from holidays.utils import list_supported_countries

    country, _, region = code.partition("-")
    countries = list_supported_countries(include_aliases=False)
    return country in countries and (not region or region in countries[country])


def in_parts_only(code: str, year: int) -> dict[date, str]:
    """Days that are a holiday in some communities of it only, with their names: such a day is none
    here. Assumption Day in Bavaria is one where more Catholics than Protestants live."""
    from holidays.utils import country_holidays

    country, _, region = code.partition("-")
    whole = country_holidays(country, subdiv=region or None, years=year)
    some = [one for one in _OF_COMMUNITIES if one in whole.supported_categories]
    if not some:
        return {}
    parts = country_holidays(country, subdiv=region or None, years=year, categories=tuple(some))
    return {day: name for day, name in sorted(parts.items()) if day not in whole}


@lru_cache(maxsize=512)
def _year(code: str, year: int) -> frozenset[date]:
    """A year at a time, whole: the package's own table fills itself while it is read, and several
    threads read at once."""
    from holidays.utils import country_holidays

    country, _, region = code.partition("-")
    return frozenset(country_holidays(country, subdiv=region or None, years=year))
