"""The switch around the call: handed on, parked, in a conference, picked up by a colleague.

Whatever agents do with it, the customer's half stays one call: one ring, one attempt, one talk.
"""

import contextlib
from functools import partial

import pytest

from asterisk_callback.services.console.view import Stage
from tests.lab import audio, behaviours
from tests.lab.ami import AmiTimeout
from tests.lab.calls import Call, ask
from tests.lab.consoles import Desk
from tests.lab.deployment import Deployment
from tests.lab.waiting import PATIENCE, LabError, until

AGENTS = {
    "1001": behaviours.answer(after=0.1, tone=1000),
    "1002": behaviours.answer(after=0.1, tone=700),
}
everywhere = pytest.mark.parametrize(
    ("lab", "queue"),
    [
        ("22", "support"),
        *(
            pytest.param(version, queue, marks=pytest.mark.thorough)
            for version in ("22", "16")
            for queue in ("support", "first", "preview")
            if (version, queue) != ("22", "support")
        ),
    ],
    indirect=["lab"],
)


def talk(lab: Deployment, queue: str) -> tuple[Call, Desk]:
    """Agent 1001 talks with the customer, and has the call on the console."""
    desk = Desk.open(lab, "1001", queue)
    call = ask(lab, behaviours.answer(after=0.1, tone=440), AGENTS, queue=queue)
    if queue == "preview":
        desk.take()
        desk.call_back()
    call.wait("talking")
    call.world.wait_answered(call.number)
    desk.wait(Stage.TALKING)
    return call, desk


def goes_on(lab: Deployment, call: Call) -> None:
    """Two reconciliations later it is still the same attempt, and they talk."""
    proxy = lab.proxy
    assert proxy is not None

    def looked() -> int:
        return sum(p.get("Event") == "CoreShowChannelsComplete" for p in proxy.events())

    before = looked()
    until(lambda: looked() >= before + 2, PATIENCE, "two reconciliations", 0.05)
    assert lab.status(call.secret) == "talking"
    assert len(call.record.attempts) == 1 and call.attempt.open


def ends_once(lab: Deployment, call: Call) -> None:
    call.world.hang_up(call.number)
    call.wait("completed")
    call.ended("answered")
    call.rings(1)
    lab.bed.pbx.wait_idle()


@pytest.mark.case("CASES 10: attended transfer")
@everywhere
def test_an_attended_transfer_is_one_talk_and_frees_the_agents_console(
    lab: Deployment, queue: str
) -> None:
    call, desk = talk(lab, queue)
    call.world.transfer_attended("1001", "1002")
    call.world.wait_ended("1001")
    assert audio.wait_for_tone(call.world.heard("1002"), 440) > 1000
    assert audio.wait_for_tone(call.world.heard(call.number), 700) > 1000
    desk.wait(Stage.WRAP_UP)
    desk.drop()  # it is a colleague's call now: not to be cut off from here
    goes_on(lab, call)
    assert call.attempt.agent == "Agent 1001" and call.attempt.left_at is not None
    ends_once(lab, call)


@pytest.mark.thorough
@pytest.mark.case("CASES 10: a parking lot that times out")
@everywhere
def test_a_parked_customer_whom_nobody_fetches_comes_back_and_is_not_rung_again(
    lab: Deployment, queue: str
) -> None:
    call, desk = talk(lab, queue)
    call.world.transfer("1001", "700")
    call.world.wait_ended("1001")
    desk.wait(Stage.WRAP_UP)
    call.world.wait_answered("1001", nth=2)  # the lot gives them back after 3 s
    assert audio.wait_for_tone(call.world.heard("1001"), 440) > 1000
    goes_on(lab, call)
    ends_once(lab, call)


@pytest.mark.case("CASES 10: an agent asks a colleague while the customer's phone rings")
@pytest.mark.parametrize(
    "lab", ["22", pytest.param("16", marks=pytest.mark.thorough)], indirect=True
)
def test_a_colleague_who_is_asked_is_not_taken_for_the_customer(lab: Deployment) -> None:
    """*2 of features.conf, while it rings: whoever answers that is not whom we called."""
    call = ask(lab, behaviours.ring(), AGENTS)
    world = call.world
    call.customer_rings()
    _ask_a_colleague(lab, call)
    world.hang_up("1001")  # completes the transfer; the customer's phone rings on, for 1002
    call.wait_attempt(lambda one: one.left_at is not None, "the transfer to be written down")
    assert lab.status(call.secret) == "calling"
    record = call.ended("no_answer")
    assert record.attempts[0].answered_at is None and record.request.open
    call.rings(1)


def _asked_for(lab: Deployment, times: int) -> bool:
    return lab.prompts().count("pbx-transfer") >= times


def _ask_a_colleague(lab: Deployment, call: Call) -> None:
    """*2 and 1002, once more where a busy machine lost a tone on its way."""
    for _ in range(3):
        asked = lab.prompts().count("pbx-transfer") + 1
        call.world.send_digits("1001", "*2")
        until(partial(_asked_for, lab, asked), PATIENCE, "the question whom to call")
        call.world.send_digits("1001", "1002")
        with contextlib.suppress(AmiTimeout):
            call.world.wait_answered("1002", timeout=20)
            return
    raise LabError("no tone was heard in three tries")


@pytest.mark.thorough
@pytest.mark.case("CASES 10: three in a conference")
@everywhere
def test_three_in_a_conference(lab: Deployment, queue: str) -> None:
    call, _ = talk(lab, queue)
    world = call.world
    world.transfer("1001", "800")
    world.wait_ended("1001")
    world.agent_calls("1001", "800")
    world.agent_calls("1002", "800")
    world.wait_answered("1002")
    for hears in ("1001", "1002"):
        assert audio.wait_for_tone(world.heard(hears), 440) > 1000
    assert audio.wait_for_tone(world.heard(call.number), 700) > 1000
    goes_on(lab, call)
    for agent in ("1001", "1002"):  # they would stay in it without the customer
        world.hang_up(agent)
    ends_once(lab, call)


@pytest.mark.thorough
@pytest.mark.case("CASES 10: handed on to a queue that nobody serves")
@everywhere
def test_handed_on_to_a_queue_in_which_nobody_answers(lab: Deployment, queue: str) -> None:
    """The Asterisk queue ends with a status of its own, on the half that stood in ours."""
    call, desk = talk(lab, queue)
    call.world.agent("1003", behaviours.ring())
    call.world.transfer("1001", "890")
    call.world.wait_agent_invite("1003")
    desk.wait(Stage.WRAP_UP)
    call.wait("completed")  # nobody took it within 4 s, and the PBX hung up
    call.ended("answered")
    call.rings(1)


@pytest.mark.case("CASES 10: picked up by a colleague")
@everywhere
def test_a_colleague_who_picks_the_call_up_is_its_agent(lab: Deployment, queue: str) -> None:
    rung, other = Desk.open(lab, "1001", queue), Desk.open(lab, "1002", queue)
    ways = {"1001": behaviours.ring(), "1002": behaviours.answer(after=0.1, tone=700)}
    call = ask(lab, behaviours.answer(after=0.1, tone=440), ways, queue=queue)
    if queue == "preview":
        rung.take()
        rung.call_back()
    call.world.wait_agent_invite("1001")
    call.world.agent_calls("1002", "**1001")
    call.wait("talking")
    call.world.wait_answered(call.number)
    assert audio.wait_for_tone(call.world.heard("1002"), 440) > 1000
    assert (call.attempt.agent, call.attempt.member) == ("Agent 1002", "PJSIP/1002")
    other.wait(Stage.TALKING)
    rung.wait_empty()
    ends_once(lab, call)
    other.wait(Stage.WRAP_UP)
