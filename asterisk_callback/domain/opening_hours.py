"""Opening hours, with public holidays: when a department calls back, and when a customer may be
rung.

Hours are wall time in one zone, so an instant is judged by what the clocks there show: a stretch
that the spring change skips is simply shorter that day, and an hour that the autumn change repeats
counts both times. Holidays are those of the `holidays` package, by country and region; it takes a
second and 30 MB, so it is imported when a calendar is first asked for.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from asterisk_callback.domain.tzdata import kept

DAY_MINUTES = 24 * 60
# Nobody promises a call further ahead: without an opening until then there is none.
FURTHEST = 400
_SPAN = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")


@dataclass(frozen=True, slots=True, order=True)
class OpeningSpan:
    """A part of one day by the wall clock: from minute `start` to before minute `end` (0 to 1440).

    Raises ValueError for an empty one, or one beyond midnight.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= DAY_MINUTES:
            raise ValueError("a span must end after it starts, and by 24:00")

    def __str__(self) -> str:
        return "-".join(f"{m // 60:02}:{m % 60:02}" for m in (self.start, self.end))


def span(text: str) -> OpeningSpan:
    """Reads `08:00-12:00`. Raises ValueError."""
    found = _SPAN.fullmatch(text.replace(" ", ""))
    if not found:
        raise ValueError("not like 08:00-12:00")
    a, b, c, d = map(int, found.groups())
    return OpeningSpan(a * 60 + b, c * 60 + d)


Spans = tuple[OpeningSpan, ...]
Stretch = tuple[datetime, datetime]
ALL_DAY: Spans = (OpeningSpan(0, DAY_MINUTES),)


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """zone: an IANA name. week: the spans of each weekday, Monday first.

    holidays: codes of calendars (`GB-ENG`) on whose days it is closed. closed_on, open_on: single
    days that differ; open_on wins over closed_on, and both over the holidays and the week.
    """

    zone: str = "UTC"
    week: tuple[Spans, ...] = (ALL_DAY,) * 7
    holidays: tuple[str, ...] = ()
    # Left out of the hash, which sets and mappings have none of; not of the comparison.
    closed_on: Collection[date] = field(default=frozenset(), hash=False)
    open_on: Mapping[date, Spans] = field(default_factory=dict, hash=False)

    @property
    def never_closes(self) -> bool:
        changed = self.holidays or self.closed_on or self.open_on
        return not changed and all(day == ALL_DAY for day in self.week)

    def spans(self, day: date) -> Spans:
        """What the wall clock says of that day."""
        if day in self.open_on:
            return self.open_on[day]
        if day in self.closed_on or any(is_holiday(code, day) for code in self.holidays):
            return ()
        return self.week[day.weekday()]

    def is_open(self, instant: datetime) -> bool:
        """instant: aware."""
        local = instant.astimezone(ZoneInfo(self.zone))
        minute = local.hour * 60 + local.minute
        return any(one.start <= minute < one.end for one in self.spans(local.date()))

    def open_ranges(self, day: date) -> list[Stretch]:
        """The stretches of that day (by the zone's calendar) in UTC, in order, none touching."""
        midnight = datetime.combine(day, datetime.min.time(), UTC)
        found = []
        for start, end, offset in _pieces(self.zone, day):
            for one in self.spans(day):
                begins = max(start, midnight + timedelta(minutes=one.start) - offset)
                ends = min(end, midnight + timedelta(minutes=one.end) - offset)
                if begins < ends:
                    found.append((begins, ends))
        return _joined(sorted(found))

    def ranges_from(self, instant: datetime) -> Iterator[Stretch]:
        """The stretches that end after the instant, in order, without an end of the search.
        Stretches of neighbouring days may touch."""
        day = instant.astimezone(ZoneInfo(self.zone)).date()
        for n in range(FURTHEST):
            for start, end in self.open_ranges(day + timedelta(days=n)):
                if end > instant:
                    yield start, end

    def next_opening(self, instant: datetime) -> datetime | None:
        """The instant itself if it is open then, else the next one at which it opens; None if it
        does not within the next year."""
        start, _ = next(self.ranges_from(instant), (None, None))
        return start and max(start, instant)

    def end_of_next_day(self, instant: datetime) -> datetime | None:
        """When it closes for good on the first day after the instant's own (by the zone's calendar)
        on which it opens; None if there is none within the next year."""
        day = instant.astimezone(ZoneInfo(self.zone)).date()
        for n in range(1, FURTHEST):
            later = day + timedelta(days=n)
            ranges = self.open_ranges(later) if self.spans(later) else []
            if ranges:
                return ranges[-1][1]
        return None

    def closing(self, instant: datetime) -> datetime | None:
        """When it closes after this instant, which must be open; None if not within a week."""
        until = instant
        for start, end in self.ranges_from(instant):
            if start > until:
                return until
            until = end
            if until > instant + timedelta(days=7):
                break
        return None


def next_open(all_of: Sequence[Hours], instant: datetime) -> datetime | None:
    """The first instant from this one on at which all of them are open; None if there is none
    within the next year."""
    moment, limit = instant, instant + timedelta(days=FURTHEST)
    while moment < limit:
        earlier = moment
        for hours in all_of:
            opens = hours.next_opening(moment)
            if opens is None:
                return None
            moment = opens
        if moment == earlier:
            return moment
    return None


@kept(4096)
def _pieces(zone: str, day: date) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """The time around that day, cut where the zone's offset from UTC changes: (start, end, offset).

    Every instant that can show that day on a clock lies within: offsets are within a day of UTC.
    """
    where = ZoneInfo(zone)
    step = timedelta(minutes=30)
    start = datetime.combine(day, datetime.min.time(), UTC) - timedelta(hours=16)
    last = start + timedelta(hours=56)
    pieces, begins = [], start
    while start < last:
        after = start + step
        offset = _offset(start, where)
        if _offset(after, where) != offset:
            change = _change(start, after, where)
            pieces.append((begins, change, offset))
            begins = change
        start = after
    pieces.append((begins, last, _offset(last, where)))
    return tuple(pieces)


def _change(before: datetime, after: datetime, where: ZoneInfo) -> datetime:
    """The first instant, to the second, with the offset of `after`."""
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _offset(middle, where) == _offset(before, where):
            before = middle
        else:
            after = middle
    return after


def _offset(instant: datetime, where: ZoneInfo) -> timedelta:
    offset = instant.astimezone(where).utcoffset()
    assert offset is not None
    return offset


def _joined(ranges: list[Stretch]) -> list[Stretch]:
    """Without seams: what touches or overlaps is one."""
    joined: list[Stretch] = []
    for start, end in ranges:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


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
