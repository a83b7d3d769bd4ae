"""What the events of an Asterisk queue say: agents and callers."""

import pytest

from asterisk_callback.domain.member import Device, Member, Presence
from asterisk_callback.domain.pacing import QueueFacts
from asterisk_callback.telephony.members import Members


def told() -> Members:
    members = Members()
    members.replace(
        [
            {"Event": "QueueParams", "Queue": "support", "Calls": "2"},
            {"Event": "QueueMember", "Queue": "support", "Location": "PJSIP/1", "Status": "1"},
            {"Event": "QueueMember", "Queue": "support", "Location": "PJSIP/2", "Status": "2"},
        ]
    )
    return members


def test_callers_are_counted() -> None:
    members = told()
    assert members.facts("support") == QueueFacts(known=True, logged_in=2, free=1, callers=2)
    assert members.take({"Event": "QueueCallerJoin", "Queue": "support", "Count": "3"})
    assert members.facts("support").callers == 3
    assert members.take({"Event": "QueueCallerLeave", "Queue": "support", "Count": "0"})
    assert members.facts("support").callers == 0
    assert not members.take({"Event": "QueueCallerJoin", "Queue": "elsewhere", "Count": "3"})
    assert not members.take({"Event": "QueueCallerAbandon", "Queue": "support", "Position": "1"})


def test_a_count_that_is_none() -> None:
    members = told()
    members.take({"Event": "QueueCallerJoin", "Queue": "support", "Count": "many"})
    assert members.facts("support").callers == 0
    members.clear()
    assert members.facts("support") == QueueFacts()


CHANGED = {
    "Event": "QueueMemberStatus",
    "Queue": "support",
    "Interface": "PJSIP/1",
    "MemberName": "Anna",
    "Status": "2",
    "Paused": "0",
    "PausedReason": "",
    "InCall": "1",
}


def one(members: Members) -> Member:
    return next(each for each in members.of("support") if each.interface == "PJSIP/1")


def test_who_they_are_and_what_they_do() -> None:
    members = told()
    assert one(members) == Member(
        asterisk_queue="support", interface="PJSIP/1", name="PJSIP/1", status=Device.NOT_IN_USE
    )
    assert members.take(CHANGED)
    assert (one(members).name, one(members).status, one(members).in_call) == (
        "Anna", Device.IN_USE, True,
    )  # fmt: skip
    pause = {**CHANGED, "Event": "QueueMemberPause", "Paused": "1", "PausedReason": "Lunch"}
    assert members.take(pause)
    assert (one(members).paused, one(members).paused_reason) == (True, "Lunch")
    assert members.take({**pause, "Paused": "0"})
    assert (one(members).paused, one(members).paused_reason) == (False, "")
    assert members.take({**CHANGED, "Event": "QueueMemberRemoved"})
    assert [each.interface for each in members.of("support")] == ["PJSIP/2"]
    assert members.take({**CHANGED, "Event": "QueueMemberAdded"})
    assert one(members).name == "Anna"
    assert members.of("elsewhere") == ()


@pytest.mark.parametrize(
    ("status", "paused", "presence"),
    [
        ("0", "0", Presence.FREE),
        ("1", "0", Presence.FREE),
        ("2", "0", Presence.TALKING),
        ("3", "0", Presence.BUSY),
        ("4", "0", Presence.GONE),
        ("5", "0", Presence.GONE),
        ("5", "1", Presence.GONE),
        ("6", "0", Presence.RINGING),
        ("7", "0", Presence.TALKING),
        ("8", "0", Presence.TALKING),
        ("1", "1", Presence.PAUSED),
        ("2", "1", Presence.PAUSED),
        ("77", "0", Presence.FREE),
    ],
)
def test_what_one_reads_of_a_device(status: str, paused: str, presence: Presence) -> None:
    members = told()
    members.take({**CHANGED, "Status": status, "Paused": paused, "InCall": "0"})
    member = one(members)
    assert member.presence is presence
    assert member.free == (presence is Presence.FREE)
    assert member.away == (presence in (Presence.PAUSED, Presence.GONE))
    assert member.busy == (presence in (Presence.TALKING, Presence.RINGING, Presence.BUSY))
    facts = members.facts("support")
    assert (facts.logged_in, facts.free) == (1 + (not member.away), int(member.free))


def test_a_busy_phone_in_a_call_of_the_queue_talks() -> None:
    members = told()
    members.take({**CHANGED, "Status": "3"})
    assert one(members).presence is Presence.TALKING
