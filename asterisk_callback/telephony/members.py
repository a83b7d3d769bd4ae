"""The Asterisk queues as AMI tells of them: who could be rung, who is free now, how many wait."""

from collections.abc import Iterable, Mapping

from asterisk_callback.domain.pacing import QueueFacts

Event = Mapping[str, str]

# Device states, as app_queue numbers them (AST_DEVICE_* in Asterisk's devicestate.h)
_UNKNOWN, _NOT_INUSE, _INVALID, _UNAVAILABLE = "0", "1", "4", "5"
_FREE = frozenset({_UNKNOWN, _NOT_INUSE})  # app_queue rings devices of unknown state, too
_GONE = frozenset({_INVALID, _UNAVAILABLE})
_CHANGES = frozenset(
    {"QueueMemberStatus", "QueueMemberAdded", "QueueMemberPause", "QueueMemberRinginuse"}
)
_CALLERS = frozenset({"QueueCallerJoin", "QueueCallerLeave"})


class Members:
    """Kept current by events; replaced as a whole by a full status after each connect."""

    def __init__(self) -> None:
        self._queues: dict[str, dict[str, tuple[str, bool]]] = {}
        self._callers: dict[str, int] = {}

    def clear(self) -> None:
        """The connection is gone: nothing is known until the next full status."""
        self._queues.clear()
        self._callers.clear()

    def replace(self, items: Iterable[Event]) -> None:
        """Takes the events of one QueueStatus action."""
        queues: dict[str, dict[str, tuple[str, bool]]] = {}
        callers: dict[str, int] = {}
        for item in items:
            if item.get("Event") == "QueueParams":
                queues.setdefault(item["Queue"], {})
                callers[item["Queue"]] = _number(item.get("Calls", ""))
            elif item.get("Event") == "QueueMember":
                interface = item.get("Location") or item.get("Interface", "")
                queues.setdefault(item["Queue"], {})[interface] = _state(item)
        self._queues, self._callers = queues, callers

    def take(self, event: Event) -> bool:
        """Applies one event; True if it says something about a queue's members or callers."""
        name, queue = event.get("Event", ""), event.get("Queue", "")
        members = self._queues.get(queue)
        if members is None:
            return False
        interface = event.get("Interface") or event.get("Location", "")
        if name in _CALLERS:
            # The count after the event: nothing to add up, nothing to lose.
            self._callers[queue] = _number(event.get("Count", ""))
            return True
        if name in _CHANGES:
            members[interface] = _state(event)
            return True
        if name == "QueueMemberRemoved":
            members.pop(interface, None)
            return True
        return False

    def facts(self, queue: str) -> QueueFacts:
        """What is known of one Asterisk queue."""
        members = self._queues.get(queue)
        if members is None:
            return QueueFacts()
        there = [
            status for status, paused in members.values() if not paused and status not in _GONE
        ]
        return QueueFacts(
            known=True,
            logged_in=len(there),
            free=sum(status in _FREE for status in there),
            callers=self._callers.get(queue, 0),
        )


def _state(event: Event) -> tuple[str, bool]:
    return event.get("Status", _UNKNOWN), event.get("Paused", "0") == "1"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
