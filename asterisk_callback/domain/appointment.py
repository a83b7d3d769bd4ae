"""From a wished time to an instant: wall time and zone as the customer meant them.

The wall time is what was promised, so it is kept; the instant is derived from it and may be
derived again when the zone's rules change (`tzdata` names the version used).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from asterisk_callback.domain import tzdata as zone_rules
from asterisk_callback.domain.errors import InvalidInput, InvalidTime

MINUTE = timedelta(minutes=1)


def whole_minute(instant: datetime) -> datetime:
    """Return the minute that clocks show at this instant: its seconds are cut, never rounded."""
    return instant.replace(second=0, microsecond=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Appointment:
    """instant: aware UTC. wall_time: ISO 8601 without offset, in `zone` (an IANA name)."""

    instant: datetime
    wall_time: str
    zone: str
    tzdata: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BookingWindow:
    """How far ahead a time may lie."""

    days_ahead: int = 30


def zone(name: str) -> ZoneInfo:
    """The IANA time zone of that name. Raises InvalidInput if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(
            "time_zone", "We don’t know this time zone. Use a name like Europe/Berlin."
        ) from error


def appointment(
    text: str, zone_name: str, now: datetime, window: BookingWindow = BookingWindow()
) -> Appointment:
    """Reads an ISO 8601 time: with an offset it is an instant, without one wall time in the zone.

    now: aware UTC. Raises InvalidTime for a text that is no time, a time in a gap (spring), in the
    past, or beyond the window. In a fold (autumn) the earlier of the two instants is meant.
    """
    where = zone(zone_name)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidTime("Write the time like 2026-11-23T10:15.") from error
    if moment.tzinfo is None:
        _refuse_gap(moment, where)
        moment = moment.replace(tzinfo=where)
    try:
        instant = moment.astimezone(UTC)
        wall_time = instant.astimezone(where)
    except OverflowError as error:
        raise InvalidTime("This time is too far away.") from error
    if instant < now - MINUTE:
        raise InvalidTime("This time has passed. Choose a later one.")
    if instant > now + timedelta(days=window.days_ahead):
        raise InvalidTime(
            "We plan at most {days} days ahead. Choose an earlier day.", days=window.days_ahead
        )
    return Appointment(
        instant=instant,
        wall_time=wall_time.replace(tzinfo=None).isoformat(timespec="minutes"),
        zone=zone_name,
        tzdata=zone_rules.version(),
    )


def again(wall_time: str, zone_name: str, was: datetime) -> datetime:
    """The instant of a chosen wall time by the rules of today. was: the instant by earlier ones;
    where the wall time comes twice, or not at all any more, the nearest to it. Aware UTC."""
    wall, where = datetime.fromisoformat(wall_time), zone(zone_name)
    both = [wall.replace(tzinfo=where, fold=fold).astimezone(UTC) for fold in (0, 1)]
    instant = min(both, key=lambda one: abs(one - was))
    # The wall time is kept to the minute, the instant as it was given.
    return was if abs(instant - was) < MINUTE else instant


def _refuse_gap(wall: datetime, where: ZoneInfo) -> None:
    """A wall time that a clock skips does not survive the way to UTC and back (PEP 495)."""
    local = wall.replace(tzinfo=where)
    try:
        back = local.astimezone(UTC).astimezone(where).replace(tzinfo=None)
    except OverflowError as error:
        raise InvalidTime("This time is too far away.") from error
    if back != wall:
        raise InvalidTime(
            "The clocks go forward then, and this time does not exist on that day. "
            "Choose a time before or after."
        )
