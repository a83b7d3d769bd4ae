"""Members that are extensions of a FreePBX, not phones: what answers for them is not the agent."""

from collections.abc import Callable

import pytest

from tests.lab import behaviours
from tests.lab.calls import AT_ONCE, Call, ask
from tests.lab.consoles import Desk
from tests.lab.waiting import PATIENCE, until
from tests.wild.freepbx import FreePbx

pytestmark = pytest.mark.asterisk

TALKS = behaviours.answer(after=0.1, talk=0.2)
MEMBER = "Local/6001@from-queue/n"


def rejects(freepbx: FreePbx) -> behaviours.Behaviour:
    return behaviours.ring_reject(0.3)


def is_busy(freepbx: FreePbx) -> behaviours.Behaviour:
    return behaviours.busy()


def is_silent(freepbx: FreePbx) -> behaviours.Behaviour:
    freepbx.ring_time("6001", 2)
    return behaviours.ring()


def wants_no_calls(freepbx: FreePbx) -> behaviours.Behaviour:
    freepbx.do_not_disturb("6001")
    return AT_ONCE


def forwards(freepbx: FreePbx) -> behaviours.Behaviour:
    return behaviours.forward("6002")


WAYS = (rejects, is_busy, is_silent, wants_no_calls, forwards)
Way = Callable[[FreePbx], behaviours.Behaviour]


def in_way(often: Way) -> pytest.MarkDecorator:
    """Every way not to be reached, on both versions; in the common run just this one, on 22."""
    return pytest.mark.parametrize(
        ("freepbx", "way"),
        [
            pytest.param(
                version, way, id=f"{version}-{way.__name__}",
                marks=() if (version, way) == ("22", often) else pytest.mark.thorough,
            )
            for version in ("22", "16") for way in WAYS
        ],
        indirect=["freepbx"],
    )  # fmt: skip


on_both = pytest.mark.parametrize(
    "freepbx", ["22", pytest.param("16", marks=pytest.mark.thorough)], indirect=True
)


def taken_by_the_other(freepbx: FreePbx, call: Call) -> None:
    record = call.ended("answered")
    assert record.attempts[-1].agent == "Agent 6002"
    assert freepbx.voicemails() == []
    call.rings(1)


@pytest.mark.case("CASES 1: a mailbox, or a forwarded phone, is never the agent")
@in_way(wants_no_calls)
def test_agent_first(freepbx: FreePbx, way: Way) -> None:
    call = ask(freepbx, TALKS, {"6001": way(freepbx), "6002": AT_ONCE})
    taken_by_the_other(freepbx, call)


@pytest.mark.case("CASES 1: a mailbox, or a forwarded phone, is never the agent")
@in_way(is_silent)
def test_customer_first(freepbx: FreePbx, way: Way) -> None:
    customer = behaviours.answer(after=0.1)
    call = ask(freepbx, customer, {"6001": way(freepbx), "6002": AT_ONCE}, queue="first")
    call.wait("talking")
    call.world.hang_up(call.number)
    taken_by_the_other(freepbx, call)


@pytest.mark.case("CASES 1: a mailbox, or a forwarded phone, is never the agent")
@in_way(rejects)
def test_preview(freepbx: FreePbx, way: Way) -> None:
    """There is no other agent: nobody is rung."""
    desk = Desk.open(freepbx, "6001", member=MEMBER)
    call = ask(freepbx, TALKS, {"6001": way(freepbx)}, queue="preview")
    desk.take()
    desk.call_back()
    call.ended_without_a_ring()
    assert freepbx.voicemails() == []
    assert "6002" not in [one.number for one in freepbx.bed.world.agent_invites]
    assert freepbx.bed.world.invites == []
    assert call.record.request.open


@pytest.mark.case("CASES 1: ringinuse=yes, and everybody is on another call")
@on_both
def test_an_agent_on_another_call_is_not_rung(freepbx: FreePbx) -> None:
    """The queue would ring the extension, for it has ringinuse=yes; its mailbox would answer."""
    world = freepbx.bed.world
    world.agent("6002", behaviours.answer())
    world.agent_calls("6001", "6002")
    world.wait_answered("6002")
    until(lambda: not freepbx.bed.agent_is_free("6001"), PATIENCE, "6001 to be busy")
    call = ask(freepbx, TALKS)
    call.why("all_busy")
    assert call.record.attempts == ()
    world.hang_up("6002")
    call.ended("answered")
    assert freepbx.voicemails() == []
    call.rings(1)


@pytest.mark.case("CASES 1: members who confirm by a key of the PBX's own")
@on_both
def test_a_key_that_the_pbx_itself_asks_for(freepbx: FreePbx) -> None:
    """By what callback-before-queue sets, as the PBX does before its own Queue()."""
    freepbx.call_confirm()
    call = ask(freepbx, TALKS, {"6001": AT_ONCE, "6002": AT_ONCE})
    world = call.world
    world.wait_answered("6001")
    freepbx.wait_prompt("agent-press-1")
    world.send_digits("6001", "2")
    world.wait_answered("6002")
    assert world.invites == []
    until(lambda: freepbx.prompts().count("agent-press-1") >= 2, PATIENCE, "the second to be asked")
    world.send_digits("6002", "1")
    taken_by_the_other(freepbx, call)
