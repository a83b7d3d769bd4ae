"""Agent and customer talk: the whole way, with audio, the page's truth, and a transfer."""

import re

import pytest

from tests.lab import audio, behaviours
from tests.lab.calls import ask
from tests.lab.deployment import Deployment
from tests.lab.deployment_files import CALLER_ID
from tests.lab.fixtures import on_22_and_16_always
from tests.lab.invites import digits


@on_22_and_16_always
def test_they_talk_and_the_customer_hangs_up(lab: Deployment) -> None:
    call = ask(lab, behaviours.ring(tone=440), behaviours.ring(tone=1000), queue="spoken")
    world = call.world
    assert world.wait_agent_invite("1001").from_number == CALLER_ID
    assert world.invites == []  # the customer never waits for an agent
    assert lab.status(call.secret) == "waiting"
    assert "keep this line free" in lab.page(call.secret).words
    world.answer("1001")
    call.customer_rings()
    assert "callback" in lab.prompts()
    call.wait("calling")
    assert lab.status(call.secret) == "calling"
    world.answer(call.number)
    call.wait("talking")
    assert lab.status(call.secret) == "talking"
    assert "talking with us" in lab.page(call.secret).words
    assert audio.wait_for_tone(world.heard("1001"), 440, 20) > 1000
    assert audio.wait_for_tone(world.heard(call.number), 1000, 20) > 1000
    world.hang_up(call.number)
    call.wait("completed")
    assert lab.status(call.secret) == "completed"
    record = call.ended("answered")
    assert record.request.rings == 1
    assert record.attempts[0].agent == "Agent 1001"
    call.rings(1)
    [invite] = world.invites_for(call.number)
    assert invite.from_number == CALLER_ID


@on_22_and_16_always
def test_they_talk_and_the_agent_hangs_up(lab: Deployment) -> None:
    call = ask(lab, behaviours.answer(after=0.2))
    call.wait("talking")
    call.world.wait_answered(call.number)
    call.world.hang_up("1001")
    call.wait("completed")
    call.ended("answered")
    call.rings(1)
    call.world.wait_ended(call.number)


def test_the_trail_tells_the_whole_story(lab: Deployment) -> None:
    call = ask(lab, behaviours.answer(talk=0.2))
    call.wait("completed")
    trail = call.record.trail
    assert [one.at for one in trail] == sorted(one.at for one in trail)
    assert all(one.actor and one.reason for one in trail)
    moves = [(one.old, one.new) for one in trail if one.event == "request" and one.old != one.new]
    assert moves == [
        (None, "queued"), ("queued", "in_progress"), ("in_progress", "completed"),
    ]  # fmt: skip
    assert [one.event for one in trail if one.actor == "gate"] == ["gate passed"]


@on_22_and_16_always
def test_a_blind_transfer_shows_the_token_to_nobody(lab: Deployment) -> None:
    world = lab.bed.world
    world.asterisk.cli("pjsip set logger on")
    start = world.asterisk.log_file.stat().st_size
    try:
        call = ask(lab, behaviours.answer(after=0.1), {"1001": behaviours.answer()})
        call.wait("talking")
        world.wait_answered(call.number)
        world.agent("1002", behaviours.answer(after=0.1))
        world.transfer("1001", "1002")
        world.wait_answered("1002")
        world.wait_ended("1001")
        shown = world.wait_agent_invite("1002")
        world.hang_up(call.number)
        call.wait("completed")
    finally:
        world.asterisk.cli("pjsip set logger off")
    call.ended("answered")
    call.rings(1)
    with world.asterisk.log_file.open("rb") as log:
        log.seek(start)
        said = log.read().decode("utf-8", "replace")
    assert said.count("INVITE sip:") >= 3  # all of SIP is in this log
    token = call.attempt.token
    assert token not in said
    assert not re.search(r"\d{27}", said)  # nor another token
    [invite] = world.invites_for(call.number)
    assert token not in invite.text
    # The second agent sees who calls, or the company.
    assert digits(shown.from_number) in (CALLER_ID, digits(call.number))


@pytest.mark.case("CASES 2: answered, and gone after 0.2 s")
def test_who_is_gone_as_soon_as_they_answer_is_called_once_more(lab: Deployment) -> None:
    call = ask(lab, behaviours.answer(after=0.1, talk=0.2), queue="second")
    call.ended("answered")
    call.why("retry")
    record = call.ended("answered", "answered")
    call.wait("completed")
    assert "answered, and gone at once: once more" in [one.reason for one in record.trail]
    call.rings(2)
