"""What happened and when: in our own record, and at the phones and the trunk's far end.

The two are read from places that know nothing of each other, so that one can be held against the
other.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.request import Request, RequestId, RequestState
from asterisk_callback.domain.trail import AuditEntry
from asterisk_callback.store import SqlStore
from tests.lab.invites import Invite, same
from tests.lab.world import World

# The lab's logs are in monotonic time, our records in UTC.
_TO_WALL = time.time() - time.monotonic()
_SIP = {180: "180 Ringing", 183: "183 Session Progress", 200: "200 OK, answered", 486: "486 Busy"}


@dataclass(frozen=True, order=True, slots=True)
class Moment:
    """at: seconds since 1970. far: seen by the far end, not by us. what: a word or two."""

    at: float
    far: bool
    what: str
    detail: str = ""


class Source(Protocol):
    """Anything that can tell its moments so far; a moment once told stays the same."""

    def moments(self) -> Iterator[Moment]: ...


@dataclass
class Record:
    """Our own record of one callback request, as the last `moments()` found it."""

    store: SqlStore
    request_id: RequestId
    request: Request | None = None
    attempts: Sequence[Attempt] = ()

    @property
    def over(self) -> bool:
        return self.request is not None and not self.request.open

    @property
    def passed(self) -> list[Attempt]:
        """Those attempts that passed the gate."""
        return [attempt for attempt in self.attempts if attempt.gate_at is not None]

    def moments(self) -> Iterator[Moment]:
        with self.store.reading() as tx:
            self.request = tx.requests.get(self.request_id)
            self.attempts = tx.attempts.of(self.request_id)
            trail = tx.trail.of(self.request_id)
        if self.request is None:
            return
        yield Moment(_seconds(self.request.created_at), False, "accepted", "the commit is done")
        yield from filter(None, map(_released, trail))
        for place, attempt in enumerate(self.attempts, 1):
            yield from _of_attempt(attempt, place)
        if self.request.ended_at is not None:
            yield Moment(_seconds(self.request.ended_at), False, "done", str(self.request.state))


@dataclass
class FarEnd:
    """What agents' phones, customer's phone and trunk saw of calls for one number."""

    world: World
    number: str
    mark: int = 0

    @property
    def invites(self) -> list[Invite]:
        return self.world.invites_for(self.number)

    def moments(self) -> Iterator[Moment]:
        for invite in self.invites:
            yield Moment(invite.at + _TO_WALL, True, "INVITE", invite.number)
            for at, status in list(invite.statuses):
                if status != 100:
                    yield Moment(at + _TO_WALL, True, _SIP.get(status, str(status)))
        ami = self.world.asterisk.ami
        for place in range(self.mark, ami.mark()):
            event = ami.log[place]
            who, kind = event.get("Number", ""), event.get("UserEvent", "")
            at = float(event.get("Timestamp", 0.0))
            if who in self.world.agents and kind in _AGENT:
                yield Moment(at, True, f"agent {who}", _AGENT[kind])
            if kind == "PhoneHangsUp" and same(who, self.number):
                yield Moment(at, True, "customer", "hangs up")


_AGENT = {"PhoneRings": "phone rings", "PhoneAnswers": "phone answers"}


def _released(entry: AuditEntry) -> Moment | None:
    if entry.event != "request" or entry.new != RequestState.QUEUED:
        return None
    if entry.old not in (None, RequestState.SCHEDULED):
        return None
    why = "as soon as possible" if entry.old is None else "its time has come"
    return Moment(_seconds(entry.at), False, "released", why)


def _of_attempt(attempt: Attempt, place: int) -> Iterator[Moment]:
    told = (
        (attempt.claimed_at, "claimed", f"attempt {place}"),
        (attempt.agent_rang_at, "agent rings", attempt.agent or ""),
        (attempt.agent_at, "agent answers", "and hears the whisper"),
        (attempt.gate_at, "gate passed", "committed, before any ring"),
        (attempt.ringing_at, "customer rings", ""),
        (attempt.answered_at, "talking", ""),
        (attempt.ended_at, "call over", str(attempt.disposition or "")),
    )
    for at, what, detail in told:
        if at is not None:
            yield Moment(_seconds(at), False, what, detail)


def _seconds(at: datetime) -> float:
    return at.timestamp()
