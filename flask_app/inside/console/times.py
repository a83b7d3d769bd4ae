"""The times that a wrap-up offers for "Call again": of the callback queue's free slots."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from asterisk_callback.domain.errors import UnknownQueue
from asterisk_callback.domain.slots import FreeSlot
from flask_app.shared import languages
from flask_app.shared.app_services import parts

SOON = timedelta(minutes=55)
DAYS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class CallAgainOptions:
    """value: wall time without offset, in the queue's zone. zone: its city, "" if it is the
    company's."""

    options: Sequence[tuple[str, str]] = ()
    zone: str = ""


def again(queue: str | None, now: datetime) -> CallAgainOptions:
    """In about an hour, and on the next open days at this time of day. now: aware UTC."""
    if queue is None or queue not in parts().queues:
        return CallAgainOptions()
    zone = parts().queues[queue].hours.zone
    local = now.astimezone(ZoneInfo(zone))
    try:
        days = parts().availability.of(queue, zone).days
    except UnknownQueue:
        return CallAgainOptions()
    found = islice(_picked([day.slots for day in days], now, local), DAYS)
    return CallAgainOptions(
        options=tuple((one.wall_time, _label(one, local)) for one in found),
        zone="" if zone == parts().company.zone else languages.place(zone),
    )


def _picked(
    days: Sequence[Sequence[FreeSlot]], now: datetime, local: datetime
) -> Iterator[FreeSlot]:
    today, clock = local.date().isoformat(), local.strftime("%H:%M")
    for slots in days:
        free = [one for one in slots if not one.full]
        if free and free[0].wall_time.startswith(today):
            yield from islice((one for one in free if one.instant >= now + SOON), 1)
        elif free:
            yield next((one for one in free if one.wall_time[11:] >= clock), free[-1])


def _label(one: FreeSlot, local: datetime) -> str:
    there = datetime.fromisoformat(one.wall_time)
    days = (there.date() - local.date()).days
    day = {0: "Today", 1: "Tomorrow"}.get(days, languages.short_date(there))
    return f"{day}, {languages.clock(there)}"
