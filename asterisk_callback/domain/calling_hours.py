"""May this request be called now, and when else? (P9) Asked by the claim, the gate, and whatever
plans a next try: opening hours of the queue, and permitted hours by the clock where the customer
is. All instants are aware UTC."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files

import phonenumbers
from phonenumbers import timezone

from asterisk_callback.domain.opening_hours import Hours, OpeningSpan, next_open
from asterisk_callback.domain.queue import CallbackQueue, Home
from asterisk_callback.domain.request import Request
from asterisk_callback.domain.wish import Wish, deciding, standing

_UNKNOWN = "Etc/Unknown"
# Who asks for a call as soon as possible permits it for so long, whatever the clock says there.
ASAP_PERMITS = timedelta(hours=2)


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
def customer_hours(zones: tuple[str, ...], permitted: OpeningSpan) -> tuple[Hours, ...]:
    """The permitted hours of each zone: all of them must be open for a ring."""
    return tuple(Hours(zone=zone, week=((permitted,),) * 7) for zone in zones)


def allowed(queue: CallbackQueue, request: Request, wishes: Sequence[Wish], now: datetime) -> bool:
    """Is the queue open now, and may the customer be rung? wishes: as in next_allowed."""
    if not queue.hours.is_open(now):
        return False
    return next_allowed(queue, request, wishes, now) == now


def next_allowed(
    queue: CallbackQueue, request: Request, wishes: Sequence[Wish], at: datetime
) -> datetime | None:
    """The first instant from `at` on at which the request may be called; None if there is none
    within the next year. wishes: those behind the request, or the one for which that is asked."""
    opens = queue.hours.next_opening(at)
    if opens is None or queue.permitted is None:
        return opens
    if opens < _asap_until(standing(wishes)):
        return opens
    decides = deciding(wishes)
    own = decides.customer_zone if decides is not None else None
    return next_open([queue.hours, *of_customer(queue, own, request.e164)], at)


def permitted_now(queue: CallbackQueue, own_zone: str | None, e164: str, now: datetime) -> bool:
    """May the customer be rung now, and as long as a wish for as soon as possible permits it? Asked
    where it is the company that wants such a call, which by itself permits nothing."""
    customer = of_customer(queue, own_zone, e164)
    until = now + ASAP_PERMITS - timedelta(minutes=1)
    return all(hours.is_open(now) and hours.is_open(until) for hours in customer)


def of_customer(queue: CallbackQueue, own_zone: str | None, e164: str) -> tuple[Hours, ...]:
    """The hours in which this customer may be rung, all at once.

    own_zone: Wish.customer_zone; without it every zone in which the number may be must permit, and
    the queue's own where that is not known.
    """
    if queue.permitted is None:
        return ()
    zones = (own_zone,) if own_zone else zones_of(e164, queue.home) or (queue.hours.zone,)
    return customer_hours(zones, queue.permitted)


def _asap_until(wishes: Iterable[Wish]) -> datetime:
    ends = [wish.due_at + ASAP_PERMITS for wish in wishes if wish.asap]
    return max(ends, default=datetime.min.replace(tzinfo=UTC))
