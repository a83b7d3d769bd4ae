"""The status page's view model: facts in the reader's time zone. Templates own the words."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext

from asterisk_callback.domain.attempt import Attempt, Disposition
from asterisk_callback.domain.request import ENDED
from asterisk_callback.services.status import PublicStatus, Status
from asterisk_callback.services.why import Reason
from flask_app import languages
from flask_app.parts import Parts

OVER = frozenset(
    {
        PublicStatus.COMPLETED,
        PublicStatus.CANCELLED,
        PublicStatus.EXPIRED,
        PublicStatus.FAILED,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """An instant in the reader's zone. days: from today (0 today, 1 tomorrow, -1 yesterday)."""

    iso: str
    clock: str
    date: str
    days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One line of the story. kind names its words; number: which try of the customer's phone."""

    kind: str
    at: Moment
    mark: str = ""
    number: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusView:
    """version changes exactly when something on the page does."""

    state: str
    reason: str
    sentence: str
    over: bool
    cancellable: bool
    asap: bool
    retry: bool
    by_customer: bool
    wished: Moment
    due: Moment
    until: Moment | None
    talked_at: Moment | None
    last: str
    position: int | None
    steps: tuple[Step, ...]
    phone_masked: str
    department: str
    caller_id: str
    place: str
    foreign: bool

    @property
    def version(self) -> str:
        return hashlib.sha256(repr(self).encode()).hexdigest()[:24]


def status_view(parts: Parts, status: Status) -> StatusView:
    """Everything that the status page shows."""
    zone_name = status.wish.zone or status.request.zone or parts.company.zone
    reader = _Reader(ZoneInfo(zone_name), parts.clock())
    attempts = _own_attempts(status)
    answered = [one for one in attempts if one.answered_at is not None]
    talked_at = answered[-1].answered_at if answered else None
    last = attempts[-1].disposition if attempts else None
    over = status.public in OVER
    until = status.why.until
    return StatusView(
        state=status.public.value,
        reason=status.why.reason.value,
        sentence=gettext(status.why.sentence),
        over=over,
        cancellable=not over and status.why.reason not in (Reason.TALKING, Reason.HANGING_UP),
        asap=status.wish.asap,
        retry=any(one.rung for one in attempts),
        by_customer=status.wish.withdrawn_at is not None,
        wished=reader.moment(status.wish.due_at),
        due=reader.moment(status.request.due_at),
        until=reader.moment(until) if until else None,
        talked_at=reader.moment(talked_at) if talked_at else None,
        last=last.value if last else "",
        position=status.position,
        steps=_steps(status, attempts, reader),
        phone_masked=status.phone_masked,
        department=status.queue.title if status.queue else "",
        caller_id=status.queue.trunk.caller_id if status.queue else "",
        place=languages.place(zone_name),
        foreign=zone_name != parts.company.zone,
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns instants into what the reader's clock and calendar show."""

    zone: ZoneInfo
    now: datetime

    def moment(self, instant: datetime) -> Moment:
        local = instant.astimezone(self.zone)
        return Moment(
            iso=local.isoformat(timespec="seconds"),
            clock=languages.clock(local),
            date=languages.day(local),
            days=(local.date() - self.now.astimezone(self.zone).date()).days,
        )


def _own_attempts(status: Status) -> list[Attempt]:
    """Those since this wish was made: who joins an open request learns nothing of what was
    before (P12). For the same reason no name and no topic is shown: they may be another's."""
    return [one for one in status.attempts if one.claimed_at >= status.wish.created_at]


def _steps(status: Status, attempts: Sequence[Attempt], reader: _Reader) -> tuple[Step, ...]:
    """What happened, oldest first, and what comes next if that has a time."""
    steps = [Step(kind="asked", at=reader.moment(status.wish.created_at))]
    steps += [_try(one, number, reader) for number, one in enumerate(attempts, start=1)]
    steps += _end(status, reader)
    if status.public is PublicStatus.SCHEDULED:
        kind = "again" if any(one.rung for one in attempts) else "planned"
        steps.append(Step(kind=kind, at=reader.moment(status.request.due_at), mark="next"))
    return tuple(steps)


def _try(attempt: Attempt, number: int, reader: _Reader) -> Step:
    at = attempt.answered_at or attempt.ringing_at or attempt.gate_at or attempt.claimed_at
    if attempt.answered_at is not None:
        return Step(kind=Disposition.ANSWERED.value, at=reader.moment(at), mark="done")
    kind = attempt.disposition.value if attempt.disposition else "ringing"
    return Step(kind=kind, at=reader.moment(at), mark="miss", number=number)


def _end(status: Status, reader: _Reader) -> Sequence[Step]:
    if status.wish.withdrawn_at is not None:
        return [Step(kind="withdrawn", at=reader.moment(status.wish.withdrawn_at))]
    request = status.request
    if request.state not in ENDED or request.ended_at is None:
        return []
    mark = "done" if status.public is PublicStatus.COMPLETED else ""
    return [Step(kind=f"end_{status.public.value}", at=reader.moment(request.ended_at), mark=mark)]
