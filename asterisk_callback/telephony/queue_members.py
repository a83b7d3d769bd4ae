"""The Asterisk queues as AMI tells of them: who could be rung, who is free now, how many wait."""

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.queue_member import Device, Member
from asterisk_callback.telephony import contract
from asterisk_callback.telephony.queue_rules import UNKNOWN, QueueRules, answer, number

Event = Mapping[str, str]

# Device states, as app_queue numbers them (AST_DEVICE_* in Asterisk's devicestate.h)
_DEVICES = {
    "0": Device.UNKNOWN,
    "1": Device.NOT_IN_USE,
    "2": Device.IN_USE,
    "3": Device.BUSY,
    "4": Device.INVALID,
    "5": Device.UNAVAILABLE,
    "6": Device.RINGING,
    "7": Device.RING_IN_USE,
    "8": Device.ON_HOLD,
}
_CHANGES = frozenset(
    {"QueueMemberStatus", "QueueMemberAdded", "QueueMemberPause", "QueueMemberRinginuse"}
)
_CALLERS = frozenset({"QueueCallerJoin", "QueueCallerLeave"})
_REMOVED = "QueueMemberRemoved"
NEEDED = {
    **dict.fromkeys((*_CHANGES, *_CALLERS, _REMOVED), ""),
    "UserEvent": contract.USER_EVENT_OF_OURS,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class LastCall:
    """Of a member in one queue. at: its end by Asterisk's clock, Unix seconds (0: none). seen: when
    we saw it end, monotonic; None: it had ended before. wrap_up: the member's own, in seconds."""

    at: int
    seen: float | None
    wrap_up: int


class QueueMembers:
    """Kept current by events; replaced as a whole by a full status after each connect."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._queues: dict[str, dict[str, Member]] = {}
        self._callers: dict[str, int] = {}
        self._rules: dict[str, QueueRules] = {}
        self._last: dict[tuple[str, str], LastCall] = {}
        self._clock = clock
        # Unix seconds on Asterisk's clock when ours shows 0; ours alone until Asterisk says so.
        self._epoch = time.time() - clock()
        self._told = self._whole = False

    def clear(self) -> None:
        """The connection is gone: nothing is known until the next full status."""
        self._queues.clear()
        self._callers.clear()
        self._rules.clear()
        self._told = self._whole = False
        self._last.clear()

    def replace(self, items: Iterable[Event]) -> None:
        """Takes the events of one QueueStatus action."""
        queues: dict[str, dict[str, Member]] = {}
        callers: dict[str, int] = {}
        for item in items:
            if item.get("Event") == "QueueParams":
                queues.setdefault(item["Queue"], {})
                callers[item["Queue"]] = number(item.get("Calls", ""))
            elif item.get("Event") == "QueueMember":
                member = _member(item)
                self._note(item, member)
                queues.setdefault(member.asterisk_queue, {})[member.interface] = member
        self._queues, self._callers = queues, callers
        self._whole = True

    def take(self, event: Event) -> bool:
        """Applies one event; True if it says something about a queue or its members."""
        if told := answer(event):
            queue, rules, now = told
            self._rules[queue], self._epoch = rules, now - self._clock()
            self._told = True
            return True
        name, queue = event.get("Event", ""), event.get("Queue", "")
        members = self._queues.get(queue)
        if members is None:
            return False
        if name in _CALLERS:
            # The count after the event: nothing to add up, nothing to lose.
            self._callers[queue] = number(event.get("Count", ""))
            return True
        if name in _CHANGES:
            member = _member(event)
            self._note(event, member)
            members[member.interface] = member
            return True
        if name == _REMOVED:
            members.pop(_interface(event), None)
            return True
        return False

    def facts(self, queue: str) -> QueueStatus:
        """What is known of one Asterisk queue."""
        members = self._queues.get(queue)
        if members is None:
            return QueueStatus()
        there = [member for member in members.values() if not member.away]
        return QueueStatus(
            known=True,
            logged_in=len(there),
            free=sum(member.free and not self._rests(member) for member in there),
            callers=self._callers.get(queue, 0),
            one_more=self._rules.get(queue, UNKNOWN).rings_idle_only,
        )

    def missing(self, queues: Iterable[str]) -> Sequence[str]:
        """Those that Asterisk does not have; none until it has named all that it has."""
        return sorted(set(queues) - set(self._queues)) if self._whole else ()

    def now(self) -> datetime | None:
        """What Asterisk's clock shows (aware UTC); None until it has said so."""
        if not self._told:
            return None
        return datetime.fromtimestamp(self._epoch + self._clock(), UTC)

    def by_device(self, device: str) -> Member | None:
        """Whose phone this is, of whatever queue: the member's interface is the device, or a Local
        channel to the extension of that name."""
        known = [one for queue in self._queues.values() for one in queue.values()]
        local = f"Local/{device.rpartition('/')[2]}@"
        direct = (one for one in known if one.interface == device)
        behind = (one for one in known if one.interface.startswith(local))
        return next(direct, None) or next(behind, None)

    def next_end(self) -> float | None:
        """In how many seconds the next wrap-up ends; None: nobody has one."""
        now = self._clock()
        ends = [
            self._rests_until(member)
            for members in self._queues.values()
            for member in members.values()
            if member.free
        ]
        return min((end - now for end in ends if end > now), default=None)

    def of(self, queue: str) -> Sequence[Member]:
        """The members of one Asterisk queue, in the order in which Asterisk named them."""
        return tuple(self._queues.get(queue, {}).values())

    def _note(self, event: Event, member: Member) -> None:
        """Remembers its last call. One that we see end counts from now, by our own clock: nobody
        knows how far Asterisk's is from it at this moment, and its event has whole seconds."""
        key = (member.asterisk_queue, member.interface)
        before = self._queues.get(key[0], {}).get(key[1])
        known = self._last.get(key)
        at = number(event.get("LastCall", ""))
        seen = known.seen if known is not None else None
        talked = before is not None and before.in_call and not member.in_call
        if talked or (known is not None and at > known.at):
            seen = self._clock()
        self._last[key] = LastCall(at=at, seen=seen, wrap_up=number(event.get("Wrapuptime", "")))

    def _rests(self, member: Member) -> bool:
        """The Asterisk queue would not ring it, although its phone is free: the call is not over
        for the queue, or its wrap-up is not."""
        return self._rests_until(member) > self._clock()

    def _rests_until(self, member: Member) -> float:
        """Monotonic. While its call goes on for the queue: for ever, since an event will tell."""
        queue = member.asterisk_queue
        last = self._last.get((queue, member.interface))
        wrap_up = (last and last.wrap_up) or self._rules.get(queue, UNKNOWN).wrap_up
        if last is None or not wrap_up:
            return 0.0
        if member.in_call:
            return math.inf
        return (last.seen if last.seen is not None else last.at - self._epoch) + wrap_up


# What the decoder puts in the place of bytes that are not UTF-8
UNREADABLE = "\ufffd"


def _member(event: Event) -> Member:
    """One whose name is not UTF-8 counts as having no phone: Asterisk puts its events into JSON,
    and sends none of that member (measured on 22), so nobody would be told when it is busy."""
    interface = _interface(event)
    member = Member(
        asterisk_queue=event.get("Queue", ""),
        interface=interface,
        name=event.get("MemberName") or event.get("Name") or interface,
        status=_DEVICES.get(event.get("Status", ""), Device.UNKNOWN),
        in_call=event.get("InCall") == "1",
    )
    if UNREADABLE in member.name:
        member = replace(member, status=Device.INVALID)
    if event.get("Paused") != "1":
        return member
    return replace(member, paused=True, paused_reason=event.get("PausedReason", ""))


def _interface(event: Event) -> str:
    return event.get("Interface") or event.get("Location", "")
