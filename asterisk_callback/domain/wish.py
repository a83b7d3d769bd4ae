"""A wish: one submission of the form or the API. Several may stand behind one callback request.

Each wish has a secret of its own (the status page's address), so that a second wish for the same
number and queue is told nothing of the first, and cancelling one never cancels the other's (P12).
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType, Protocol, TypeVar

from asterisk_callback.domain.attempt import AttemptId
from asterisk_callback.domain.request import RequestId

WishId = NewType("WishId", int)


class WithdrawnBy(StrEnum):
    """Who took a wish back. The values are stored: none is ever changed."""

    CUSTOMER = "customer"
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class PromisedWindow:
    """We said that the call would come from `start` to `end`, both aware UTC. It lasts through the
    minute of `end`: what was promised by 14:12 is in time until 14:13."""

    start: datetime
    end: datetime

    @classmethod
    def of(cls, start: datetime | None, end: datetime | None) -> "PromisedWindow | None":
        """From the two as they are stored; None while nothing was said."""
        return None if start is None or end is None else cls(start, end)


@dataclass(frozen=True, kw_only=True, slots=True)
class WishedCall:
    """When a call is wished, and what its customer told: a wish says it, and a request repeats it.
    Attributes as in Wish."""

    due_at: datetime
    wall_time: str | None = None
    zone: str | None = None
    tzdata: str | None = None
    name: str = ""
    topic: str = ""
    about: str = ""
    email: str = ""
    locale: str = "en"

    def fields(self) -> dict[str, Any]:
        """As a wish, or a request, is written."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """public_id: the API's id. nonce: what the secret is derived from. due_at: the wished instant,
    aware UTC. asap: no time was chosen. withdrawn_at: it was cancelled, withdrawn_by: by whom.

    wall_time, zone: as chosen; own_zone: the zone is the customer's own (told by the browser or the
    API), else it is the company's. tzdata: the rules by which due_at was derived. promised_from,
    promised_to: when we said that the call would come, None while nothing was said. moves: how
    often due_at was changed after the customer had been told of it; moved_at: when it last was.
    numbers: how many telephone numbers it has had; former: the requests of the earlier ones, by
    their ids with a space between. joined_at: when it came to its present request,
    None if it was made for it.
    after_attempt: the last attempt of its request that had been answered, or was over, when it came
    to it: the talk of that one is not its own (docs/decisions/0007). scope: whose it is, such as
    "web" or "api:SITE"; only that site's API keys see it. address: of the client that made it, as a
    keyed hash; None for a trusted one. network: the same of the network around it. email: where
    messages go, or empty; nobody proved whose it is. locale: of pages and messages. name, topic,
    about: what this customer said; the request has those of one of its wishes. page: where they
    asked, as domain/page.py leaves it; empty on our own pages and where nobody told. erased_at: its
    owner had it deleted; from then on nobody is shown it.
    """

    id: WishId
    request_id: RequestId
    public_id: str
    nonce: str
    created_at: datetime
    due_at: datetime
    asap: bool
    wall_time: str | None = None
    zone: str | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: WithdrawnBy | None = None
    body_hash: str | None = None
    own_zone: bool = False
    tzdata: str | None = None
    promised_from: datetime | None = None
    promised_to: datetime | None = None
    moves: int = 0
    moved_at: datetime | None = None
    numbers: int = 1
    former: str | None = None
    joined_at: datetime | None = None
    after_attempt: AttemptId | None = None
    name: str = ""
    topic: str = ""
    about: str = ""
    email: str = ""
    locale: str = "en"
    scope: str = "web"
    page: str = ""
    erased_at: datetime | None = None
    address: str | None = None
    network: str | None = None

    @property
    def since(self) -> datetime:
        """From when on it stands behind its request: what was before is another's story (P12)."""
        return self.joined_at or self.created_at

    @property
    def stands(self) -> bool:
        """Neither its customer nor the company took it back."""
        return self.withdrawn_at is None

    @property
    def customer_zone(self) -> str | None:
        """The zone in which the customer is, as the browser or the API told it; None: not told."""
        return self.zone if self.own_zone else None

    def shown_zone(self, home: str) -> str:
        """The zone in which its times are shown. home: the company's."""
        return self.zone or home

    @property
    def promised(self) -> PromisedWindow | None:
        """None while nothing was said of when the call comes."""
        return PromisedWindow.of(self.promised_from, self.promised_to)

    @property
    def said(self) -> tuple[str, str, str]:
        """What its customer told whoever calls."""
        return self.name, self.topic, self.about

    @property
    def call(self) -> WishedCall:
        """What a request made for it repeats."""
        return WishedCall(**{name: getattr(self, name) for name in _OF_THE_CALL})

    def evolve(self, **changes: Any) -> "Wish":
        return replace(self, **changes)


_OF_THE_CALL = tuple(field.name for field in fields(WishedCall))


class Wished(Protocol):
    """What decides among the wishes of one request, oldest first: here, and in reports."""

    @property
    def id(self) -> int: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def stands(self) -> bool: ...


W = TypeVar("W", bound=Wished)


def standing(wishes: Iterable[W]) -> list[W]:
    """Those that nobody took back, in the order in which they came."""
    return [wish for wish in wishes if wish.stands]


def deciding(wishes: Iterable[W]) -> W | None:
    """The standing wish that decides when the customer is called: the earliest, and of those for
    one instant the first made. None if all were withdrawn."""
    return min(standing(wishes), key=lambda wish: (wish.due_at, wish.id), default=None)


def representative(wishes: Iterable[W]) -> W | None:
    """The wish by which a request is shown, also after its end: the one that decides, or if all
    were withdrawn the first made. None only where there is no wish."""
    wishes = list(wishes)
    return deciding(wishes) or min(wishes, key=lambda wish: wish.id, default=None)
