"""A judge that finds nobody guilty is worth nothing: each promise is broken once, on paper."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.request import Request, RequestState
from tests.factories import a_request, an_attempt
from tests.lab.invites import Invite, InviteLog
from tests.lab.waiting import LabError

from . import judge as module
from .case import Case
from .catalogue import Fault
from .judge import Verdict, judge
from .runner import BEDS, Row, run_once
from .stage import CAPPED, SQLITE, Stage

NUMBER, OTHER = "+442079460001", "+442079460002"


@dataclass
class Paper:
    """A stage and a world on paper: what the books say, and what the far end saw."""

    requests: list[Request] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    invites: list[Invite] = field(default_factory=list)
    agent: tuple[float, float] = (-90.0, 90.0)  # s from now: when one was on the line
    channels: list[str] = field(default_factory=list)

    def call(self, number: str, at: float, **changes: Any) -> None:
        """A request that was called at `at` s from now, and talked for a second."""
        request = a_request(e164=number, state=RequestState.COMPLETED, queue="support")
        self.requests.append(request)
        self.attempt(request, at, **changes)
        self.ring(number, at)

    def attempt(self, request: Request, at: float, **changes: Any) -> None:
        values: dict[str, Any] = {
            "request_id": request.id, "e164": request.e164, "claimed_at": _wall(at - 1),
            "gate_at": _wall(at - 0.2), "ended_at": _wall(at + 1), "gate_by": _wall(at + 60),
            "disposition": Disposition.ANSWERED, "rung": True,
        }  # fmt: skip
        self.attempts.append(an_attempt(**(values | changes)))

    def ring(self, number: str, at: float) -> None:
        moment = time.monotonic() + at
        self.invites.append(Invite(moment, number, "", f"{at}", statuses=[(moment, 180)]))

    def case(self) -> Case:
        """What the judge gets to see."""
        log = InviteLog()
        for invite in self.invites:
            log.add(invite)
        packets = [{"UserEvent": kind, "Number": "1001", "Uniqueid": "1"}
                   for kind in ("PhoneAnswers", "PhoneEnds")]  # fmt: skip
        ami = SimpleNamespace(log=packets, times=[time.monotonic() + one for one in self.agent])
        world = SimpleNamespace(
            invites=log.all(), invites_for=log.all, agents=("1001",),
            asterisk=SimpleNamespace(ami=ami),
        )  # fmt: skip
        pbx = SimpleNamespace(wait_idle=self._wait_idle, channels=lambda: self.channels)
        stage = SimpleNamespace(
            bed=SimpleNamespace(world=world, pbx=pbx), record=self._record, _facts=str,
            requests_of=lambda number: [one for one in self.requests if one.e164 == number],
            attempts_for=lambda number: [one for one in self.attempts if one.e164 == number],
        )  # fmt: skip
        case = Case(cast(Stage, stage), Random(1), numbers={NUMBER})
        case.confirm(NUMBER, NUMBER)  # on paper, the number is the secret
        return case

    def _record(self, secret: str) -> Any:
        for request in self.requests:
            if request.e164 == secret:
                return SimpleNamespace(request=request)
        raise LabError("no such request")

    def _wait_idle(self) -> None:
        if self.channels:
            raise LabError("calls are left")


def _wall(at: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=at)


def a_call_and_a_copy(paper: Paper) -> None:
    paper.call(NUMBER, -20)
    paper.ring(NUMBER, -19.9)


def a_ring_without_a_gate(paper: Paper) -> None:
    paper.call(NUMBER, -20, gate_at=None)


def a_ring_after_the_end(paper: Paper) -> None:
    paper.call(NUMBER, -20, ended_at=_wall(-20.15))


def two_tries_too_close(paper: Paper) -> None:
    paper.call(NUMBER, -20)
    paper.attempt(paper.requests[0], -17)
    paper.ring(NUMBER, -17)


def two_requests_of_one_wish(paper: Paper) -> None:
    paper.call(NUMBER, -20)
    paper.requests.append(a_request(e164=NUMBER, state=RequestState.CANCELLED))


def a_ring_of_a_number_that_nobody_asked_for(paper: Paper) -> None:
    paper.call(NUMBER, -20)
    paper.ring(OTHER, -20)


def no_row(paper: Paper) -> None:
    """Confirmed, and not in the database."""


def given_up(paper: Paper) -> None:
    paper.requests.append(a_request(e164=NUMBER, state=RequestState.FAILED))


def given_up_after_two_rings(paper: Paper) -> None:
    paper.requests.append(a_request(e164=NUMBER, state=RequestState.FAILED))
    for at in (-40, -20):
        paper.attempt(paper.requests[0], at, disposition=Disposition.NO_ANSWER)
        paper.ring(NUMBER, at)


def never_rung(paper: Paper) -> None:
    paper.requests.append(a_request(e164=NUMBER, state=RequestState.COMPLETED))


def rung_in_our_books_only(paper: Paper) -> None:
    paper.call(NUMBER, -20)
    paper.attempt(paper.requests[0], -10)


def still_open(paper: Paper) -> None:
    paper.requests.append(a_request(e164=NUMBER, state=RequestState.QUEUED))


def a_call_left_in_asterisk(paper: Paper) -> None:
    paper.call(NUMBER, -20)
    paper.channels.append("PJSIP/1001-00000001")


def nobody_there(paper: Paper) -> None:
    paper.call(NUMBER, -20)
    paper.agent = (-90.0, -40.0)


def after_its_time(paper: Paper) -> None:
    paper.call(NUMBER, -20, gate_by=_wall(-20.15))


def a_ring_that_is_not_counted(paper: Paper) -> None:
    paper.call(NUMBER, -20, rung=False, disposition=Disposition.TRUNK_FAULT)


@pytest.mark.parametrize(
    ("broken", "kind"),
    [
        (a_call_and_a_copy, "double"), (a_ring_without_a_gate, "double"),
        (a_ring_after_the_end, "double"), (two_tries_too_close, "double"),
        (two_requests_of_one_wish, "double"),
        (a_ring_of_a_number_that_nobody_asked_for, "double"),
        (no_row, "lost"), (given_up, "lost"), (given_up_after_two_rings, "lost"),
        (never_rung, "lost"),
        (rung_in_our_books_only, "lost"),
        (still_open, "stuck"), (a_call_left_in_asterisk, "stuck"),
        (nobody_there, "outside"), (after_its_time, "outside"),
        (a_ring_that_is_not_counted, "outside"),
    ],
)  # fmt: skip
def test_a_broken_promise_is_seen(
    broken: Callable[[Paper], None], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RECOVERED_WITHIN", 0.1)
    paper = Paper()
    broken(paper)
    verdict = judge(paper.case())
    assert getattr(verdict, kind) > 0, verdict
    assert all(note.startswith(kind) for note in verdict.notes), verdict.notes


def test_a_call_as_it_should_be_is_none() -> None:
    paper = Paper()
    paper.call(NUMBER, -20)
    verdict = judge(paper.case())
    assert (verdict.rings, verdict.harm) == (1, 0), verdict.notes


def test_a_customer_whom_the_test_bed_kept_from_answering_shows_nothing() -> None:
    paper = Paper()
    given_up_after_two_rings(paper)
    paper.attempt(paper.requests[0], -5, disposition=Disposition.NO_ANSWER)
    paper.ring(NUMBER, -5)
    with pytest.raises(LabError, match="nobody answered"):
        judge(paper.case())


def test_two_calls_at_once_at_a_limit_of_one() -> None:
    paper = Paper()
    paper.call(NUMBER, -20, ended_at=_wall(-10))
    paper.call(OTHER, -15)
    paper.requests = [one.evolve(queue=CAPPED) for one in paper.requests]
    case = paper.case()
    case.numbers.add(OTHER)
    assert judge(case).outside == 1


@pytest.mark.parametrize("breach", ["double: a", "lost: b", "stuck: c", "outside: d"])
def test_what_the_fault_itself_saw_counts(breach: str) -> None:
    paper = Paper()
    paper.call(NUMBER, -20)
    case = paper.case()
    case.promise(True, breach)
    case.promise(False, breach)
    assert judge(case).notes == [breach]


class _Ready(Paper):
    """A stage that is always in order."""

    def case(self) -> Case:
        case = super().case()
        for name in ("kill", "heal", "wait_ready", "wait_reset"):
            setattr(case.stage, name, lambda *_: None)
        case.stage.database = SQLITE
        return case


def test_a_fault_that_did_not_come_about_hides_no_broken_promise() -> None:
    def breaks(case: Case) -> None:
        case.promise(False, "lost: before")
        raise LabError("the bed was too slow")

    stage = _Ready().case().stage
    assert run_once(stage, Fault("a fault", breaks, (SQLITE,)), "1").notes == ["lost: before"]


def test_a_fault_that_did_not_come_about_is_none() -> None:
    def breaks(case: Case) -> None:
        raise LabError("the bed was too slow")

    with pytest.raises(LabError, match="too slow"):
        run_once(_Ready().case().stage, Fault("a fault", breaks, (SQLITE,)), "1")


@pytest.mark.parametrize(
    ("times", "well", "again"), [(0, True, 0), (BEDS - 1, True, BEDS - 1), (BEDS, False, 0)]
)
def test_such_a_run_is_done_again_but_not_for_ever(
    times: int, well: bool, again: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from . import runner

    left = [times]

    def once(*_: object) -> Verdict:
        left[0] -= 1
        if left[0] >= 0:
            raise LabError("the bed was too slow")
        return Verdict(rings=1)

    monkeypatch.setattr(runner, "run_once", once)
    row = Row(Fault("a fault", lambda case: None, (SQLITE,)), SQLITE)
    stages = SimpleNamespace(of=lambda _: None, close=lambda: None)
    runner._run(cast(Any, stages), row, "1")
    assert (row.well, len(row.again)) == (well, again)


def test_harm_is_never_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from . import runner

    monkeypatch.setattr(runner, "run_once", lambda *_: Verdict(double=1))
    row = Row(Fault("a fault", lambda case: None, (SQLITE,)), SQLITE)
    runner._run(cast(Any, SimpleNamespace(of=lambda _: None)), row, "1")
    assert (row.well, row.runs) == (False, 1)
