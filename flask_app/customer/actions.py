"""What the reader of a status page may do now, and what was tried without success a moment ago."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from asterisk_callback.domain.errors import AmbiguousNumber, InvalidInput, NotNow, SlotTaken
from asterisk_callback.services.status.status import PublicStatus, Status
from asterisk_callback.services.status.why import Reason
from flask_app.customer import choices as choosing
from flask_app.customer import timetable
from flask_app.customer.choices import CountryChoice
from flask_app.customer.form import FieldError
from flask_app.customer.timetable import Timetable
from flask_app.shared import languages
from flask_app.shared.app_services import AppServices

_NOT_OURS = (Reason.TALKING, Reason.HANGING_UP, Reason.ENDED)


@dataclass(frozen=True, kw_only=True, slots=True)
class RejectedAction:
    """An action's form word for word, so that no error costs a second typing. problem: what is
    wrong with it. instead: other times for one that can't be had."""

    action: str = ""
    country: str = ""
    phone: str = ""
    reading: str = ""
    slot: str = ""
    day: str = ""
    problem: FieldError | None = None
    instead: tuple[datetime, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusActions:
    """times: what to move to; None: the page has them already. asap: as soon as possible can be
    had, too. calendar: there is a time to put into one. erase: it is over, and may be deleted."""

    now: bool
    move: bool
    number: bool
    cancel: bool
    calendar: bool
    erase: bool
    asap: bool
    times: Timetable | None
    regions: tuple[CountryChoice, ...]
    country: str
    tried: RejectedAction

    @property
    def any(self) -> bool:
        return self.now or self.number or self.cancel or self.calendar or self.move


def read(action: str, form: Mapping[str, str]) -> RejectedAction:
    return RejectedAction(
        action=action,
        country=form.get("country", ""),
        phone=form.get("phone", ""),
        reading=form.get("reading", ""),
        slot=form.get("slot", ""),
        day=form.get("day", ""),
    )


def actions(
    parts: AppServices, status: Status, tried: RejectedAction, *, has_times: bool = False
) -> StatusActions:
    """Each is judged again when it is done: the phone may begin to ring at any moment.

    has_times: the page shows times to move to already; they are not looked for again.
    """
    waits = status.public.is_waiting and status.request.state.is_changeable
    queue = status.queue
    changeable = waits and queue is not None
    choices = (
        choosing.of_page(parts, {queue.name: queue}, queue.name) if queue and changeable else None
    )
    times = _times(parts, status, tried) if changeable and not has_times else None
    return StatusActions(
        now=changeable and status.public is PublicStatus.SCHEDULED and bool(status.attempts),
        move=times is not None or (changeable and has_times),
        number=changeable,
        cancel=status.why.reason not in _NOT_OURS,
        calendar=waits and not status.wish.asap,
        erase=status.public.is_over,
        asap=times is not None and times.asap and not status.wish.asap,
        times=times,
        regions=choices.regions if choices else (),
        country=tried.country or status.request.region,
        tried=tried,
    )


def problem_of(error: InvalidInput, tried: RejectedAction) -> FieldError:
    """The error at the action's own field."""
    field = {"move": "slot", "number": "phone"}.get(tried.action, tried.action)
    readings = error.readings if isinstance(error, AmbiguousNumber) else ()
    return FieldError(field=field, sentence=languages.say(error), readings=readings)


def other_times(error: InvalidInput) -> tuple[datetime, ...]:
    """What may be had in place of the time that was wanted."""
    if isinstance(error, SlotTaken):
        return error.nearest
    return error.next_free if isinstance(error, NotNow) else ()


def _times(parts: AppServices, status: Status, tried: RejectedAction) -> Timetable | None:
    assert status.queue is not None
    zone = status.wish.shown_zone(parts.company.zone)
    day = tried.day if timetable.is_day(tried.day) else ""
    name = status.queue.name
    found = timetable.of(parts, name, zone, day, tried.instead, moving=True)
    return found if found.days or (found.asap and not status.wish.asap) else None
