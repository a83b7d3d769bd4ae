"""A report is written with the time at which Asterisk told it, not with that of its writing."""

from datetime import datetime, timedelta

import pytest

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.gate import GatePass
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.progress import (
    AgentAnswers,
    AgentRings,
    AttemptEnds,
    CustomerAnswers,
    CustomerRings,
    Report,
)
from asterisk_callback.services.calling.progress import when
from tests.factories import NOW, Office, SetClock, an_attempt

SEC = timedelta(seconds=1)
D = Disposition


def tell(office: Office, report: Report, ago: int) -> Attempt:
    attempt = office.progress.report(report, office.me, age=lambda: ago * SEC)
    assert attempt is not None
    return attempt


@pytest.mark.case("CASES 9: late reports carry Asterisk's time")
def test_a_call_that_is_written_down_20_seconds_late(office: Office, clock: SetClock) -> None:
    attempt = office.attempt()
    token = attempt.token
    clock.advance(seconds=2)
    assert isinstance(office.gate.ask(token), GatePass)
    clock.advance(seconds=28)
    # Told at 1, 2, 3, 6 and 10 s; all written at 30 s.
    tell(office, AgentRings(token=token, agent="Anna"), 29)
    tell(office, AgentAnswers(token=token, agent="Anna"), 28)
    tell(office, CustomerRings(token=token), 27)
    tell(office, CustomerAnswers(token=token), 24)
    ended = tell(office, AttemptEnds(token=token, disposition=D.ANSWERED, rung=True), 20)
    assert ended.agent_rang_at == NOW + 1 * SEC
    assert ended.agent_at == ended.gate_at == NOW + 2 * SEC
    assert ended.ringing_at == NOW + 3 * SEC
    assert ended.answered_at == NOW + 6 * SEC
    assert ended.ended_at == NOW + 10 * SEC
    assert (ended.agent, ended.disposition) == ("Anna", D.ANSWERED)


@pytest.mark.case("CASES 9: late reports carry Asterisk's time")
def test_the_pause_counts_from_the_end_of_the_call(office: Office, clock: SetClock) -> None:
    attempt = office.attempt()
    assert isinstance(office.gate.ask(attempt.token), GatePass)
    clock.advance(seconds=30)
    tell(office, AttemptEnds(token=attempt.token, disposition=D.BUSY, rung=True), 20)
    request = office.request(attempt.request_id)
    assert request.due_at == NOW + 10 * SEC + timedelta(minutes=5)


def _at(second: int) -> datetime:
    return NOW + second * SEC


PASSED = an_attempt(agent_rang_at=_at(1), agent_at=_at(2), gate_at=_at(3), ringing_at=_at(4))
FIRST = an_attempt(mode=DeliveryMode.CUSTOMER_FIRST, gate_at=_at(3), picked_up_at=_at(6))
ENDED = PASSED.evolve(ended_at=_at(8), disposition=D.UNKNOWN)


@pytest.mark.parametrize(
    ("attempt", "report", "told", "written"),
    [
        (PASSED, CustomerAnswers, 7, 7),
        (PASSED, CustomerAnswers, 1, 4),  # nobody answers what does not ring
        (PASSED, CustomerRings, 1, 3),  # nor rings before the gate
        (PASSED, CustomerAnswers, 99, 10),  # nor in the future
        (PASSED, AgentRings, 2, 2),  # before the gate, and told late
        (PASSED.evolve(agent_rang_at=None), AgentRings, -5, 0),  # the claim comes first
        (FIRST, AgentAnswers, 2, 6),  # in customer-first the agent comes last
        (ENDED, CustomerAnswers, 9, 8),  # a bridge is not after the end
    ],
)
def test_no_instant_is_where_it_can_t_be(
    attempt: Attempt, report: type[CustomerAnswers], told: int, written: int
) -> None:
    one = report(token=attempt.token, **({"agent": "A"} if "Agent" in report.__name__ else {}))
    assert when(attempt, one, _at(told), now=_at(10)) == _at(written)


def test_an_end_comes_last() -> None:
    end = AttemptEnds(token=PASSED.token, disposition=D.BUSY, rung=True)
    assert when(PASSED, end, _at(1), now=_at(10)) == _at(4)
