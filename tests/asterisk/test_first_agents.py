"""customer_first: when it dials at all, who waits, and what is lost when somebody gives up."""

import pytest

from tests.lab import audio, behaviours, ports
from tests.lab.calls import AT_ONCE, Call, ask
from tests.lab.deployment import Deployment
from tests.lab.fixtures import on_22_and_16
from tests.lab.waiting import PATIENCE, until
from tests.marks import mainly

PICKS_UP = behaviours.answer(after=0.1)


def agents_talk(lab: Deployment) -> None:
    """Both agents of `support` are on a call, with each other."""
    world = lab.bed.world
    world.agent("1002", behaviours.answer())
    world.agent_calls("1001", "1002")
    world.wait_answered("1002")
    until(lambda: not lab.bed.agent_is_free("1001"), PATIENCE, "1001 to be busy")
    until(lambda: not lab.bed.agent_is_free("1002"), PATIENCE, "1002 to be busy")


def abandoned(call: Call) -> None:
    """It counts as a ring, and the next try is at the same place in line."""
    record = call.ended("abandoned")
    assert record.request.state == "scheduled"
    assert record.request.rings == 1
    assert record.request.line_at == record.request.created_at
    call.rings(1)


@on_22_and_16
def test_nobody_is_dialled_without_a_free_agent(lab: Deployment) -> None:
    agents_talk(lab)
    call = ask(lab, PICKS_UP, AT_ONCE, queue="first")
    call.why("all_busy")
    assert call.record.attempts == ()
    lab.bed.world.hang_up("1002")
    call.wait("talking")
    call.world.wait_answered(call.number)
    call.world.hang_up(call.number)
    call.ended("answered")
    call.rings(1)


@pytest.mark.thorough
@on_22_and_16
def test_no_agent_takes_it(lab: Deployment) -> None:
    call = ask(lab, PICKS_UP, behaviours.ring(), queue="first")
    lab.wait_prompt("first-sorry")
    abandoned(call)
    assert call.attempt.detail.startswith("picked up, no agent came: ")


@on_22_and_16
def test_the_customer_hangs_up_before_an_agent_came(lab: Deployment) -> None:
    call = ask(lab, PICKS_UP, behaviours.ring(), queue="first")
    call.world.wait_agent_invite("1001")
    call.why("connecting")
    call.world.hang_up(call.number)
    abandoned(call)
    assert call.attempt.detail == "hung up before an agent came"


@on_22_and_16
def test_cancelled_while_it_rings(lab: Deployment) -> None:
    call = ask(lab, behaviours.ring(), queue="first")
    call.customer_rings()
    call.wait("calling")
    lab.cancel(call.secret)
    call.wait("cancelled")
    until(lambda: call.world.invites_for(call.number)[0].cancelled, PATIENCE, "the ringing to stop")
    call.ended("cancelled")
    call.rings(1)
    assert lab.bed.world.agent_invites == []


@on_22_and_16
def test_cancelled_while_the_customer_waits_for_an_agent(lab: Deployment) -> None:
    call = ask(lab, PICKS_UP, behaviours.ring(), queue="first")
    call.world.wait_agent_invite("1001")
    call.why("connecting")
    lab.cancel(call.secret)
    call.wait("cancelled")
    call.world.wait_ended(call.number)
    call.ended("cancelled")
    call.rings(1)


@pytest.mark.case("CASES 1: a wrap-up that only queues.conf has")
@pytest.mark.parametrize(
    "lab", ["22", pytest.param("16", marks=pytest.mark.thorough)], indirect=True
)
def test_the_next_customer_is_dialled_once_the_agent_can_be_rung(lab: Deployment) -> None:
    """The only agent has a wrap-up of 5 s after each call; the next is due while they have it."""
    first = ask(lab, PICKS_UP, AT_ONCE, queue="rested")
    first.wait("talking")
    first.world.wait_answered(first.number)
    first.world.hang_up(first.number)
    ended = first.ended("answered").attempts[0].ended_at
    second = ask(lab, PICKS_UP, AT_ONCE, queue="rested")
    second.why("all_busy")
    second.wait("talking")
    second.world.wait_answered(second.number)
    second.world.hang_up(second.number)
    attempt = second.ended("answered").attempts[0]
    assert ended is not None
    assert (attempt.claimed_at - ended).total_seconds() > 4.0  # Asterisk counts whole seconds
    second.rings(1)


@pytest.mark.thorough
@on_22_and_16
def test_before_a_live_caller(lab: Deployment) -> None:
    """The live caller is there first; the agent who gets free gets the callback."""
    lab.bed.log_out("1002")
    call = ask(lab, behaviours.ring(), AT_ONCE, queue="held")
    call.customer_rings()
    world = lab.bed.world
    world.agent("1003", behaviours.answer())
    world.agent_calls("1001", "1003")  # the agent that was free when it was dialled is not now
    world.wait_answered("1003")
    until(lambda: not lab.bed.agent_is_free("1001"), PATIENCE, "1001 to be busy")
    world.call_pbx("support", caller="4930555")
    world.wait_answered("4930555")
    world.answer(call.number)
    call.why("connecting")
    assert [one for one in world.agent_invites if one.number == "1001"] == []

    def in_queue() -> str:
        return lab.bed.pbx.cli("queue show support")

    until(lambda: "prio: 10" in in_queue() and "prio: 0" in in_queue(), PATIENCE, "both to wait")
    world.hang_up("1003")
    call.wait("talking")
    world.hang_up(call.number)
    call.ended("answered")
    world.wait_agent_invite("1001", nth=2)  # and then the live caller
    call.rings(1)
    lab.bed.log_in("1002")


@on_22_and_16
def test_no_gate_no_ring(lab: Deployment) -> None:
    lab.gates(ports.single())
    call = ask(lab, PICKS_UP, queue="first")
    record = call.ended_without_a_ring()
    assert record.request.open  # back in line at once
    assert record.request.rings == 0
    lab.gates(lab.gate_port)
    call.wait("talking")
    call.world.wait_answered(call.number)
    call.world.hang_up(call.number)
    call.wait("completed")
    call.rings(1)
    assert "no-gate" not in lab.prompts()  # to nobody


@on_22_and_16
def test_an_old_call_is_refused_by_the_gate(lab: Deployment) -> None:
    """A second Originate of a token that has had its yes rings nobody."""
    call = ask(lab, PICKS_UP, AT_ONCE, queue="first")
    call.wait("talking")
    call.world.hang_up(call.number)
    call.wait("completed")
    lab.bed.pbx.wait_idle()
    token, agents = call.attempt.token, len(lab.bed.world.agent_invites)
    answer = lab.bed.pbx.ami.action(
        "Originate", Channel=f"Local/{token}@callback-first/n", Context="callback-first-queue",
        Exten="customer", Priority=1, Timeout=20000, Async="true",
        Variable=[f"__CALLBACK_ID={token}", "CALLBACK_QUEUE=support", "CALLBACK_QUEUE_FOR=20"],
    )  # fmt: skip
    assert answer["Response"] == "Success"
    until(lambda: "used" in [one.reason for one in call.record.trail], PATIENCE, "the gate's no")
    lab.bed.pbx.wait_idle()
    call.rings(1)
    assert len(lab.bed.world.agent_invites) == agents


@pytest.mark.thorough
@pytest.mark.parametrize("bridged", mainly([False, True], True), ids=["abandoned", "answered"])
@on_22_and_16
def test_an_end_while_the_product_is_dead_is_found_in_asterisk(
    lab: Deployment, bridged: bool
) -> None:
    call = ask(lab, PICKS_UP, behaviours.ring(), queue="first")
    call.world.wait_agent_invite("1001")
    call.why("connecting")
    lab.kill_product()
    if bridged:
        call.agent_answers("1001")
        call.world.wait_answered("1001")
        audio.wait_for_tone(call.world.heard("1001"), 440, 20)  # the whisper is over
        call.world.hang_up("1001")
        call.world.wait_ended(call.number)
    else:
        call.world.hang_up(call.number)
    lab.bed.pbx.wait_idle()
    assert call.attempt.token in lab.bed.pbx.cli("database show callback")
    lab.start_product()
    record = call.ended("answered" if bridged else "abandoned")
    assert record.request.state == ("completed" if bridged else "scheduled")
    call.rings(1)


@on_22_and_16
def test_a_talk_goes_on_while_the_product_is_killed_and_restarted(lab: Deployment) -> None:
    call = ask(lab, PICKS_UP, AT_ONCE, queue="first")
    call.wait("talking")
    lab.kill_product()
    lab.start_product()
    assert lab.status(call.secret) == "talking"
    call.world.hang_up(call.number)
    call.ended("answered")
    call.rings(1)


@pytest.mark.thorough
@on_22_and_16
def test_asterisk_dies_while_the_customer_waits(lab: Deployment) -> None:
    """Nobody knows what became of it: it counts as a ring, and is tried again after a pause."""
    call = ask(lab, PICKS_UP, behaviours.ring(), queue="first")
    call.world.wait_agent_invite("1001")
    call.why("connecting")
    lab.bed.restart_pbx()
    record = call.ended("unknown", timeout=60)
    assert record.request.rings == 1
    assert record.request.state == "scheduled"
    call.rings(1)
