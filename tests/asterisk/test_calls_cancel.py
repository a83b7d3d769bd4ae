"""The customer cancels: while waiting, while an agent's phone rings, while the own phone rings."""

import pytest

from tests.lab import behaviours
from tests.lab.calls import AT_ONCE, ask, ask_by_api
from tests.lab.deployment import Deployment
from tests.lab.fixtures import on_22_and_16
from tests.lab.waiting import PATIENCE, LabError, until


@on_22_and_16
def test_while_waiting_for_an_agent(lab: Deployment) -> None:
    world = lab.bed.world
    world.agent("1002", behaviours.answer())
    world.agent_calls("1001", "1002")  # both agents talk, with each other
    world.wait_answered("1002")
    until(lambda: not lab.bed.agent_is_free("1002"), PATIENCE, "1002 to be busy")
    call = ask(lab, behaviours.answer(), AT_ONCE)
    # One may stand in the Asterisk queue; nobody's phone rings for it.
    until(lambda: call.record.attempts, PATIENCE, "the claim")
    until(lambda: f"cb-{call.attempt.token}-b" in _uniqueids(lab), PATIENCE, "its call")
    rung_before = len(world.agent_invites)
    lab.cancel(call.secret)
    assert lab.status(call.secret) == "cancelled"
    until(lambda: not any(call.attempt.token in x for x in _uniqueids(lab)), PATIENCE, "its end")
    world.hang_up("1002")
    lab.bed.pbx.wait_idle()
    assert len(world.agent_invites) == rung_before
    call.ended("cancelled")
    call.rings(0)


@pytest.mark.case("CASES 1: cancelled while the agent's phone rings: it stops")
@on_22_and_16
def test_while_the_agents_phone_rings(lab: Deployment) -> None:
    call = ask(lab, behaviours.answer(), behaviours.ring())
    call.world.wait_agent_invite("1001")
    call.wait_attempt(lambda one: one.agent_rang_at is not None, "the record of it")
    lab.cancel(call.secret)
    assert lab.status(call.secret) == "cancelled"
    call.world.wait_ended("1001")  # by itself, and nobody else is rung
    lab.bed.pbx.wait_idle()
    assert [one.number for one in call.world.agent_invites] == ["1001"]
    call.ended("cancelled")
    assert call.attempt.gate_at is None
    call.rings(0)


@pytest.mark.thorough
@on_22_and_16
def test_while_the_agent_hears_who_it_is(lab: Deployment) -> None:
    """The sentence takes eleven seconds; then the gate says no."""
    call = ask(lab, behaviours.answer(), AT_ONCE, queue="patient")
    call.wait_attempt(lambda one: one.agent_at is not None, "the agent's answer")
    lab.cancel(call.secret)
    assert lab.status(call.secret) == "cancelled"
    lab.wait_prompt("cancelled")  # the agent hears why
    call.world.wait_ended("1001")
    call.ended("cancelled")
    call.rings(0)


@on_22_and_16
def test_cancelled_and_the_next_agent_is_not_kept_for_it(lab: Deployment) -> None:
    call = ask(lab, behaviours.answer(), behaviours.ring(), queue="brisk")
    call.world.wait_agent_invite("1001")
    call.wait_attempt(lambda one: one.agent_rang_at is not None, "the record of it")
    lab.cancel(call.secret)
    lab.bed.pbx.wait_idle()
    for agent in ("1001", "1002"):
        with pytest.raises(LabError):
            call.world.heard(agent)  # nobody had to answer
    call.ended("cancelled")
    call.rings(0)


@on_22_and_16
def test_while_the_customers_own_phone_rings(lab: Deployment) -> None:
    call = ask(lab, behaviours.ring())
    call.customer_rings()
    call.wait("calling")
    lab.cancel(call.secret)
    call.wait("cancelled")
    assert lab.status(call.secret) == "cancelled"
    until(lambda: call.world.invites_for(call.number)[0].cancelled, PATIENCE, "the ringing to stop")
    lab.wait_prompt("cancelled")
    call.world.wait_ended("1001")
    call.ended("cancelled")
    call.rings(1)


def test_a_talk_can_not_be_cancelled(lab: Deployment) -> None:
    call, public_id = ask_by_api(lab, behaviours.answer(after=0.1))
    call.wait("talking")
    code, body = lab.api("DELETE", f"/{public_id}")
    assert (code, body["type"]) == (409, "/problems/not-possible")
    call.world.wait_answered(call.number)
    call.world.hang_up(call.number)
    call.wait("completed")
    call.rings(1)


def _uniqueids(lab: Deployment) -> list[str]:
    return [p["Uniqueid"] for p in lab.bed.pbx.ami.listing("CoreShowChannels")]
