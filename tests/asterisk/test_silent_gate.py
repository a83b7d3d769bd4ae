"""Asterisk gets no word from the gate while agents answer: they are not rung on and on for it."""

import json

import pytest

from tests.lab import behaviours, ports
from tests.lab.alarm_bell import Bell
from tests.lab.calls import ask
from tests.lab.deployment import Deployment
from tests.lab.fixtures import on_22_and_16
from tests.lab.web_client import WebClient

GATE = "gate_unreachable"
TALKS = behaviours.answer(after=0.1, talk=0.2)


@on_22_and_16
@pytest.mark.case("CASES 6: gate unreachable from Asterisk, at most two agents rung for nothing")
def test_a_gate_out_of_reach_stops_the_dialling(lab: Deployment) -> None:
    bell = Bell(lab)
    lab.gates(ports.single())
    calls = [ask(lab, TALKS) for _ in range(3)]
    alarm = bell.rings(GATE)
    assert "no answer from the gate" in alarm.text
    for call in calls:
        call.why("system_fault")
    ready = WebClient(lab.base_url).get("/readyz")
    assert ready.code == 503
    assert json.loads(ready.text)["reasons"] == ["Asterisk gets no answer from the gate"]
    assert "telephone system has a fault" in lab.page(calls[0].secret).words

    lab.bed.pbx.wait_idle()
    answered = [one for call in calls for one in call.record.attempts if one.agent_at]
    assert len(answered) <= 2
    # The second may have answered just as it was taken back.
    assert {str(one.disposition) for one in answered} <= {"refused", "agent_gone"}
    assert len(lab.bed.world.agent_invites) <= 2

    lab.gates(lab.gate_port)
    for call in calls:
        call.wait("completed")
        call.rings(1)
    bell.is_over(GATE)


@pytest.mark.case("CASES 6: gate unreachable before the first wish")
def test_no_agent_is_rung_where_it_is_known_before(lab: Deployment) -> None:
    lab.gates(ports.single())
    bell = Bell(lab)
    lab.proxy.cut()  # type: ignore[union-attr]
    bell.rings(GATE)
    call = ask(lab, TALKS)
    call.why("system_fault")
    assert call.record.attempts == ()
    lab.gates(lab.gate_port)
    call.wait("completed")
    call.rings(1)


def test_calls_that_stand_in_the_queue_are_taken_back(lab: Deployment) -> None:
    """They would ring the next agent, and for nothing."""
    lab.gates(ports.single())
    rings = ask(lab, TALKS, {"1001": behaviours.ring(), "1002": behaviours.answer(after=0.1)})
    lab.bed.world.wait_agent_invite("1001")
    answered = ask(lab, TALKS, {})
    answered.ended("refused")
    rings.ended_without_a_ring()
    assert rings.attempt.agent_at is None
    lab.bed.world.agent("1001", behaviours.answer(after=0.1))
    lab.gates(lab.gate_port)
    for call in (rings, answered):
        call.wait("completed")
        call.rings(1)
