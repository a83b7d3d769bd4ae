"""A request's story for those who work here: its audit trail as a timeline, oldest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from asterisk_callback.domain.disposition import TABLE, Disposition
from asterisk_callback.domain.phone import redact
from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.domain.trail import AuditEntry, TrailEvent
from flask_app.inside.story import StoryLine
from flask_app.shared.moments import Moment, ReaderClock

_STATES = {
    RequestState.SCHEDULED: "Waits for its time",
    RequestState.QUEUED: "In line",
    RequestState.OFFERED: "Offered to an agent",
    RequestState.IN_PROGRESS: "A try began",
    RequestState.COMPLETED: "They talked",
    RequestState.FAILED: "Given up",
    RequestState.CANCELLED: "Cancelled",
    RequestState.EXPIRED: "Its time passed",
}
# A state that a later version wrote is said in its own name.
_BY_NAME = {state.value: title for state, title in _STATES.items()}
_TITLES: Mapping[str, str] = {
    TrailEvent.CALLED_NEXT: "Called next",
    TrailEvent.REASSIGNED: "Given to another queue",
    TrailEvent.RETRIED_NOW: "Tried again without a pause",
    TrailEvent.JOINED: "Asked for once more",
    TrailEvent.DETACHED: "One wish was withdrawn",
    TrailEvent.MOVED: "Moved to another time",
    TrailEvent.ERASED: "Personal data was deleted",
    TrailEvent.CANCELLED_BY_COMPANY: "Cancelled by the company",
}
_NEXT = {
    RequestState.SCHEDULED: "Called then",
    RequestState.QUEUED: "Called when its turn comes",
    RequestState.OFFERED: "Called when an agent accepts it",
    RequestState.IN_PROGRESS: "A call is under way",
}
# So many lines of a story stand beside the board.
SHOWN = 6
# A disposition that a later version wrote has no words here.
_ENDINGS = {disposition.value: rule for disposition, rule in TABLE.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectedRequest:
    """The request whose story is shown beside the board. next: what comes, in words; None after its
    end."""

    id: int
    who: str
    lines: tuple[StoryLine, ...]
    next: str | None
    at: Moment | None
    can_next: bool


def picked(request: Request, trail: Sequence[AuditEntry], reader: ReaderClock) -> SelectedRequest:
    """Its last lines: the whole story is on its own page."""
    waits = request.state is RequestState.SCHEDULED
    return SelectedRequest(
        id=request.id,
        who=request.name or "No name",
        lines=tuple(story(trail, reader)[-SHOWN:]),
        next=_NEXT.get(request.state),
        at=reader.moment(request.due_at) if waits else None,
        can_next=request.state is RequestState.QUEUED,
    )


def story(trail: Sequence[AuditEntry], reader: ReaderClock) -> list[StoryLine]:
    """Numbers that a line or a person wrote into a reason are masked."""
    return [_line(one, reader) for one in trail]


def _line(one: AuditEntry, reader: ReaderClock) -> StoryLine:
    by = "" if one.actor in one.reason else f" (by {one.actor})"
    return StoryLine(
        at=reader.moment(one.at),
        title=_title(one),
        text=f"{redact(one.reason)}{by}",
        mark=_mark(one),
    )


def _title(one: AuditEntry) -> str:
    if one.event == TrailEvent.REQUEST and one.new is not None:
        if one.old is None:
            return "Asked for a call"
        if one.old == one.new:
            return "Changed"
        return _BY_NAME.get(one.new) or _words(one.new)
    if one.event == TrailEvent.ATTEMPT:
        if one.new is None:
            return "The try went on"
        rule = _ENDINGS.get(one.new)
        return rule.words.earlier if rule else f"The try ended: {one.new.replace('_', ' ')}"
    return _TITLES.get(one.event) or _words(one.event)


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _mark(one: AuditEntry) -> str:
    if one.new in (RequestState.COMPLETED, Disposition.ANSWERED):
        return "is-done"
    missed = one.new in _ENDINGS and _ENDINGS[one.new].is_miss
    return "is-miss" if missed or one.new == RequestState.EXPIRED else ""
