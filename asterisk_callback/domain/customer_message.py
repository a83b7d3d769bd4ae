"""A message to the customer: what it is about, when it is still true, when it is tried again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from asterisk_callback.domain.email_address import mailbox
from asterisk_callback.domain.mobile import may_be_mobile
from asterisk_callback.domain.request import Request
from asterisk_callback.domain.wish import Wish, WishId


class ReachedBy(StrEnum):
    """How customers can be reached. Only who left no e-mail address is told by their number."""

    MAILBOX = "mailbox"
    NUMBER = "number"


def recipient(reach: ReachedBy, wish: Wish, request: Request) -> str:
    """Whom a message for this wish would go to, the same however it was spelt; "" for nobody."""
    if reach is ReachedBy.MAILBOX:
        return mailbox(wish.email) if wish.email else ""
    told = not wish.email and wish.erased_at is None and may_be_mobile(request.e164)
    return request.e164 if told else ""


MessageId = NewType("MessageId", int)


class MessageKind(StrEnum):
    CONFIRMATION = "confirmation"
    REMINDER = "reminder"
    MISSED = "missed"  # the phone was rung, and nobody talked; another try follows
    MOVED = "moved"
    CANCELLED = "cancelled"
    COULD_NOT = "could_not"  # failed or expired: there is no further try


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A row of the outbox. occasion: tells two of a kind for one wish apart. due_at: not before,
    aware UTC. tries: how often it was claimed. facts: what the words need beyond the wish.
    in_vain_since: when it was not taken for the first time since any was; None: not since then."""

    id: MessageId
    wish_id: WishId
    kind: MessageKind
    occasion: str
    created_at: datetime
    due_at: datetime
    tries: int
    facts: Mapping[str, str] = field(default_factory=dict)
    in_vain_since: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class InVain:
    """Messages that are not taken, while none is. wishes: of how many wishes. away: of at least one
    it was not the message that the server refused. detail: what it said of one of them."""

    wishes: int
    away: bool
    detail: str

    @property
    def by_the_server(self) -> bool:
        """One customer's address may be wrong, or its server slow; of two, ours is."""
        return self.away or self.wishes > 1


# After so long a server that takes nothing is one that refuses: servers restart, and some take a
# stranger's first message only at its second coming.
IN_VAIN_FOR = timedelta(minutes=10)


def stale(message: Message, wish: Wish, request: Request, now: datetime) -> str:
    """Why this is no longer worth saying, or "". What is late must not be wrong, too.

    A cancellation always stands: it is about the wish, whatever became of the request.
    """
    if message.kind is MessageKind.CANCELLED:
        return ""
    if not wish.stands:
        return "withdrawn"
    if message.kind is MessageKind.COULD_NOT:
        return "" if request.state.ended_without_talk else "they talked"
    if not request.open:
        return "ended"
    if message.kind in (MessageKind.MOVED, MessageKind.REMINDER) and message.occasion != str(
        wish.moves
    ):
        return "moved again"
    if message.kind is MessageKind.REMINDER and wish.due_at <= now:
        return "its time has come"
    if (
        message.kind is MessageKind.MISSED
        and message.facts.get("next") != request.due_at.isoformat()
    ):
        return "another time by now"
    return ""
