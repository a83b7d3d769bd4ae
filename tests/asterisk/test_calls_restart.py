"""Asterisk or the product is away for a while: nothing is lost, nobody is rung twice."""

import threading

import pytest

from tests.lab import behaviours
from tests.lab.calls import ask
from tests.lab.deployment import Deployment
from tests.lab.fixtures import on_22_and_16
from tests.lab.speed import scaled
from tests.lab.waiting import PATIENCE, until

TALKS = behaviours.answer(after=0.1, talk=0.2)


@pytest.mark.thorough
def test_asterisk_is_down_at_the_products_start(lab: Deployment) -> None:
    lab.stop_product()
    lab.bed.pbx.kill()
    lab.start_product("/healthz")
    call = ask(lab, TALKS)  # accepted all the same
    call.why("asterisk_down")
    assert lab.status(call.secret) == "waiting"
    assert "telephone system" in lab.page(call.secret).words
    lab.bed.pbx.start()
    for agent in lab.bed.pbx.agents:
        lab.bed.world.register(agent)
    lab.wait_http("/readyz")
    call.wait("completed", timeout=60)
    call.rings(1)
    assert "WARNING asterisk_callback.telephony.link" in lab.log_file.read_text()


@on_22_and_16
def test_an_outcome_while_the_product_is_dead_is_found_in_asterisk(lab: Deployment) -> None:
    call = ask(lab, behaviours.ring())
    call.customer_rings()
    call.wait("calling")
    lab.kill_product()
    # Only Asterisk sees how it ends.
    call.world.hang_up(call.number, cause=17)
    call.world.wait_ended("1001")
    token = call.attempt.token
    assert token in lab.bed.pbx.cli("database show callback")
    lab.start_product()
    record = call.ended("busy")  # without the left outcome it would be "unknown"
    assert record.request.rings == 1
    assert record.request.state == "scheduled"
    call.rings(1)
    # What is read is removed, aside and with others.
    pbx = lab.bed.pbx
    until(lambda: token not in pbx.cli("database show callback"), PATIENCE, "AstDB keeps nothing")


@on_22_and_16
def test_a_talk_goes_on_while_the_product_is_killed_and_restarted(lab: Deployment) -> None:
    call = ask(lab, behaviours.answer(after=0.1))
    call.wait("talking")
    call.world.wait_answered(call.number)
    lab.kill_product()
    lab.start_product()
    assert lab.status(call.secret) == "talking"
    call.world.hang_up(call.number)
    call.wait("completed")
    call.ended("answered")
    call.rings(1)
    lab.bed.pbx.wait_idle()


def test_a_graceful_stop_waits_for_the_call_before_its_gate(lab: Deployment) -> None:
    call = ask(lab, TALKS, behaviours.ring())
    call.world.wait_agent_invite("1001")
    # The stop waits for the gate; the agent answers while it does.
    stopping = threading.Thread(target=lab.stop_product)
    stopping.start()
    call.agent_answers("1001")
    call.world.wait_answered(call.number)
    stopping.join(scaled(PATIENCE))
    assert not lab.running()
    call.world.wait_ended(call.number)
    lab.start_product()
    call.wait("completed")
    call.rings(1)
