"""The gate is away or hangs; it meets a cancel, another gate, a reconciliation."""

import socket
from functools import partial

from tests.lab import ports
from tests.lab.calls import Call
from tests.lab.door import TO_SERVER
from tests.lab.waiting import PATIENCE, until

from .case import AT_ONCE, RINGS, TALKS, Case
from .catalogue import fault
from .stage import CAPPED, ORIGINATE, need

ANY_END = frozenset({"completed", "cancelled"})


@fault("gate unreachable")
def unreachable(case: Case) -> None:
    case.stage.gates(ports.single())
    try:
        _no_ring(case)
    finally:
        case.stage.gates(case.stage.gate_port)


@fault("gate hanging")
def hanging(case: Case) -> None:
    with socket.create_server(("127.0.0.1", ports.single())) as listener:
        case.stage.gates(int(listener.getsockname()[1]), seconds=2)
        try:
            _no_ring(case)
        finally:
            case.stage.gates(case.stage.gate_port)


def _no_ring(case: Case) -> None:
    """No answer is no ring, and the agent is told."""
    call = case.ask()
    case.stage.wait_prompt("no-gate")
    case.promise(not call.world.invites_for(call.number), "outside: a ring without a gate")


@fault("gate and cancel at the same instant")
def cancelled(case: Case) -> None:
    for _ in range(4):
        call = case.ask(TALKS, AT_ONCE, ends=ANY_END)
        call.world.wait_agent_invite("1001", nth=len(case.numbers))
        browser = case.web()
        token = browser.get(f"/c/{call.secret}").hidden("csrf_token")
        case.pause(0.7)
        answer = browser.post(f"/c/{call.secret}/cancel", {"csrf_token": token})
        case.promise(answer.code in (303, 409), f"outside: a cancel was answered {answer.code}")
        until(partial(_over, call), PATIENCE, "its end", 0.1)
        case.stage.bed.pbx.wait_idle()
        case.stage.bed.wait_agents()


@fault("gate and reconciliation at the same instant")
def reconciled(case: Case) -> None:
    """The link comes back when the agent answers: reconciliation meets a call at its gate."""
    call = case.ask(TALKS, RINGS)
    call.world.wait_agent_invite("1001")
    case.stage.ami.cut()
    case.agents_answer()
    case.pause(0.3)
    case.stage.ami.cut()


@fault("an attempt that reconciliation closed comes to the gate all the same")
def closed_then_asked(case: Case) -> None:
    """The Originate arrives after the attempt was given up, as from a network that woke up late."""
    lost = case.stage.ami.rule(TO_SERVER, ORIGINATE, "cut")
    call = case.ask()
    lost.wait_hit()
    token = call.record.attempts[0].token
    call.ended_without_a_ring()
    answer = case.stage.bed.pbx.ami.action(
        "Originate", Channel=f"Local/{token}@callback-agent/n", Context="callback-customer",
        Exten=token, Priority=1, Timeout=20000, Async="true",
        Variable=[f"__CALLBACK_ID={token}", "CALLBACK_QUEUE=support", "CALLBACK_QUEUE_FOR=20"],
    )  # fmt: skip
    need(answer["Response"] == "Success", "the late Originate was not taken")


@fault("two gates at a limit of one call")
def capped(case: Case) -> None:
    """Both agents answer at the same instant; with two dispatchers where there can be two."""
    if case.stage.postgres is not None:
        case.stage.start_part("two")
        case.stage.wait_ready("two")
    for _ in range(3):
        case.ask(TALKS, AT_ONCE, queue=CAPPED)


@fault("a second Originate of a token that has had its yes")
def again(case: Case) -> None:
    call = case.ask()
    call.wait("completed")
    token = call.attempt.token
    case.stage.bed.pbx.ami.action(
        "Originate", Channel=f"Local/{token}@callback-agent/n", Context="callback-customer",
        Exten=token, Priority=1, Timeout=20000, Async="true",
        Variable=[f"__CALLBACK_ID={token}", "CALLBACK_QUEUE=support", "CALLBACK_QUEUE_FOR=20"],
    )  # fmt: skip
    case.stage.wait_prompt("not-now")


def _over(call: Call) -> bool:
    return not call.record.request.open
