"""What one department can offer now, as the form shows it: the promise, and the times to choose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale

from asterisk_callback.domain.appointment import MINUTE
from asterisk_callback.domain.expected_time import ExpectedRange
from asterisk_callback.domain.slots import DayOfSlots, FreeSlot, slot
from asterisk_callback.domain.tzdata import kept
from asterisk_callback.services.booking.availability import QueueAvailability, QueueState
from flask_app.shared import languages
from flask_app.shared.app_services import AppServices
from flask_app.shared.moments import Moment, Range, ReaderClock, moment_of

# So many days are shown at a time: two rows on a desk, four on a phone. Fewer where a day has so
# many times that the page would get large: without a script it carries those of all its days.
DAYS = 10
MOST_TIMES = 240


@dataclass(frozen=True, kw_only=True, slots=True)
class Time:
    """value: what the form sends, ISO 8601 with an offset. there: the company's clock, where it
    shows something else. offset: such as UTC+01:00, where the clocks show this time twice. full:
    all its places are taken; it is shown, so that nobody wonders where it is."""

    value: str
    at: Moment
    there: str
    offset: str
    full: bool


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DayOfTimes:
    """short: 23 Nov. days: from today. full: no time of it can be had, and it has none here. Equal
    to itself alone, so that what was written of it can be found again (prepared.py)."""

    iso: str
    weekday: str
    short: str
    date: str
    days: int
    full: bool
    times: tuple[Time, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitRange:
    """How long until the call, in whole minutes, and where the promised time begins on the promise
    line, in percent."""

    least: int
    most: int
    begins: str
    width: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Timetable:
    """One department's times in the reader's zone.

    asap: a call as soon as possible is on offer; else, and where a time was taken, `offers` are.
    stop: why nobody is called just now, a reason's name, "" where calls go out.
    shown: the day that is opened. earlier, later: the days to which the list can be turned.
    """

    state: str
    asap: bool
    stop: str
    now: Moment
    expected: Range | None
    wait: WaitRange | None
    opens: Moment | None
    next: Time | None
    offers: tuple[Time, ...]
    days: tuple[DayOfTimes, ...]
    shown: str
    earlier: str
    later: str
    last_day: str
    zone: str
    place: str
    home: str
    foreign: bool


def of(
    parts: AppServices,
    queue: str,
    zone: str,
    day: str = "",
    instead: Sequence[datetime] = (),
    *,
    moving: bool = False,
) -> Timetable:
    """day: the one to open, an ISO date. instead: what to offer for a time that was taken. moving:
    for a wish that there is.

    Raises InvalidInput for an unknown zone, StoreUnavailable.
    """
    found = parts.availability.of(queue, zone, moving=moving)
    reader = ReaderClock(ZoneInfo(zone), parts.clock())
    home, today, locale = parts.company.zone, reader.today, languages.locale()
    asap = found.state is QueueState.OPEN
    offers = [slot(one, zone, None) for one in instead] or ([] if asap else found.next_free)
    days, count = found.days, _count(found.days)
    free = [one for one in days if not one.full]
    page = _page(days, day or _first(free), count)
    shown = days[page * count : (page + 1) * count]
    return Timetable(
        state=found.state.value,
        asap=asap,
        stop=found.stop.value if found.stop else "",
        now=reader.moment(reader.now),
        expected=_range(found.expected, reader),
        wait=_wait(found.expected, reader.this_minute),
        opens=reader.maybe(found.opens_at),
        next=_time(found.next_free[0], zone, home, today) if found.next_free else None,
        offers=tuple(_time(one, zone, home, today) for one in offers),
        days=tuple(_day(one, zone, home, today, locale) for one in shown),
        shown=_shown([one for one in shown if not one.full], day),
        earlier=days[(page - 1) * count].date.isoformat() if page else "",
        later=days[(page + 1) * count].date.isoformat() if len(days) > (page + 1) * count else "",
        last_day=languages.short_day(free[-1].date) if free else "",
        zone=zone,
        place=languages.place(zone),
        home=languages.place(home),
        foreign=_differs(found, zone, home, reader.now),
    )


def unknown(parts: AppServices, zone: str) -> Timetable:
    """While the database is away: no promise, no times. What was typed is to be kept on a page."""
    reader = ReaderClock(ZoneInfo(zone), parts.clock())
    return Timetable(
        state=QueueState.OPEN.value,
        asap=True,
        stop="",
        now=reader.moment(reader.now),
        expected=None,
        wait=None,
        opens=None,
        next=None,
        offers=(),
        days=(),
        shown="",
        earlier="",
        later="",
        last_day="",
        zone=zone,
        place=languages.place(zone),
        home=languages.place(parts.company.zone),
        foreign=False,
    )


def _time(one: FreeSlot, zone: str, home: str, today: date) -> Time:
    """As its reader's clock shows it, who is elsewhere than the company perhaps."""
    here = one.instant.astimezone(ZoneInfo(zone))
    there = one.instant.astimezone(ZoneInfo(home))
    same = here.replace(tzinfo=None) == there.replace(tzinfo=None)
    return Time(
        value=here.isoformat(timespec="minutes"),
        at=moment_of(here, today),
        there="" if same else languages.clock(there),
        offset=f"UTC{one.offset}" if one.offset else "",
        full=one.full,
    )


@kept(512)
def _day(one: DayOfSlots, zone: str, home: str, today: date, _: Locale) -> DayOfTimes:
    """Kept, because everybody who opens the form is shown the same days. _: what it is written in,
    by the functions that know the reader's."""
    return DayOfTimes(
        iso=one.date.isoformat(),
        weekday=languages.weekday(one.date),
        short=languages.short_day(one.date),
        date=languages.day(one.date),
        days=(one.date - today).days,
        full=one.full,
        times=() if one.full else tuple(_time(each, zone, home, today) for each in one.slots),
    )


def _count(days: Sequence[DayOfSlots]) -> int:
    """How many days a page shows."""
    longest = max((len(one.slots) for one in days if not one.full), default=1)
    return max(2, min(DAYS, MOST_TIMES // longest))


def _page(days: Sequence[DayOfSlots], wished: str, count: int) -> int:
    """The page of the list that this day is on."""
    before = sum(1 for one in days if one.date.isoformat() < wished)
    return min(before, max(0, len(days) - 1)) // count


def _shown(days: Sequence[DayOfSlots], wished: str) -> str:
    dates = [one.date.isoformat() for one in days]
    return wished if wished in dates else _first(days)


def _first(days: Sequence[DayOfSlots]) -> str:
    return days[0].date.isoformat() if days else ""


def _range(expected: ExpectedRange | None, reader: ReaderClock) -> Range | None:
    if expected is None:
        return None
    return Range(start=reader.moment(expected.earliest), end=reader.moment(expected.latest))


def _wait(expected: ExpectedRange | None, now: datetime) -> WaitRange | None:
    """The line goes from now (1 %) to the end of the promised time (99 %)."""
    if expected is None:
        return None
    least = max(0, (expected.earliest - now) // MINUTE)
    most = max(1, (expected.latest - now) // MINUTE)
    begins = 1 + 98 * min(least / most, 0.9)
    mirrored = languages.language().dir == "rtl"
    return WaitRange(
        least=least,
        most=most,
        begins=f"{1 if mirrored else begins:.2f}%",
        width=f"{99 - begins:.2f}%",
    )


def _differs(found: QueueAvailability, zone: str, home: str, now: datetime) -> bool:
    """Do the clocks differ at any time on offer?"""
    if zone == home:
        return False
    instants = [now, *(one.instant for day in found.days for one in day.slots)]
    there, here = ZoneInfo(home), ZoneInfo(zone)
    return any(
        one.astimezone(there).utcoffset() != one.astimezone(here).utcoffset() for one in instants
    )


def is_day(text: str) -> bool:
    """An ISO date, as we write it."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
