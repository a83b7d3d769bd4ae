"""One request's own page: its story, and what a supervisor may do with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Response, make_response, render_template

from asterisk_callback.domain.keyed_hash import is_erased
from asterisk_callback.domain.phone import mask, redact
from asterisk_callback.domain.queue import CallbackQueue
from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.domain.slots import DayOfSlots
from asterisk_callback.services.booking.availability import QueueState
from flask_app.inside import asked_on, scope
from flask_app.inside.board import story
from flask_app.inside.story import StoryLine
from flask_app.shared import languages
from flask_app.shared.app_services import parts
from flask_app.shared.moments import ReaderClock


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardRejection:
    """What was tried without success, and what was typed for it. action: which, "" for none."""

    action: str = ""
    sentence: str = ""
    reason: str = ""
    day: str = ""
    slot: str = ""
    to: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class MoveOptions:
    """What it may be moved to. days: with a free time, as ISO date and in words. times: of the day
    that is shown, as what the form sends and by the company's clock. asap: can be had, too."""

    days: tuple[tuple[str, str], ...]
    day: str
    times: tuple[tuple[str, str], ...]
    asap: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestActions:
    """What can be done now; each is judged again when it is done."""

    next: bool
    retry: bool
    ask: bool
    times: MoveOptions | None
    queues: Sequence[CallbackQueue]


def page(found: Request, code: int, tried: BoardRejection) -> Response:
    with parts().store.reading() as tx:
        trail, wishes = tx.trail.of(found.id), tx.wishes.of(found.id)
    reader = ReaderClock(ZoneInfo(parts().company.zone), parts().clock())
    queue = parts().queues.get(found.queue)
    shown = render_template(
        "inside/board/request_page.html",
        found=found,
        phone=mask(found.e164),
        title=queue.title if queue else found.queue,
        places=asked_on.places(wishes),
        story=story.story(trail, reader),
        said=_said(found, reader),
        can=_actions(found, tried),
        tried=tried,
    )
    return make_response(shown, code)


def _said(found: Request, reader: ReaderClock) -> list[StoryLine]:
    """What agents said of its calls."""
    wrap_ups = parts().wrap_ups
    return [
        StoryLine(
            at=reader.moment(one.said.at),
            title=one.said.code or "Without a code",
            text=". ".join(text for text in (redact(one.said.note), f"By {one.who}") if text),
        )
        for one in (wrap_ups.of(found.id) if wrap_ups is not None else ())
    ]


def _actions(found: Request, tried: BoardRejection) -> RequestActions:
    waits = found.state.is_changeable
    return RequestActions(
        next=found.state is RequestState.QUEUED,
        retry=found.state is RequestState.SCHEDULED and found.rings > 0,
        ask=found.state.can_be_asked_again and not is_erased(found.e164),
        times=_times(found, tried) if waits and found.queue in parts().queues else None,
        queues=[one for one in scope.theirs() if one.name != found.queue] if waits else [],
    )


def _times(found: Request, tried: BoardRejection) -> MoveOptions | None:
    offered = parts().availability.of(found.queue, moving=True)
    free = [day for day in offered.days if not day.full]
    asap = offered.state is QueueState.OPEN and found.state is RequestState.SCHEDULED
    if not free and not asap:
        return None
    shown = next(
        (day for day in free if day.date.isoformat() == tried.day), free[0] if free else None
    )
    return MoveOptions(
        days=tuple((day.date.isoformat(), languages.day(day.date)) for day in free),
        day=shown.date.isoformat() if shown else "",
        times=_of_day(shown) if shown else (),
        asap=asap,
    )


def _of_day(day: DayOfSlots) -> tuple[tuple[str, str], ...]:
    zone = ZoneInfo(parts().company.zone)
    found = []
    for one in day.slots:
        if not one.full:
            here = one.instant.astimezone(zone)
            offset = f" UTC{one.offset}" if one.offset else ""
            found.append((here.isoformat(timespec="minutes"), languages.clock(here) + offset))
    return tuple(found)
