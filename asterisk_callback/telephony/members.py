"""The Asterisk queues as AMI tells of them: who could be rung, who is free now, how many wait."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from asterisk_callback.domain.member import Device, Member
from asterisk_callback.domain.pacing import QueueFacts

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


class Members:
    """Kept current by events; replaced as a whole by a full status after each connect."""

    def __init__(self) -> None:
        self._queues: dict[str, dict[str, Member]] = {}
        self._callers: dict[str, int] = {}

    def clear(self) -> None:
        """The connection is gone: nothing is known until the next full status."""
        self._queues.clear()
        self._callers.clear()

    def replace(self, items: Iterable[Event]) -> None:
        """Takes the events of one QueueStatus action."""
        queues: dict[str, dict[str, Member]] = {}
        callers: dict[str, int] = {}
        for item in items:
            if item.get("Event") == "QueueParams":
                queues.setdefault(item["Queue"], {})
                callers[item["Queue"]] = _number(item.get("Calls", ""))
            elif item.get("Event") == "QueueMember":
                member = _member(item)
                queues.setdefault(member.asterisk_queue, {})[member.interface] = member
        self._queues, self._callers = queues, callers

    def take(self, event: Event) -> bool:
        """Applies one event; True if it says something about a queue's members or callers."""
        name, queue = event.get("Event", ""), event.get("Queue", "")
        members = self._queues.get(queue)
        if members is None:
            return False
        if name in _CALLERS:
            # The count after the event: nothing to add up, nothing to lose.
            self._callers[queue] = _number(event.get("Count", ""))
            return True
        if name in _CHANGES:
            member = _member(event)
            members[member.interface] = member
            return True
        if name == "QueueMemberRemoved":
            members.pop(_interface(event), None)
            return True
        return False

    def facts(self, queue: str) -> QueueFacts:
        """What is known of one Asterisk queue."""
        members = self._queues.get(queue)
        if members is None:
            return QueueFacts()
        there = [member for member in members.values() if not member.away]
        return QueueFacts(
            known=True,
            logged_in=len(there),
            free=sum(member.free for member in there),
            callers=self._callers.get(queue, 0),
        )

    def by_device(self, device: str) -> Member | None:
        """Whose phone this is, of whatever queue: the member's interface is the device, or a Local
        channel to the extension of that name."""
        known = [one for queue in self._queues.values() for one in queue.values()]
        local = f"Local/{device.rpartition('/')[2]}@"
        direct = (one for one in known if one.interface == device)
        behind = (one for one in known if one.interface.startswith(local))
        return next(direct, None) or next(behind, None)

    def of(self, queue: str) -> Sequence[Member]:
        """The members of one Asterisk queue, in the order in which Asterisk named them."""
        return tuple(self._queues.get(queue, {}).values())


def _member(event: Event) -> Member:
    interface = _interface(event)
    member = Member(
        asterisk_queue=event.get("Queue", ""),
        interface=interface,
        name=event.get("MemberName") or event.get("Name") or interface,
        status=_DEVICES.get(event.get("Status", ""), Device.UNKNOWN),
        in_call=event.get("InCall") == "1",
    )
    if event.get("Paused") != "1":
        return member
    return replace(member, paused=True, paused_reason=event.get("PausedReason", ""))


def _interface(event: Event) -> str:
    return event.get("Interface") or event.get("Location", "")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
