"""When a customer may be rung: by the clock where the customer is (P9)."""

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import phonenumbers
from phonenumbers import timezone

from asterisk_callback.domain.opening_hours import Hours, Span

_UNKNOWN = "Etc/Unknown"


@dataclass(frozen=True, slots=True)
class Home:
    """The company: its country (ISO 3166) and its time zone (IANA)."""

    country: str
    zone: str


@lru_cache(maxsize=4096)
def zones_of(e164: str, home: Home | None = None) -> tuple[str, ...]:
    """The IANA zones in which this number may be, several for a country with several; none if that
    is not known. The number's, not the person's: a mobile phone travels.

    Those of its area code, if it has one. Else a number of the company's own country is in the
    company's zone, and any other in one of its country's; libphonenumber would say those of all
    countries of its calling code, among which no hour is permitted from Moscow to Kamchatka, or
    from Jamaica to Alaska.
    """
    number = phonenumbers.parse(e164, None)
    found = _known(timezone.time_zones_for_number(number))
    if set(found) != set(_of_code(number.country_code or 0)):
        return found
    country = phonenumbers.region_code_for_number(number) or ""
    if home is not None and country == home.country:
        return (home.zone,)
    return _zones_by_country().get(country, found)


def _of_code(calling_code: int) -> tuple[str, ...]:
    """What is said of a number of which no more is known than its calling code."""
    nobody = phonenumbers.PhoneNumber(country_code=calling_code, national_number=0)
    return _known(timezone.time_zones_for_geographical_number(nobody))


def _known(zones: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(zone for zone in zones if zone != _UNKNOWN)


@cache
def _zones_by_country() -> dict[str, tuple[str, ...]]:
    """The zones of each country (tzdata's zone.tab: country, place, zone)."""
    found: dict[str, tuple[str, ...]] = {}
    text = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            found[country] = (*found.get(country, ()), zone)
    return found


@lru_cache(maxsize=512)
def customer_hours(zones: tuple[str, ...], permitted: Span) -> tuple[Hours, ...]:
    """The permitted hours of each zone: all of them must be open for a ring."""
    return tuple(Hours(zone=zone, week=((permitted,),) * 7) for zone in zones)
