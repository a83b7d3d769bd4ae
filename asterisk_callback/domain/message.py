"""A message to the customer: what it is about, when it is still true, when it is tried again."""

import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.domain.wish import Wish, WishId

MessageId = NewType("MessageId", int)


class Kind(StrEnum):
    CONFIRMATION = "confirmation"
    REMINDER = "reminder"
    MISSED = "missed"  # the phone was rung, and nobody talked; another try follows
    MOVED = "moved"
    CANCELLED = "cancelled"
    COULD_NOT = "could_not"  # failed or expired: there is no further try


class Outcome(StrEnum):
    """How a row of the outbox ended."""

    SENT = "sent"
    DROPPED = "dropped"  # no longer true, or nobody left to tell
    LIMITED = "limited"  # this address got as many as it may in a day
    REFUSED = "refused"  # the mail server will never take it
    GAVE_UP = "gave_up"
    OFF = "off"  # no mail is configured


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A row of the outbox. occasion: tells two of a kind for one wish apart. due_at: not before,
    aware UTC. tries: how often it was claimed. facts: what the words need beyond the wish."""

    id: MessageId
    wish_id: WishId
    kind: Kind
    occasion: str
    created_at: datetime
    due_at: datetime
    tries: int
    facts: Mapping[str, str] = field(default_factory=dict)


# For so long a message is tried again; then it is old news.
GIVE_UP_AFTER = timedelta(hours=48)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries in vain: a minute, doubled each time, at most 6 h."""
    doublings = min(max(tries - 1, 0), 20)
    return min(_FIRST_PAUSE * float(2**doublings), _LONGEST_PAUSE)


def too_old(message: Message, now: datetime) -> bool:
    return now - message.due_at >= GIVE_UP_AFTER


def stale(message: Message, wish: Wish, request: Request, now: datetime) -> str:
    """Why this is no longer worth saying, or "". What is late must not be wrong, too.

    A cancellation always stands: it is about the wish, whatever became of the request.
    """
    if not wish.email:
        return "no address"
    if message.kind is Kind.CANCELLED:
        return ""
    if wish.withdrawn_at is not None:
        return "withdrawn"
    if message.kind is Kind.COULD_NOT:
        return "" if request.state in (RequestState.FAILED, RequestState.EXPIRED) else "they talked"
    if not request.open:
        return "ended"
    if message.kind in (Kind.MOVED, Kind.REMINDER) and message.occasion != str(wish.moves):
        return "moved again"
    if message.kind is Kind.REMINDER and wish.due_at <= now:
        return "its time has come"
    if message.kind is Kind.MISSED and message.facts.get("next") != request.due_at.isoformat():
        return "another time by now"
    return ""


# A guard against header tricks and lists of addresses, not a judgement on RFC 5321: no white
# space or control character, none of the signs that divide or quote addresses, one @, a host.
# Nor `=?`, with which an encoded word begins (RFC 2047): once decoded it may be any of these.
_ADDRESS = re.compile(
    r"(?!.*=\?)[^\s\x00-\x1f\x7f@,;:<>()\[\]\\\"]{1,64}@(?:[^\W_](?:[\w-]*[^\W_])?\.)+\w{2,63}"
)


def is_address(text: str) -> bool:
    """Does this look like exactly one e-mail address?"""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None and text.isprintable()


def masked(address: str) -> str:
    """The address with all but its first letter and its domain hidden; empty stays empty."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}•••{at}{domain}" if at else ""


# One mailbox under two domains, whatever dots its name is written with (Google's help, "Dots don't
# matter in Gmail addresses").
_GMAIL = ("gmail.com", "googlemail.com")


def mailbox(address: str) -> str:
    """The mailbox that an address most probably is: without what follows a `+`, in one writing of
    its letters and its domain. Only to count by: who has many such addresses has one mailbox."""
    local, _, domain = unicodedata.normalize("NFKC", address).casefold().rpartition("@")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    local = local.partition("+")[0]
    if domain in _GMAIL:
        return f"{local.replace('.', '')}@{_GMAIL[0]}"
    return f"{local}@{domain}"
