"""Calls that leave through a FreePBX's outbound routes: how they ended, by what its trunks did."""

import pytest

from asterisk_callback.domain.disposition import Disposition
from tests.lab import audio, behaviours
from tests.lab.calls import AT_ONCE, Call, ask
from tests.lab.waiting import PATIENCE, until
from tests.wild.freepbx import FreePbx

pytestmark = pytest.mark.asterisk

SLOW = pytest.mark.thorough
FAULTS = (Disposition.TRUNK_FAULT, Disposition.CONGESTION)


def told_meanwhile(call: Call) -> set[str]:
    """What the status page said until the first attempt had ended."""
    seen: set[str] = set()

    def ended() -> bool:
        seen.add(call.lab.status(call.secret))
        return bool(call.record.dispositions)

    until(ended, PATIENCE, "an attempt to end", 0.05)
    return seen


@pytest.mark.case("CASES 2: an announcement is no answer")
@pytest.mark.parametrize(
    "way",
    [
        "down",
        pytest.param("nowhere", marks=SLOW),
        pytest.param("down-told", marks=SLOW),
        "down-first",
        pytest.param("nowhere-first", marks=SLOW),
        pytest.param("down-told-first", marks=SLOW),
    ],
)
def test_an_announcement_of_the_pbx_is_a_fault_of_the_line(freepbx: FreePbx, way: str) -> None:
    call = ask(freepbx, queue=way)
    seen = told_meanwhile(call)
    record = call.record
    assert record.attempts[0].disposition in FAULTS
    assert record.attempts[0].answered_at is None and record.attempts[0].picked_up_at is None
    assert "talking" not in seen
    assert (record.request.rings, record.request.open) == (0, True)
    assert freepbx.bed.world.invites == []


@pytest.mark.case("CASES 2: a real answer behind from-internal")
@pytest.mark.parametrize(
    "way", ["inside", "iax", pytest.param("inside-first", marks=SLOW),
            pytest.param("iax-first", marks=SLOW)])  # fmt: skip
@pytest.mark.parametrize("who", ["customer", pytest.param("agent", marks=SLOW)])
def test_a_real_answer_behind_the_outbound_routes(freepbx: FreePbx, way: str, who: str) -> None:
    call = ask(freepbx, behaviours.answer(after=0.1, tone=700), queue=way)
    call.wait("talking")
    world = freepbx.bed.world
    audio.wait_for_tone(world.heard("6001"), 700)
    audio.wait_for_tone(world.heard(call.number), 440)
    world.hang_up(call.number if who == "customer" else "6001")
    record = call.ended("answered")
    assert record.request.rings == 1
    call.wait("completed")
    rings = world.asterisk.ami.events("UserEvent", UserEvent="PhoneRings", Number=call.number[1:])
    assert len(rings) == 1  # IAX2 has no INVITE: the phone's own word
    if "iax" not in way:
        call.rings(1)


@pytest.mark.case("CASES 2: our caller id behind a trunk that forces its own")
def test_the_customer_sees_our_caller_id(freepbx: FreePbx) -> None:
    call = ask(freepbx, behaviours.busy(), AT_ONCE, queue="inside")
    invite = freepbx.bed.world.wait_invite(call.number)
    sender = next(line for line in invite.text.splitlines() if line.startswith("From:"))
    assert "442079460000" in sender
    call.ended("busy")


@pytest.mark.case("CASES 2: the SIP code behind from-internal before DIALSTATUS")
@pytest.mark.parametrize(
    ("customer", "ways"),
    [
        pytest.param(behaviours.missing(), {Disposition.INVALID_NUMBER}, id="404"),
        pytest.param(behaviours.status(480), {Disposition.NO_ANSWER}, marks=SLOW, id="480"),
        pytest.param(behaviours.congestion(), set(FAULTS), marks=SLOW, id="503"),
        pytest.param(behaviours.status(403), {Disposition.TRUNK_FAULT}, marks=SLOW, id="403"),
        pytest.param(behaviours.reject(), {Disposition.REJECTED}, marks=SLOW, id="603"),
        pytest.param(behaviours.busy(), {Disposition.BUSY}, marks=SLOW, id="486"),
        pytest.param(behaviours.ring_reject(), {Disposition.REJECTED}, marks=SLOW, id="180-603"),
    ],
)
@pytest.mark.parametrize("way", ["told", pytest.param("inside", marks=SLOW)])
def test_how_it_ended_behind_the_outbound_routes(
    freepbx: FreePbx, way: str, customer: behaviours.Behaviour, ways: set[Disposition]
) -> None:
    call = ask(freepbx, customer, AT_ONCE, queue=way)
    record = freepbx.wait_attempts(call.secret, 1)
    assert record.attempts[0].disposition in ways
    assert record.attempts[0].answered_at is None
    assert len(freepbx.bed.world.invites_for(call.number)) >= 1


@SLOW
@pytest.mark.case("CASES 2: our service away while they talk behind from-internal")
@pytest.mark.parametrize("way", ["inside", "iax"])
@pytest.mark.parametrize("who", ["customer", "agent"])
def test_a_talk_that_ends_while_the_service_is_away(freepbx: FreePbx, way: str, who: str) -> None:
    call = ask(freepbx, behaviours.answer(after=0.1), queue=way)
    call.wait("talking")
    world = freepbx.bed.world
    world.wait_answered(call.number)
    freepbx.kill_product()
    world.hang_up(call.number if who == "customer" else "6001")
    freepbx.bed.pbx.wait_idle()
    freepbx.start_product()
    record = freepbx.wait_attempts(call.secret, 1)
    assert record.attempts[0].disposition in (Disposition.ANSWERED, Disposition.UNKNOWN)
    assert record.request.rings == 1
    rings = world.asterisk.ami.events("UserEvent", UserEvent="PhoneRings", Number=call.number[1:])
    assert len(rings) == 1
