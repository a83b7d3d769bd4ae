"""The gate is away, hangs, or is a second one: no answer is no ring, and the agent hears it."""

import socket
from collections.abc import Iterator

import pytest

from tests.lab import behaviours, ports
from tests.lab.calls import ask
from tests.lab.deployment import Deployment
from tests.lab.fixtures import on_22_and_16_always
from tests.lab.speed import scaled
from tests.lab.waiting import PATIENCE


@pytest.fixture
def hanging_gate() -> Iterator[socket.socket]:
    """Accepts (by its backlog) and never answers."""
    with socket.create_server(("127.0.0.1", ports.single())) as listener:
        yield listener


@on_22_and_16_always
def test_no_gate_no_ring(lab: Deployment) -> None:
    lab.gates(ports.single())
    call = ask(lab, behaviours.answer())
    lab.wait_prompt("no-gate")
    record = call.ended_without_a_ring()
    assert set(record.dispositions) == {"refused"}
    assert record.request.rings == 0
    assert record.attempts[0].gate_at is None
    call.rings(0)


@on_22_and_16_always
def test_a_gate_that_hangs_holds_the_agent_only_as_long_as_configured(
    lab: Deployment, hanging_gate: socket.socket
) -> None:
    lab.gates(hanging_gate.getsockname()[1], seconds=2)
    call = ask(lab, behaviours.answer())
    lab.wait_prompt("no-gate")
    hanging_gate.settimeout(scaled(PATIENCE))
    connection, _ = hanging_gate.accept()  # it was asked
    connection.close()
    record = call.ended_without_a_ring()
    assert set(record.dispositions) == {"refused"}
    agent_at, ended_at = record.attempts[0].agent_at, record.attempts[0].ended_at
    assert agent_at is not None
    assert ended_at is not None
    # Whisper, 2 s of silence, and the prompt; a busy Asterisk stamps the answer late.
    assert 1.0 <= (ended_at - agent_at).total_seconds() < scaled(20)
    call.rings(0)


@on_22_and_16_always
def test_the_second_gate_takes_over(lab: Deployment) -> None:
    lab.gates(ports.single(), lab.gate_port)
    call = ask(lab, behaviours.answer(after=0.1, talk=0.2))
    call.wait("completed")
    call.ended("answered")
    call.rings(1)


@on_22_and_16_always
def test_an_old_call_is_refused_by_the_gate(lab: Deployment) -> None:
    """A second Originate of a token that has had its yes rings an agent, and nobody else."""
    call = ask(lab, behaviours.answer(after=0.1, talk=0.2))
    call.wait("completed")
    lab.bed.pbx.wait_idle()
    token = call.attempt.token
    answer = lab.bed.pbx.ami.action(
        "Originate", Channel=f"Local/{token}@callback-agent/n", Context="callback-customer",
        Exten=token, Priority=1, Timeout=20000, Async="true",
        Variable=[f"__CALLBACK_ID={token}", "CALLBACK_QUEUE=support", "CALLBACK_QUEUE_FOR=20"],
    )  # fmt: skip
    assert answer["Response"] == "Success"
    lab.wait_prompt("not-now")
    lab.bed.pbx.wait_idle()
    call.rings(1)
    assert [one.reason for one in call.record.trail if one.event == "gate refused"] == ["used"]
