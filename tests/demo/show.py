"""The demo: an office with agents, the world outside, one customer who wants to be called."""

import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from asterisk_callback.domain.request import RequestId
from tests.demo.moments import FarEnd, Record
from tests.demo.screen import Feed, Screen
from tests.demo.trouble import DemoFailed
from tests.lab import audio, behaviours, deployment_files, trees
from tests.lab.deployment import Deployment
from tests.lab.waiting import LabError, until

TYPED, NUMBER = "020 7946 0123", "442079460123"
AGENT_TONE, CUSTOMER_TONE = 440, 700
# How long the call may take; its own parts take about 8 s.
DEADLINE = 45.0
_LOOK_EVERY = 0.05
_AUDIBLE = 300  # of 32767


def run() -> None:
    """Raises DemoFailed, LabError and others that trouble.explain() knows."""
    screen = Screen()
    screen.say("asterisk-callback: one real callback on this machine\n")
    version = _asterisk(screen)
    with _deployment(version) as deployment:
        screen.step("a PBX with three agents' phones, and a trunk to the customers' phones")
        screen.step(f"asterisk-callback serve, on {deployment.base_url}")
        _one_call(screen, deployment)
        if sys.stdin.isatty() and sys.stdout.isatty():
            _go_on(screen, deployment)


def _asterisk(screen: Screen) -> str:
    """Which Asterisk to use; it is unpacked if it is not here yet."""
    version = os.environ.get("ASTERISK") or ("host" if trees.host_has_asterisk() else "22")
    if version not in ("22", "16", "host"):
        raise DemoFailed(f"ASTERISK={version} is not known: 22, 16 or host (the one on PATH)")
    if version != "host":
        screen.step(f"Asterisk {version}: unpacking it below ~/.cache, unless it is there already")
    tree = trees.tree(version)
    screen.step(f"Asterisk is {tree.program}")
    return version


def _deployment(version: str) -> Deployment:
    """Two departments whose agents hear our prompt; the test bed's others would only confuse."""
    shown = {"support", "sales"}
    configured = deployment_files.settings(Path(), "", 0, 0, 0, "")["queues"]
    return Deployment(
        version,
        settings={
            "queues": {name: {"whisper": ""} if name in shown else None for name in configured}
        },
        queues=[queue for queue in deployment_files.ASTERISK_QUEUES if queue.name in shown],
    )


def _one_call(screen: Screen, deployment: Deployment) -> None:
    world = deployment.bed.world
    for agent in deployment.bed.pbx.agents:
        world.agent(agent, behaviours.answer(after=1.0, tone=AGENT_TONE))
    world.customer(NUMBER, behaviours.answer(after=1.5, talk=3.0, tone=CUSTOMER_TONE))
    screen.step(f"a customer fills in the form: {TYPED}, as soon as possible")
    mark = world.asterisk.ami.mark()
    secret = deployment.submit(TYPED)
    request = deployment.record(secret).request
    call = Call(deployment, request.id, NUMBER, mark)
    screen.heading()
    _follow(screen, call, secret)
    _judge(screen, call)


@dataclass
class Call:
    """One callback request, watched from both ends."""

    deployment: Deployment
    request_id: RequestId
    number: str
    mark: int
    record: Record = field(init=False)
    far: FarEnd = field(init=False)
    feed: Feed | None = None

    def __post_init__(self) -> None:
        self.record = Record(self.deployment.store, self.request_id)
        self.far = FarEnd(self.deployment.bed.world, self.number, self.mark)

    def begin(self, screen: Screen) -> None:
        first = next(self.record.moments())
        self.feed = Feed(screen, first.at, (self.record, self.far))

    def look(self) -> bool:
        """Shows what is new; True while the request is open."""
        assert self.feed is not None
        if not self.record.over:
            self.feed.show()
            return True
        self.feed.show(settle=0.0)
        return False


def _follow(screen: Screen, call: Call, secret: str) -> None:
    """Shows the call until the request has ended. Raises DemoFailed after DEADLINE."""
    call.begin(screen)
    try:
        until(lambda: not call.look(), DEADLINE, "the call to be done", _LOOK_EVERY)
    except LabError as error:
        view = call.deployment.view(secret)
        raise DemoFailed(
            f"the call was not done after {DEADLINE:g} s; it is {view.public}, because of "
            f"{view.why.reason} {view.why.detail}\n{call.deployment.tail(8)}"
        ) from error


def _judge(screen: Screen, call: Call) -> None:
    """One request, one ring, one attempt that passed the gate; both heard each other."""
    request, rings, passed = call.record.request, len(call.far.invites), len(call.record.passed)
    assert request is not None
    kept = "kept" if request.state == "completed" else f"NOT kept ({request.state})"
    text = (
        f"1 request, {_count(rings, 'ring')} at the far end, "
        f"{_count(passed, 'attempt')} that passed the gate; {kept}"
    )
    if (rings, passed, kept) != (1, 1, "kept"):
        screen.bad(f"\n{text}")
        raise DemoFailed(f"the call did not go as it should: {text}\n{call.deployment.tail(8)}")
    screen.good(f"\n{text}")
    screen.say(_heard(call))


def _heard(call: Call) -> str:
    """Each party plays a tone of its own: how loud did it arrive at the other end?"""
    world = call.deployment.bed.world
    agent = next((a.agent for a in call.record.passed if a.agent), "").split()[-1]
    told = []
    for who, party, tone in (("agent", agent, CUSTOMER_TONE), ("customer", NUMBER, AGENT_TONE)):
        world.wait_ended(party)  # only then is all of the recording in its file
        level = audio.levels(world.heard(party), [tone], seconds=3.0)[tone]
        told.append(f"{who} {'yes' if level > _AUDIBLE else 'NO'}")
    return f"audio, measured in what each heard of the other: {', '.join(told)}"


def _go_on(screen: Screen, deployment: Deployment) -> None:
    """Serves until Ctrl-C; every number of the world answers."""
    screen.say(
        f"\nIt goes on serving: {deployment.base_url}\n"
        "Ask for a call with any British number, such as 020 7946 0999: a phone will answer, talk "
        "for 10 s\nand hang up. Ctrl-C ends it."
    )
    world, calls = deployment.bed.world, dict[RequestId, Call]()
    with deployment.store.reading() as tx:
        known = {request.id for request in tx.requests.latest(None, 1000)}
    try:
        while True:
            with deployment.store.reading() as tx:
                new = [r for r in tx.requests.latest(None, 50) if r.id not in known]
            for request in reversed(new):
                known.add(request.id)
                number = request.e164.lstrip("+")
                world.customer(number, behaviours.answer(after=2.0, talk=10.0))
                call = Call(deployment, request.id, number, world.asterisk.ami.mark())
                screen.heading()
                call.begin(screen)
                calls[request.id] = call
            calls = {key: call for key, call in calls.items() if call.look()}
            time.sleep(_LOOK_EVERY)
    except KeyboardInterrupt:
        screen.say("\nended")


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" + ("" if number == 1 else "s")
