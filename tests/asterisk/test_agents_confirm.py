"""agent_first with agents who confirm by a key (dialplan/callback_member.conf)."""

import pytest

from tests.lab import behaviours
from tests.lab.calls import AT_ONCE, ask
from tests.lab.deployment import Deployment
from tests.lab.fixtures import on_22_and_16
from tests.lab.waiting import PATIENCE, until


@on_22_and_16
def test_who_declines_is_followed_by_the_next_and_only_then_the_customer(lab: Deployment) -> None:
    agents = {"1001": AT_ONCE, "1002": AT_ONCE}
    call = ask(lab, behaviours.answer(after=0.1, talk=0.2), agents, queue="careful")
    world = lab.bed.world
    world.wait_answered("1001")
    lab.wait_prompt("agent-press-1")
    world.hang_up("1001")
    world.wait_answered("1002")
    assert world.invites == []
    assert call.attempt.agent_at is None  # picking up is not accepting
    until(
        lambda: lab.prompts().count("agent-press-1") >= 2, PATIENCE, f"{lab.prompts()} to have two"
    )
    world.send_digits("1002", "1")
    call.wait("completed")
    assert call.ended("answered").attempts[0].agent == "Agent 1002"
    call.rings(1)


@on_22_and_16
def test_a_wrong_key_is_no_yes(lab: Deployment) -> None:
    call = ask(lab, behaviours.answer(after=0.1, talk=0.2), {"1001": AT_ONCE}, queue="careful")
    world = lab.bed.world
    world.agent("1002", behaviours.ring())
    world.wait_answered("1001")
    lab.wait_prompt("agent-press-1")
    world.send_digits("1001", "2")
    world.wait_agent_invite("1002")
    assert world.invites == []
    lab.cancel(call.secret)
    call.ended("cancelled")
    call.rings(0)


@pytest.mark.case("CASES 1: an agent's phone that redirects is not followed")
def test_a_forwarded_phone_is_asked_for_no_key(lab: Deployment) -> None:
    agents = {"1001": behaviours.forward("1003"), "1002": AT_ONCE, "1003": AT_ONCE}
    call = ask(lab, behaviours.answer(after=0.1, talk=0.2), agents, queue="careful")
    world = lab.bed.world
    world.wait_answered("1002")
    lab.wait_prompt("agent-press-1")
    world.send_digits("1002", "1")
    assert call.ended("answered").attempts[0].agent == "Agent 1002"
    assert [one.number for one in world.agent_invites] == ["1001", "1002"]
    call.rings(1)
