"""The agents' side: who is rung, who answers, who goes away, and that the customer never waits."""

import contextlib

import pytest

from tests.lab import behaviours
from tests.lab.calls import AT_ONCE, ask
from tests.lab.deployment import Deployment
from tests.lab.fixtures import on_22_and_16
from tests.lab.speed import scaled
from tests.lab.waiting import PATIENCE, LabError, until

TALKS = behaviours.answer(after=0.1, talk=0.2)


def who_was_rung(lab: Deployment) -> list[str]:
    return [invite.number for invite in lab.bed.world.agent_invites]


@on_22_and_16
def test_a_busy_agent_is_passed_over(lab: Deployment) -> None:
    call = ask(lab, TALKS, {"1001": behaviours.busy(), "1002": AT_ONCE})
    call.wait("completed")
    assert call.ended("answered").attempts[0].agent == "Agent 1002"
    assert who_was_rung(lab)[-1] == "1002"
    call.rings(1)


@on_22_and_16
def test_an_agent_who_rejects_is_followed_by_the_next(lab: Deployment) -> None:
    call = ask(lab, TALKS, {"1001": behaviours.ring_reject(0.3), "1002": AT_ONCE})
    call.wait("completed")
    assert call.ended("answered").attempts[0].agent == "Agent 1002"
    assert who_was_rung(lab)[0] == "1001"
    call.rings(1)


@on_22_and_16
def test_an_agent_who_does_not_answer_is_followed_by_the_next(lab: Deployment) -> None:
    agents = {"1001": behaviours.ring(), "1002": AT_ONCE}
    call = ask(lab, TALKS, agents, queue="brisk")
    call.wait("completed")
    assert call.ended("answered").attempts[0].agent == "Agent 1002"
    assert who_was_rung(lab)[0] == "1001"
    call.rings(1)


@pytest.mark.case("CASES 1: an agent's phone that redirects is not followed")
@pytest.mark.parametrize(
    ("lab", "queue"),
    [
        ("22", "support"),
        pytest.param("22", "held", marks=pytest.mark.thorough),  # customer_first
        pytest.param("16", "support", marks=pytest.mark.thorough),
        pytest.param("16", "held", marks=pytest.mark.thorough),
    ],
    indirect=["lab"],
)
def test_a_forwarded_phone_is_followed_by_the_next_agent(lab: Deployment, queue: str) -> None:
    customer = behaviours.answer(after=0.1, talk=8.0 if queue == "held" else 0.2)
    agents = {"1001": behaviours.forward("1003"), "1002": AT_ONCE, "1003": AT_ONCE}
    call = ask(lab, customer, agents, queue=queue)
    assert call.ended("answered").attempts[0].agent == "Agent 1002"
    assert who_was_rung(lab) == ["1001", "1002"]
    call.rings(1)


@pytest.mark.case("CASES 1: a redirect, and no other agent: nobody is rung")
def test_a_forwarded_phone_of_the_only_agent_rings_nobody(lab: Deployment) -> None:
    lab.bed.log_out("1002")
    agents = {"1001": behaviours.forward("1003"), "1003": AT_ONCE}
    call = ask(lab, TALKS, agents, queue="brisk")
    until(lambda: who_was_rung(lab).count("1001") >= 2, PATIENCE, "1001 to be rung again")
    assert set(who_was_rung(lab)) == {"1001"}
    lab.cancel(call.secret)
    call.ended("cancelled")
    call.rings(0)


@on_22_and_16
def test_without_agents_nothing_spins_until_one_logs_in(lab: Deployment) -> None:
    for agent in ("1001", "1002"):
        lab.bed.log_out(agent)
    call = ask(lab, TALKS)
    call.why("no_agent")
    assert lab.status(call.secret) == "waiting"
    assert "Nobody is at work" in lab.page(call.secret).words
    # It goes on looking (two full rounds), and does nothing.
    proxy = lab.proxy
    assert proxy is not None
    rounds = len(proxy.actions("QueueStatus")) + 2
    until(lambda: len(proxy.actions("QueueStatus")) >= rounds, PATIENCE, "two reconciliations", 0.1)
    calls = [one for one in proxy.actions("Originate") if "@callback-agent" in one["Channel"]]
    assert calls == []
    assert call.record.attempts == ()
    lab.bed.log_in("1002")
    call.wait("completed")
    assert call.ended("answered").attempts[0].agent == "Agent 1002"
    call.rings(1)


@on_22_and_16
def test_the_only_agent_logs_off_while_ringing(lab: Deployment) -> None:
    lab.bed.log_out("1002")
    call = ask(lab, TALKS, {"1001": behaviours.ring()}, queue="brisk")
    call.world.wait_agent_invite("1001")
    lab.bed.world.unregister("1001")
    record = call.ended_without_a_ring()
    assert record.request.state == "queued"
    call.why("no_agent")
    call.rings(0)
    call.world.agent("1001", AT_ONCE)
    lab.bed.log_in("1001")
    call.wait("completed")
    call.rings(1)


@on_22_and_16
def test_an_agent_who_hangs_up_during_the_whisper(lab: Deployment) -> None:
    call = ask(lab, TALKS, {"1001": AT_ONCE, "1002": AT_ONCE}, queue="patient")
    call.world.wait_answered("1001")
    until(lambda: lab.prompts(), PATIENCE, "the whisper")
    call.world.hang_up("1001")
    record = call.ended("agent_gone")
    assert record.request.line_at == record.request.created_at  # back in line at the same place
    assert record.request.rings == 0
    assert record.attempts[0].gate_at is None
    # Again at once, but who hangs up once more has their peace for a while.
    call.world.wait_answered("1001", nth=2)
    until(lambda: len(call.record.attempts) == 2, PATIENCE, "a second attempt")
    call.wait_attempt(lambda one: one.agent_at, "it to be answered")
    call.world.hang_up("1001")
    record = call.ended("agent_gone", "agent_gone")
    assert record.request.state == "queued"
    ended = record.attempts[1].ended_at
    assert ended is not None and (record.request.due_at - ended).total_seconds() > 25
    call.rings(0)


@pytest.mark.case("CASES 1: ringall, two answer at once, one hangs up in the whisper")
@pytest.mark.parametrize(
    "lab", ["22", pytest.param("16", marks=pytest.mark.thorough)], indirect=True
)
def test_two_answer_at_once_and_who_has_it_hangs_up(lab: Deployment) -> None:
    call = ask(lab, TALKS, {"1001": behaviours.ring(), "1002": behaviours.ring()}, queue="everyone")
    for agent in ("1001", "1002"):
        call.world.wait_agent_invite(agent)
    call.world.answer("1001")
    with contextlib.suppress(LabError):  # the queue may have taken the call from them by then
        call.world.answer("1002")
    call.wait_attempt(lambda one: one.agent_at, "one of them to have it")
    has_it = str(call.attempt.agent)[-4:]
    other = {"1001": "1002", "1002": "1001"}[has_it]
    call.world.agent(other, AT_ONCE)
    call.world.hang_up(has_it)
    call.wait("completed")
    record = call.record
    assert record.dispositions == ["agent_gone", "answered"]
    assert record.attempts[1].agent == f"Agent {other}"
    assert record.request.rings == 1
    ended = record.attempts[0].ended_at
    assert ended is not None
    assert (record.attempts[1].claimed_at - ended).total_seconds() < scaled(4)  # before: 5
    call.rings(1)


@on_22_and_16
def test_an_agent_who_hangs_up_while_the_customers_phone_rings(lab: Deployment) -> None:
    call = ask(lab, behaviours.ring())
    call.customer_rings()
    call.world.hang_up("1001")
    record = call.ended("abandoned")
    until(lambda: call.world.invites_for(call.number)[0].cancelled, PATIENCE, "the ringing to stop")
    assert record.request.state == "scheduled"
    assert record.request.line_at == record.request.created_at  # first in line again
    assert record.request.rings == 1
    call.rings(1)


@on_22_and_16
def test_no_more_wait_in_the_asterisk_queue_than_its_free_agents_and_one(lab: Deployment) -> None:
    calls = [ask(lab, TALKS, behaviours.ring()) for _ in range(5)]
    lab.bed.world.wait_agent_invite("1001")
    lab.bed.world.wait_agent_invite("1002")
    waiting = [len(call.record.attempts) for call in calls]
    assert waiting in ([1, 1, 1, 0, 0], [1, 1, 0, 0, 0])
    for agent in ("1001", "1002"):
        lab.bed.world.agent(agent, AT_ONCE)
        lab.bed.world.answer(agent)
    for call in calls:
        call.wait("completed", timeout=60.0)
        call.rings(1)
    # First come, first served: claimed in the order of the wishes.
    claims = [call.attempt.claimed_at for call in calls]
    assert claims == sorted(claims)
