"""An attempt: one try to connect an agent with the customer, with at most one ring."""

import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.request import RequestId

AttemptId = NewType("AttemptId", int)
Token = NewType("Token", str)

TOKEN_DIGITS = 27
_TOKEN = re.compile(rf"[0-9]{{{TOKEN_DIGITS}}}")


def new_token() -> Token:
    """A random, never repeated name of an attempt: 27 decimal digits, 89 random bits.

    Decimal, so that no dialplan pattern that matches it also matches Asterisk's special
    extensions; fixed width, so that no token is the prefix of another.
    """
    return Token(f"{secrets.randbelow(10**TOKEN_DIGITS):0{TOKEN_DIGITS}d}")


def is_token(text: str) -> bool:
    return _TOKEN.fullmatch(text) is not None


class CallLeg(StrEnum):
    AGENT = "agent"
    CUSTOMER = "customer"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One attempt. All instants are aware UTC; each is written once and never changed.

    owner, epoch: the dispatcher that may write to it (P6). e164 is frozen at the claim.
    agent, member: the name and the interface of the queue member who was rung first, and once one
    answered, of that one.
    gate_by: after this the gate says no. gate_at: the gate said yes; from here on the customer may
    have been rung. picked_up_at: in customer-first the customer answered, and no agent is there
    yet. answered_at: agent and customer were bridged; nothing later undoes that. left_at: that
    agent handed the call on (a transfer, a parking lot, a conference), and it goes on without them.
    hangup_asked_at: the request was cancelled, and the call is to be ended for it. dropped_at: the
    agent ends the call from the console, which cancels nothing.
    """

    id: AttemptId
    request_id: RequestId
    token: Token
    server: str
    trunk: str
    owner: str
    epoch: int
    e164: str
    claimed_at: datetime
    gate_by: datetime
    mode: DeliveryMode = DeliveryMode.AGENT_FIRST
    agent_rang_at: datetime | None = None
    agent_at: datetime | None = None
    agent: str | None = None
    member: str | None = None
    gate_at: datetime | None = None
    ringing_at: datetime | None = None
    picked_up_at: datetime | None = None
    answered_at: datetime | None = None
    left_at: datetime | None = None
    hangup_asked_at: datetime | None = None
    dropped_at: datetime | None = None
    ended_at: datetime | None = None
    disposition: Disposition | None = None
    rung: bool = False
    cause: int | None = None
    detail: str = ""

    @property
    def open(self) -> bool:
        return self.ended_at is None

    @property
    def rang_at(self) -> datetime | None:
        """When the customer's phone rang; None: as far as is known it did not.

        By the earliest sign of it: ringing, the customer's answer, the bridge. Lines that give no
        sign tell only afterwards that it rang; then it was dialled when the gate passed it. The
        same rule for the database: store/expressions.py.
        """
        signs = (self.ringing_at, self.picked_up_at, self.answered_at)
        told = min((instant for instant in signs if instant is not None), default=None)
        return told or (self.gate_at if self.rung else None)

    @property
    def shown_at(self) -> datetime:
        """Where a list of what happened shows this attempt: when they began to talk, else when it
        rang, was dialled, or was claimed."""
        return self.answered_at or self.rang_at or self.gate_at or self.claimed_at

    @property
    def over_for_agent_at(self) -> datetime | None:
        """When the agent who had taken it was done with it; None while they are not."""
        return self.left_at or self.ended_at

    def evolve(self, **changes: Any) -> "Attempt":
        return replace(self, **changes)
