"""When a customer may be rung: by the clock where the customer is (P9)."""

from functools import lru_cache

import phonenumbers
from phonenumbers import timezone

from asterisk_callback.domain.hours import Hours, Span

_UNKNOWN = "Etc/Unknown"


@lru_cache(maxsize=4096)
def zones_of(e164: str) -> tuple[str, ...]:
    """The IANA zones in which this number may be, several for a country with several; none if that
    is not known. The region's, not the person's: a mobile phone travels."""
    found = timezone.time_zones_for_number(phonenumbers.parse(e164, None))
    return tuple(zone for zone in found if zone != _UNKNOWN)


@lru_cache(maxsize=512)
def customer_hours(zones: tuple[str, ...], permitted: Span) -> tuple[Hours, ...]:
    """The permitted hours of each zone: all of them must be open for a ring."""
    return tuple(Hours(zone=zone, week=((permitted,),) * 7) for zone in zones)
