"""The members of an Asterisk queue: agents' phones, which of them may be rung, and what an agent
asks of theirs (to be logged in, logged out, paused, free again).

A member's interface is a dial string: without a list of what is allowed, whoever can name one has
Asterisk dial any number by any line.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from asterisk_callback.domain.account import InvalidAccount, UserId, is_member

# Phones, and the Local channels of FreePBX and of ours whose agents confirm by a key.
PHONES = (
    "PJSIP/*",
    "SIP/*",
    "Local/*@from-queue/n",
    "Local/*@callback-member",
    "Local/*@callback-member/n",
)
_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9]{1,15}/[A-Za-z0-9_*][A-Za-z0-9_.@/+*-]{0,62}")
# What `*` stands for: no @ and no /, so that none reaches into another context or trunk.
_ANY = "[A-Za-z0-9_.-]+"


def is_pattern(text: str) -> bool:
    """Can it stand in a list of what is allowed?"""
    return _PATTERN.fullmatch(text) is not None


def phone_name(interface: str | None) -> str:
    """Return an interface as people say it: anna of PJSIP/anna, 6001 of Local/6001@from-queue/n;
    empty without one."""
    return (interface or "").partition("/")[2].partition("@")[0].partition("/")[0]


@dataclass(frozen=True, slots=True)
class MemberRules:
    """patterns: the interfaces that may be rung; `*` is one or more of letters, digits, _ . -"""

    patterns: tuple[str, ...] = PHONES

    def allow(self, interface: str) -> bool:
        """May calls go to this interface?"""
        return is_member(interface) and any(
            re.fullmatch(_ANY.join(map(re.escape, one.split("*"))), interface)
            for one in self.patterns
        )

    def checked(self, text: str) -> str | None:
        """The interface that somebody typed; None for an empty one. Raises InvalidAccount
        (member)."""
        member = text.strip()
        if not member:
            return None
        if not self.allow(member):
            known = ", ".join(self.patterns)
            raise InvalidAccount(
                "member",
                f"Write the queue member as Asterisk does, such as PJSIP/anna. Allowed are {known} "
                "(* is letters, digits and _ . -); [asterisk] members in callback.toml names more.",
            )
        return member


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


# An order is carried out at once or not at all: who pressed "pause" and saw nothing come of it
# has long decided otherwise.
LATEST = timedelta(seconds=30)


class Action(StrEnum):
    ADD = "add"
    REMOVE = "remove"
    PAUSE = "pause"
    UNPAUSE = "unpause"


class OrderOutcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    LATE = "late"  # Asterisk was not there in time: it was never sent
    UNANSWERED = "unanswered"  # it was sent; whether it was carried out is not known


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberOrder:
    """One order for one Asterisk queue. Instants are aware UTC.

    interface: the account's member when it was given. reason: of a pause, a name of the
    configuration. epoch: of the dispatcher that took it. detail: a sentence for the agent, if it
    was not carried out.
    """

    id: int
    account_id: UserId
    server: str
    asterisk_queue: str
    interface: str
    action: Action
    created_at: datetime
    reason: str = ""
    epoch: int | None = None
    done_at: datetime | None = None
    outcome: OrderOutcome | None = None
    detail: str = ""

    @property
    def done(self) -> bool:
        return self.outcome is OrderOutcome.DONE
