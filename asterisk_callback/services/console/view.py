"""What an agent's console shows: one callback in hand at the most, and where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.console import Offer, WrapUp
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.queue import CallbackQueue
from asterisk_callback.domain.request import Request
from asterisk_callback.domain.wish import Wish


class Stage(StrEnum):
    """The steps of a callback on a console, in their order."""

    OFFERED = "offered"  # it rings: take it, or pass it on
    CHECKING = "checking"  # taken: the number can be changed before "Call back"
    CALLING = "calling"  # "Call back" was pressed: the agent's own phone is rung
    RINGING = "ringing"  # the gate said yes, and the customer's phone is dialled
    TALKING = "talking"
    WRAP_UP = "wrap_up"  # the call is over
    CANCELLED = "cancelled"  # ended without a call; stays until it is dropped


@dataclass(frozen=True, kw_only=True, slots=True)
class CurrentOffer:
    """The callback on the console.

    offer: None in the modes in which no console is asked (the call came by the Asterisk queue).
    attempt: the call, from "Call back" on. number: as E.164, that is or would be dialled. prefix:
    the digits that the configuration puts before it. attempts: earlier ones, oldest first. wish:
    the one that decides when the call is owed. until: when the stage ends by itself, aware UTC.
    sentence: why "Call back" came to nothing. wrap_up: what was saved of the call already.
    """

    stage: Stage
    request: Request
    queue: CallbackQueue | None
    number: str
    prefix: str
    wish: Wish | None
    attempts: Sequence[Attempt]
    mode: DeliveryMode
    offer: Offer | None = None
    attempt: Attempt | None = None
    until: datetime | None = None
    sentence: str = ""
    wrap_up: WrapUp | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BookedCall:
    """A call of the agent's queues that somebody chose a time for. at: aware UTC."""

    at: datetime
    name: str
    queue: str
    topic: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Today:
    """The agent's day: calls that they had, and how many came in the promised time. talk: the mean
    length of a talk in seconds, 0 without one."""

    calls: int = 0
    kept: int = 0
    promised: int = 0
    talk: int = 0
    booked: Sequence[BookedCall] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsoleView:
    """now: aware UTC. in_line: requests that wait in the agent's queues. news: what became of the
    last offer without the agent's doing, a sentence, "" for nothing; news_id: of that offer."""

    now: datetime
    in_hand: CurrentOffer | None
    in_line: int
    news: str = ""
    news_id: int = 0
