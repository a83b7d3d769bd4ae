"""The story of a wish: what happened, oldest first, and what comes next if that has a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.services.status.status import PublicStatus, Status
from flask_app.shared.moments import Moment, ReaderClock


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One line of the story. kind names its words, unless it has `words` of its own, in English;
    number: which try of the customer's phone."""

    kind: str
    at: Moment
    mark: str = ""
    number: int = 0
    words: str = ""


def steps(status: Status, reader: ReaderClock) -> tuple[Step, ...]:
    told = [Step(kind="asked", at=reader.moment(status.wish.created_at))]
    told += [tried(one, number, reader) for number, one in enumerate(status.attempts, start=1)]
    told += _end(status, reader)
    if status.public is PublicStatus.SCHEDULED:
        kind = "again" if any(one.rung for one in status.attempts) else "planned"
        told.append(Step(kind=kind, at=reader.moment(status.due_at), mark="next"))
    return tuple(told)


def tried(attempt: Attempt, number: int, reader: ReaderClock) -> Step:
    """One try of the customer's phone."""
    at = reader.moment(attempt.shown_at)
    if attempt.answered_at is not None:
        words = Disposition.ANSWERED.rule.words.customer
        return Step(kind="try", at=at, mark="done", words=words)
    if attempt.disposition is None:
        return Step(kind="ringing", at=at, number=number)
    rule = attempt.disposition.rule
    mark = "miss" if rule.is_miss else ""
    return Step(kind="try", at=at, mark=mark, number=number, words=rule.words.customer)


def _end(status: Status, reader: ReaderClock) -> Sequence[Step]:
    if status.wish.withdrawn_at is not None:
        kind = "end_cancelled" if status.by_company else "withdrawn"
        return [Step(kind=kind, at=reader.moment(status.wish.withdrawn_at))]
    request = status.request
    if request.open or request.ended_at is None:
        return []
    mark = "done" if status.public is PublicStatus.COMPLETED else ""
    return [Step(kind=f"end_{status.public.value}", at=reader.moment(request.ended_at), mark=mark)]
