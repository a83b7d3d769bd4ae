"""What a channel is, and how it says that it could not deliver."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from asterisk_callback.domain.alarm import Notice
from asterisk_callback.domain.customer_message import Message
from asterisk_callback.domain.errors import CallbackError
from asterisk_callback.domain.queue import CallbackQueue
from asterisk_callback.domain.request import Request
from asterisk_callback.domain.wish import Wish


class Channel(Protocol):
    """A way to tell of alarms, such as a webhook."""

    @property
    def name(self) -> str: ...

    def tell(self, notice: Notice) -> None:
        """Blocks for some seconds at most. Raises OSError if it was not delivered."""
        ...


class NotNow(CallbackError):
    """This message was not taken; later it may be. after: how long the far end wants to be left
    alone, if it said so. for_all: what it said is not of this message alone."""

    name = "not-now"

    def __init__(
        self, sentence: str, after: timedelta | None = None, *, for_all: bool = False
    ) -> None:
        super().__init__("{sentence}", sentence=sentence)
        self.after, self.for_all = after, for_all


class Never(CallbackError):
    """This message will never be taken."""

    name = "never"


class ServerAway(CallbackError):
    """The server takes no message at all: it is away, or refuses us."""

    name = "server-away"


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispatch:
    """One message with all that its words need. secret: of the wish's status page. id: unique
    and the same at every try. queue: None if it was taken out of the configuration."""

    id: str
    message: Message
    wish: Wish
    request: Request
    queue: CallbackQueue | None
    secret: str


# Sends it; raises NotNow, Refused, Never or ServerAway.
Send = Callable[[Dispatch], None]
