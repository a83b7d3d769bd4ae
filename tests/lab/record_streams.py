"""Records real AMI streams for the tests of translate(): `python -m tests.lab.record_streams`.

Run it again after a change of the dialplan's events; the files are kept with the tests.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from . import behaviours
from .calls import Call, ask
from .deployment import Deployment
from .deployment_files import REPOSITORY
from .waiting import until

FOLDER = REPOSITORY / "tests/unit/telephony/streams"
# What translate() reads, and what stands beside it and must say nothing to it.
KEPT = frozenset({
    "AgentCalled", "AgentConnect", "AgentRingNoAnswer", "AgentComplete", "DialBegin", "DialState",
    "DialEnd", "Hangup", "UserEvent", "OriginateResponse", "QueueCallerJoin", "QueueCallerLeave",
    "QueueMemberStatus",
})  # fmt: skip


def _talk(lab: Deployment) -> Call:
    return ask(lab, behaviours.answer(after=0.2, talk=0.3))


def _busy(lab: Deployment) -> Call:
    return ask(lab, behaviours.ring_busy(0.2))


def _rejected(lab: Deployment) -> Call:
    return ask(lab, behaviours.reject())


def _wrong_number(lab: Deployment) -> Call:
    return ask(lab, behaviours.missing())


def _trunk_fault(lab: Deployment) -> Call:
    return ask(lab, behaviours.status(403))


def _second_agent(lab: Deployment) -> Call:
    agents = {"1001": behaviours.ring_reject(0.2), "1002": behaviours.answer()}
    return ask(lab, behaviours.answer(after=0.1, talk=0.3), agents)


def _agent_gone(lab: Deployment) -> Call:
    call = ask(lab, queue="patient")
    until(lambda: lab.prompts(), 30.0, "the whisper")
    call.world.hang_up("1001")
    return call


def _abandoned(lab: Deployment) -> Call:
    call = ask(lab, behaviours.ring())
    call.customer_rings()
    call.wait("calling")
    call.world.hang_up("1001")
    return call


SCENARIOS: dict[str, Callable[[Deployment], Call]] = {
    "talk": _talk, "busy": _busy, "rejected": _rejected, "wrong-number": _wrong_number,
    "trunk-fault": _trunk_fault, "second-agent": _second_agent, "agent-gone": _agent_gone,
    "abandoned": _abandoned,
}  # fmt: skip


def record(version: str, folder: Path = FOLDER) -> None:
    """Play every scenario on this Asterisk and write its stream as JSON lines."""
    folder.mkdir(parents=True, exist_ok=True)
    with Deployment(version, record_ami=True) as lab:
        for name, scenario in SCENARIOS.items():
            lab.reset()
            call = scenario(lab)
            lab.wait_attempts(call.secret, 1, 60)
            lab.bed.pbx.wait_idle(30)
            assert lab.proxy is not None
            events = [one for one in lab.proxy.events() if one.get("Event") in KEPT]
            text = "".join(json.dumps(one, sort_keys=True) + "\n" for one in events)
            (folder / f"{version}-{name}.jsonl").write_text(text)
            print(f"{version} {name}: {len(events)} events")


if __name__ == "__main__":
    for wanted in sys.argv[1:] or ("22", "16"):
        record(wanted)
