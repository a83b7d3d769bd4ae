"""What a channel delivers, and how it says that it could not.

An audience (customer, team, operator) composes an envelope; a channel delivers it and knows no
audience. `Way` pairs the two.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from asterisk_callback.domain.errors import CallbackError

News = TypeVar("News")


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A file of text beside the message."""

    name: str  # Such as "callback.ics".
    content: bytes  # In UTF-8.
    subtype: str  # Of its media type text/…, such as "calendar".
    parameters: Mapping[str, str] = field(default_factory=dict)  # Of its media type.


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """One thing to deliver, complete. Each channel uses the parts that it can carry."""

    id: str  # Unique, and the same at every try: a receiver can drop what comes twice.
    written_at: datetime  # Aware UTC, the same at every try.
    mailboxes: Sequence[str] = ()  # "Name <address>" or an address each.
    reply_to: str = ""  # Where answers go, if not to the sender; written like a mailbox.
    numbers: Sequence[str] = ()  # E.164 each, with the "+".
    subject: str = ""  # May be what somebody typed.
    text: str = ""
    html: str = ""  # The same as text; "" if there is no such form.
    short: str = ""  # The same for a channel with room for a few dozen words only.
    language: str = ""  # Of the text, such as "de".
    answers: str = ""  # The id of the envelope that this one follows up; "" if none.
    attachments: Sequence[Attachment] = ()
    data: Mapping[str, object] = field(
        default_factory=dict
    )  # The same for programs, as JSON has it.


class TransportError(CallbackError):
    """An envelope was not delivered. Raised as one of the classes below."""

    name = "not-delivered"

    def __init__(
        self, sentence: str, after: timedelta | None = None, *, for_all: bool = False
    ) -> None:
        """after: how long the far end wants to be left alone, if it said so. for_all: what it said
        is not of this envelope alone."""
        super().__init__("{sentence}", sentence=sentence)
        self.after, self.for_all = after, for_all


class TryLater(TransportError):
    """It was not taken; later it may be."""

    name = "try-later"


class Unclear(TryLater):
    """Nobody said whether it was taken, and each try that was costs: it is tried a few times."""

    name = "unclear"


class Rejected(TryLater):
    """The far end will not take it: for good, unless it refuses all of them."""

    name = "rejected"


class Never(TransportError):
    """It will never be taken."""

    name = "never"


class ServerAway(TransportError):
    """The server takes nothing at all: it is away, or refuses us."""

    name = "server-away"


class Channel(Protocol):
    """A way to deliver: e-mail, a webhook."""

    @property
    def name(self) -> str:
        """Stored with what it has to deliver, so it stays as it is."""
        ...

    def send(self, envelope: Envelope) -> None:
        """Returns once it was taken, for at least one of several recipients. Blocks for less than
        the outbox's lease. Raises a TransportError."""
        ...


class CheckedChannel(Channel, Protocol):
    """A channel that can be asked whether it would deliver, and delivers nothing by it."""

    def knock(self) -> None:
        """Raises a TransportError."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Way(Generic[News]):
    """An audience by a channel."""

    channel: Channel
    compose: Callable[[News], Envelope]  # May raise a TransportError.

    @property
    def name(self) -> str:
        return self.channel.name

    def send(self, news: News) -> None:
        """Raises a TransportError."""
        self.channel.send(self.compose(news))
