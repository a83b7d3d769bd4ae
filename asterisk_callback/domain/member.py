"""The members of an Asterisk queue: the agents' phones, as Asterisk sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Device(StrEnum):
    """The state of a member's device, as Asterisk has it."""

    UNKNOWN = "unknown"  # Asterisk is not told; its queues ring such a device, too
    NOT_IN_USE = "not_in_use"
    IN_USE = "in_use"
    BUSY = "busy"
    INVALID = "invalid"  # there is no such device
    UNAVAILABLE = "unavailable"  # no phone is registered
    RINGING = "ringing"
    RING_IN_USE = "ring_in_use"
    ON_HOLD = "on_hold"


class Presence(StrEnum):
    """What one reads of a member in one word."""

    FREE = "free"
    RINGING = "ringing"
    TALKING = "talking"
    BUSY = "busy"  # rings or talks: with device_state_busy_at=1 Asterisk does not say which
    PAUSED = "paused"
    GONE = "gone"


_FREE = frozenset({Device.UNKNOWN, Device.NOT_IN_USE})
_GONE = frozenset({Device.INVALID, Device.UNAVAILABLE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A member of one Asterisk queue, logged in there.

    interface: by which the queue knows it, such as PJSIP/anna. name: what Asterisk calls it.
    paused_reason: "" for none. in_call: in a call of this queue. since: when its presence (or
    the reason of its pause) became what it is, aware UTC; None where nobody wrote that down.
    """

    asterisk_queue: str
    interface: str
    name: str
    status: Device = Device.UNKNOWN
    paused: bool = False
    paused_reason: str = ""
    in_call: bool = False
    since: datetime | None = None

    @property
    def free(self) -> bool:
        """Its queue would ring it now."""
        return not self.paused and self.status in _FREE

    @property
    def away(self) -> bool:
        """Nobody rings it until its agent does something: paused, or without a phone."""
        return self.paused or self.status in _GONE

    @property
    def busy(self) -> bool:
        """At work: it rings, talks or holds a call."""
        return not self.free and not self.away

    @property
    def presence(self) -> Presence:
        if self.status in _GONE:
            return Presence.GONE
        if self.paused:
            return Presence.PAUSED
        if self.status in _FREE:
            return Presence.FREE
        if self.status is Device.RINGING:
            return Presence.RINGING
        unclear = self.status is Device.BUSY and not self.in_call
        return Presence.BUSY if unclear else Presence.TALKING

    @property
    def shown(self) -> tuple[Presence, str]:
        """What `since` counts from."""
        return self.presence, self.paused_reason if self.paused else ""


# Of one device that several queues see, what the one with a call of its own says comes first.
_TELLING = (
    Presence.TALKING,
    Presence.RINGING,
    Presence.BUSY,
    Presence.FREE,
    Presence.PAUSED,
    Presence.GONE,
)


def most_telling(members: Sequence[Member]) -> Member:
    """Which of these, one interface's in its queues, says best what its agent does. A pause in one
    queue does not keep them from working in another."""
    return min(members, key=lambda one: _TELLING.index(one.presence))
