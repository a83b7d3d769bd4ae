"""What the events of an Asterisk queue say: agents and callers, and who may be rung now."""

from datetime import UTC, datetime

import pytest

from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.queue_member import Device, Member, Presence
from asterisk_callback.telephony.queue_members import QueueMembers
from asterisk_callback.telephony.wire import MessageSplitter


def told() -> QueueMembers:
    members = QueueMembers()
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
    assert members.facts("support") == QueueStatus(known=True, logged_in=2, free=1, callers=2)
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
    assert members.facts("support") == QueueStatus()


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


def one(members: QueueMembers) -> Member:
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


# -- what queues.conf says

NOON = 1_796_000_000


class Clock:
    """Monotonic seconds, moved by hand."""

    now = 5_000.0

    def __call__(self) -> float:
        return self.now


def rules(**fields: str) -> dict[str, str]:
    told = {"RingInUse": "no", "WrapUp": "25", "Now": str(NOON)}
    return {"Event": "UserEvent", "UserEvent": "CallbackQueue", "Queue": "support", **told} | fields


@pytest.mark.parametrize(
    ("ring_in_use", "one_more"),
    [("no", True), ("No", True), ("0", True), ("yes", False), ("true", False), ("", False)],
)
@pytest.mark.case("CASES 1: one more only where ringinuse=no is known")
def test_one_more_waits_only_where_who_talks_is_not_rung(ring_in_use: str, one_more: bool) -> None:
    members = told()
    assert not members.facts("support").one_more  # nobody has said so yet
    assert members.take(rules(RingInUse=ring_in_use))
    assert members.facts("support").one_more is one_more
    members.clear()
    assert not members.facts("support").one_more


def status(
    last_call: int, in_call: str = "0", wrap_up: str = "0", state: str = "1"
) -> dict[str, str]:
    return {
        **CHANGED, "Status": state, "InCall": in_call, "LastCall": str(last_call),
        "Wrapuptime": wrap_up,
    }  # fmt: skip


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def resting(clock: Clock) -> QueueMembers:
    """support with PJSIP/1 alone, who is free, and a wrap-up of 25 s in queues.conf."""
    members = QueueMembers(clock)
    first = {**status(0), "Event": "QueueMember", "Location": "PJSIP/1"}
    members.replace([{"Event": "QueueParams", "Queue": "support"}, first])
    members.take(rules())
    return members


def free(members: QueueMembers) -> int:
    return members.facts("support").free


@pytest.mark.case("CASES 1: a wrap-up that only queues.conf has")
def test_who_wraps_up_is_not_free(resting: QueueMembers, clock: Clock) -> None:
    assert free(resting) == 1 and resting.next_end() is None
    resting.take(status(0, in_call="1", state="2"))
    assert free(resting) == 0
    # The phone is down before the queue has done its sums.
    resting.take(status(0, in_call="1"))
    assert free(resting) == 0 and resting.next_end() == float("inf")
    resting.take(status(0))
    assert free(resting) == 0 and resting.next_end() == 25
    clock.now += 10
    # Its clock is an hour off ours, and this moment is the end all the same.
    resting.take(status(NOON - 3600))
    assert resting.next_end() == 25
    clock.now += 24.5
    assert free(resting) == 0
    clock.now += 0.6
    assert free(resting) == 1 and resting.next_end() is None
    assert resting.facts("support").logged_in == 1


def test_a_call_that_ended_before_we_came_counts_by_asterisks_clock(
    resting: QueueMembers, clock: Clock
) -> None:
    resting.clear()
    first = {**status(NOON - 20), "Event": "QueueMember", "Location": "PJSIP/1"}
    resting.take(rules())
    resting.replace([{"Event": "QueueParams", "Queue": "support"}, first])
    assert free(resting) == 0 and resting.next_end() == 5
    resting.replace([{"Event": "QueueParams", "Queue": "support"}, first])
    clock.now += 5.5
    assert free(resting) == 1


def test_a_members_own_wrap_up_comes_first(resting: QueueMembers, clock: Clock) -> None:
    resting.take(status(0, in_call="1", state="2", wrap_up="4"))
    resting.take(status(NOON, wrap_up="4"))
    assert resting.next_end() == 4


def test_a_queue_without_a_wrap_up(resting: QueueMembers) -> None:
    resting.take(rules(WrapUp=""))
    resting.take(status(0, in_call="1", state="2"))
    resting.take(status(NOON))
    assert free(resting) == 1


@pytest.mark.case("CASES 1: a member's name in Latin-1 bytes")
def test_a_member_of_whom_no_event_will_come_is_not_counted_on() -> None:
    """Asterisk puts its events about queues into JSON, and sends none with a name that is not
    UTF-8. Only the full status has it: what it says of the phone is soon no longer so."""
    frames = MessageSplitter()
    banner, text = b"Asterisk Call Manager/9.0.0\r\n", "\r\n".join
    fields = ["Event: QueueMember", "Queue: support", "Location: PJSIP/1", "Name: Jürgen"]
    [message] = frames.feed(banner + text([*fields, "Status: 1"]).encode("latin-1") + b"\r\n\r\n")
    event = dict(line.split(": ", 1) for line in message.split("\r\n"))
    members = told()
    members.replace([{"Event": "QueueParams", "Queue": "support"}, event])
    assert one(members).presence is Presence.GONE
    assert members.facts("support") == QueueStatus(known=True)


@pytest.mark.case("CASES 6: a clock an hour off against Asterisk")
def test_what_asterisks_clock_shows() -> None:
    members = QueueMembers(lambda: 500.0)
    assert members.now() is None
    event = {"Event": "UserEvent", "UserEvent": "CallbackQueue", "Queue": "support"}
    members.take({**event, "Now": "1764500000"})
    assert members.now() == datetime.fromtimestamp(1764500000, UTC)
    members.clear()
    assert members.now() is None


@pytest.mark.case("CASES 6: an Asterisk queue that is not there")
def test_queues_that_asterisk_does_not_have() -> None:
    members = QueueMembers()
    assert members.missing({"support"}) == ()  # it has named none yet
    assert told().missing({"support", "sales"}) == ["sales"]
