"""Notify mode: no call is made, the team is told of a wish and marks it done."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from asterisk_callback.domain.request import RequestId

# The request's remark once somebody was told, or long was not, for lists; the facts are TeamLink's.
TOLD, UNTOLD = "the team was told", "the team could not be told"


class TeamEvent(StrEnum):
    """What the team is told."""

    ASKED = "asked"
    CHANGED = "changed"  # the customer chose another time
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"  # nobody marked it done in time


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamLink:
    """The page on which the team marks a request done, and what the team knows of it. nonce: its
    secret is derived from it.

    due_at: the time that the team was last told. number: how many things it was told. told_at: when
    a channel last told somebody; untold_at: when it was first given up that anybody would hear of
    it soon. All aware UTC.
    """

    request_id: RequestId
    nonce: str
    due_at: datetime
    number: int
    closed_at: datetime | None = None
    told_at: datetime | None = None
    untold_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NotTold:
    """A queue whose team was not told of so many requests by this channel. detail: what came of
    the last try of one of them."""

    queue: str
    channel: str
    requests: int
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamNote:
    """One thing to tell by one channel. number: which of the request's. tries: how often it was
    claimed. nonce: of the request's link."""

    id: int
    request_id: RequestId
    number: int
    event: TeamEvent
    channel: str
    created_at: datetime
    tries: int
    nonce: str
