"""preview: an agent's console is offered the request; they call back from their own phone."""

import pytest

from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.services.console.view import CurrentOffer, Stage
from tests.lab import behaviours
from tests.lab.calls import AT_ONCE, Call, ask
from tests.lab.consoles import Desk
from tests.lab.deployment import Deployment
from tests.lab.fixtures import on_22_and_16
from tests.lab.rings import assert_rings


def asked(lab: Deployment, **agents: behaviours.Behaviour) -> Call:
    """A request for the queue in preview mode; the customer's phone is answered by hand."""
    ways = {name.removeprefix("a"): one for name, one in agents.items()}
    return ask(lab, behaviours.ring(), ways, queue="preview")


def talking(desk: Desk, call: Call, agent: str = "1001") -> CurrentOffer:
    """Wait until they talk, also by the word of both phones, which comes a moment later."""
    found = desk.wait(Stage.TALKING)
    call.world.wait_answered(agent)
    call.world.wait_answered(call.number)
    return found


def they_talk(desk: Desk, call: Call) -> None:
    """What was taken is called back, and the customer answers."""
    desk.call_back()
    call.customer_rings()
    call.world.answer(call.number)
    talking(desk, call)


@on_22_and_16
def test_the_own_phone_rings_first_then_the_customer_and_they_talk(lab: Deployment) -> None:
    desk = Desk.open(lab, "1001")
    call = asked(lab, a1001=behaviours.ring())
    world = lab.bed.world
    hand = desk.take()
    assert hand.number == call.record.request.e164
    assert world.agent_invites == []  # nothing rings until they press it
    desk.call_back()
    world.wait_agent_invite("1001")
    assert world.invites == []  # the customer's phone only once the agent is on the line
    desk.wait(Stage.CALLING)
    call.agent_answers("1001")
    call.customer_rings()
    desk.wait(Stage.RINGING)
    world.answer(call.number)
    desk.wait(Stage.TALKING)
    call.wait("talking")
    world.hang_up(call.number)
    call.wait("completed")
    desk.wait(Stage.WRAP_UP)
    record = call.ended("answered")
    [attempt] = record.attempts
    assert (attempt.mode, attempt.agent, attempt.member) == (
        DeliveryMode.PREVIEW, "Agent 1001", "PJSIP/1001"
    )  # fmt: skip
    assert attempt.agent_rang_at is not None and attempt.agent_at is not None
    call.rings(1)
    assert len(world.agent_invites) == 1
    # No display and no transfer shows the token.
    assert attempt.token not in world.agent_invites[0].text + world.invites[0].text


@on_22_and_16
def test_a_changed_number_is_the_one_that_is_rung(lab: Deployment) -> None:
    desk = Desk.open(lab, "1001")
    call = asked(lab, a1001=AT_ONCE)
    other = lab.number()
    lab.bed.world.customer(other, behaviours.answer(after=0.1, talk=0.2))
    desk.take()
    desk.call_back(other)
    call.ended("answered")
    assert len(lab.bed.world.invites_for(other)) == 1
    assert lab.bed.world.invites_for(call.number) == []
    assert "number changed" in [one.event for one in call.record.trail]


@on_22_and_16
def test_dropping_ends_the_call_on_both_phones(lab: Deployment) -> None:
    desk = Desk.open(lab, "1001")
    call = asked(lab, a1001=AT_ONCE)
    desk.take()
    they_talk(desk, call)
    desk.drop()
    call.wait("completed")
    call.ended("answered")
    lab.bed.world.wait_ended(call.number)
    lab.bed.world.wait_ended("1001")
    call.rings(1)


@on_22_and_16
def test_dropping_while_it_rings_is_a_try_and_no_cancel(lab: Deployment) -> None:
    desk = Desk.open(lab, "1001")
    call = asked(lab, a1001=AT_ONCE)
    desk.take()
    desk.call_back()
    call.customer_rings()
    desk.wait(Stage.RINGING)
    desk.drop()
    record = call.ended("abandoned")
    assert record.request.open
    call.rings(1)


@on_22_and_16
def test_an_own_phone_that_is_not_answered_rings_nobody(lab: Deployment) -> None:
    desk = Desk.open(lab, "1001")
    call = asked(lab, a1001=behaviours.ring())
    desk.take()
    desk.call_back()
    lab.bed.world.wait_agent_invite("1001")
    record = call.ended("agent_no_answer")
    assert record.request.rings == 0 and record.request.open
    assert "was not answered" in desk.wait_empty()
    assert lab.bed.world.invites == []


@on_22_and_16
def test_an_own_phone_that_declines_rings_nobody(lab: Deployment) -> None:
    desk = Desk.open(lab, "1001")
    call = asked(lab, a1001=behaviours.busy())
    desk.take()
    desk.call_back()
    call.ended_without_a_ring()
    assert lab.bed.world.invites == []


@pytest.mark.case("CASES 1: an own phone that redirects is not followed")
@pytest.mark.thorough
@on_22_and_16
def test_an_own_phone_that_forwards_rings_nobody(lab: Deployment) -> None:
    desk = Desk.open(lab, "1001")
    call = asked(lab, a1001=behaviours.forward("1003"), a1003=AT_ONCE)
    desk.take()
    desk.call_back()
    call.ended_without_a_ring()
    assert [one.number for one in lab.bed.world.agent_invites] == ["1001"]
    assert lab.bed.world.invites == []


@on_22_and_16
def test_the_agent_hangs_up_and_the_call_has_ended(lab: Deployment) -> None:
    desk = Desk.open(lab, "1001")
    call = asked(lab, a1001=AT_ONCE)
    desk.take()
    they_talk(desk, call)
    lab.bed.world.hang_up("1001")
    desk.wait(Stage.WRAP_UP)
    call.ended("answered")
    lab.bed.world.wait_ended(call.number)


@on_22_and_16
def test_a_customer_who_cancels_while_it_is_read_is_not_rung(lab: Deployment) -> None:
    desk = Desk.open(lab, "1001")
    call = asked(lab, a1001=AT_ONCE)
    desk.take()
    lab.cancel(call.secret)
    assert "cancelled" in desk.wait_empty()
    assert_rings(lab, call.secret, 0)


@on_22_and_16
def test_a_customer_who_cancels_while_the_own_phone_rings_is_not_rung(lab: Deployment) -> None:
    desk = Desk.open(lab, "1001")
    call = asked(lab, a1001=behaviours.ring())
    desk.take()
    desk.call_back()
    lab.bed.world.wait_agent_invite("1001")
    call.wait_attempt(lambda one: one.agent_rang_at is not None, "the record of it")
    lab.cancel(call.secret)
    call.wait("cancelled")
    lab.bed.world.wait_ended("1001")  # by itself
    call.ended("cancelled")
    assert_rings(lab, call.secret, 0)


@on_22_and_16
def test_a_busy_line_is_told_and_tried_again(lab: Deployment) -> None:
    desk = Desk.open(lab, "1001")
    call = ask(lab, behaviours.busy(), {"1001": AT_ONCE}, queue="preview")
    desk.take()
    desk.call_back()
    record = call.ended("busy")
    lab.wait_prompt("busy")
    assert record.request.rings == 1
    desk.wait(Stage.WRAP_UP)


@on_22_and_16
def test_the_next_agent_is_offered_what_the_first_passes_on(lab: Deployment) -> None:
    first, second = Desk.open(lab, "1001"), Desk.open(lab, "1002")
    call = asked(lab, a1001=AT_ONCE, a1002=AT_ONCE)
    first.wait(Stage.OFFERED)
    first.console.pass_on(first.user, first.offer)
    second.take()
    second.call_back()
    call.customer_rings()
    lab.bed.world.answer(call.number)
    talking(second, call, "1002")
    assert [one.member for one in call.record.attempts] == ["PJSIP/1002"]


@on_22_and_16
def test_a_call_of_agent_first_appears_on_the_console_of_who_took_it(lab: Deployment) -> None:
    desk, other = Desk.open(lab, "1001", "support"), Desk.open(lab, "1002", "support")
    call = ask(lab, behaviours.answer(after=0.1), {"1001": AT_ONCE}, queue="support")
    hand = talking(desk, call)
    assert hand.request.id == call.record.request.id
    assert other.see().in_hand is None
    lab.bed.world.hang_up(call.number)
    desk.wait(Stage.WRAP_UP)
    desk.wrap_ups.save(desk.user, call.attempt.id, code="Solved", note="", again=None, never=False)
    desk.wait_empty()
