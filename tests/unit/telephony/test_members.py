"""What the events of an Asterisk queue say: agents and callers."""

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
