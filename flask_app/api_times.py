"""Instants and free times, as the API writes them."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from asterisk_callback.services.booking import availability
from flask_app.api.models import QueueTimes, Slot


def iso(instant: datetime, zone: str) -> str:
    """ISO 8601 with the offset of an IANA zone, to the second."""
    return instant.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def isos(instants: Sequence[datetime], zone: str) -> list[str]:
    return [iso(instant, zone) for instant in instants]


def queue_times(found: availability.QueueTimes) -> QueueTimes:
    """The answer of `…/availability`, in the zone that was asked for."""
    zone, expected = found.zone, found.expected
    return QueueTimes(
        queue=found.queue.name,
        title=found.queue.title,
        time_zone=zone,
        state=found.state,
        opens_at=iso(found.opens_at, zone) if found.opens_at else None,
        expected_from=iso(expected.earliest, zone) if expected else None,
        expected_to=iso(expected.latest, zone) if expected else None,
        why_waiting=found.stop,
        slots=[
            Slot(at=iso(slot.instant, zone), free=slot.free)
            for day in found.days
            for slot in day.slots
            if not slot.full
        ],
    )
