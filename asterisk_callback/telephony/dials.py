"""Who was dialled in a call of ours: which dialled channels are the customer's, and what they did.

A line such as Local/{digits}@from-internal/n is another dialplan: what it dials, and what it plays
when it can't, has the Linkedid of our call. Its own answer says nothing: PBXs announce in an
answered call that all lines are down. A DialEnd ANSWER of a real channel is what proves that the
customer picked up; PJSIP, SIP, IAX2 and DAHDI have it in every real answer, announcements never.

Only what our own half dials counts, and what is dialled behind that: an agent who asks a colleague
(attended transfer) while the customer's phone still rings dials within the same call, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from asterisk_callback.domain.attempt import Token
from asterisk_callback.telephony import contract

Event = Mapping[str, str]
_LOCAL = "Local/"
NEEDED = {
    **dict.fromkeys(("DialBegin", "DialState", "DialEnd"), contract.EVENT_OF_OURS),
    "Hangup": contract.EVENT_OF_OUR_CHANNEL,
}


@dataclass(slots=True)
class Seen:
    """What the real channels dialled for a customer did since we first dialled, with no event
    missing. behind: a Local channel was dialled. ended: which halves of our call are gone."""

    behind: bool = False
    rang: bool = False
    early: bool = False
    answered: bool = False
    ended: set[str] = field(default_factory=set)

    @property
    def announced(self) -> bool:
        """Whatever answered, it was the line's own announcement."""
        return self.behind and not self.answered


class Dials:
    """Takes each event in its order; clear() when the connection is lost."""

    def __init__(self) -> None:
        self._seen: dict[Token, Seen] = {}
        # Channels that dial for the customer, beside our own half of the call
        self._behind: dict[Token, set[str]] = {}

    def clear(self) -> None:
        """From here on events are missing."""
        self._seen.clear()
        self._behind.clear()

    def seen(self, token: Token) -> Seen | None:
        """What was seen of the customer's dial; None if not all of it was."""
        return self._seen.get(token)

    def customers(self, event: Event) -> Token | None:
        """The token, if a real channel that is dialled for the customer of a call of ours did this
        (an event DialState or DialEnd)."""
        token = _token(event)
        if token is None or _is_local(event):
            return None
        return token if self._for_customer(token, event) else None

    def take(self, event: Event) -> None:
        """To be called before the event is read for what it says."""
        kind = event.get("Event", "")
        if kind == "DialBegin":
            self._begins(event)
        elif kind in ("DialState", "DialEnd"):
            self._does(event)
        elif kind == "Hangup":
            self._hangs_up(event)

    def _begins(self, event: Event) -> None:
        token = _token(event)
        if token is None or not self._for_customer(token, event):
            return
        if contract.is_customer_half(event.get("Uniqueid", "")):
            self._seen.setdefault(token, Seen(behind=_is_local(event)))
        if _is_local(event):
            # What the other half of that Local channel dials is dialled for the customer, too.
            other = event["DestChannel"].removesuffix(";1") + ";2"
            self._behind.setdefault(token, set()).add(other)

    def _does(self, event: Event) -> None:
        token = self.customers(event)
        seen = self._seen.get(token) if token else None
        if seen is None:
            return
        status = event.get("DialStatus")
        seen.rang |= status == "RINGING"
        seen.early |= status == "PROGRESS"
        seen.answered |= event.get("Event") == "DialEnd" and status == "ANSWER"

    def _hangs_up(self, event: Event) -> None:
        uniqueid = event.get("Uniqueid", "")
        token = contract.token_of(uniqueid)
        if token is None:
            return
        seen = self._seen.get(token)
        if seen is not None:
            seen.ended.add(uniqueid)
        if seen is None or len(seen.ended) > 1:
            self._seen.pop(token, None)
            self._behind.pop(token, None)

    def _for_customer(self, token: Token, event: Event) -> bool:
        return event.get("Uniqueid") == contract.customer_uniqueid(token) or (
            event.get("Channel", "") in self._behind.get(token, ())
        )


def _is_local(event: Event) -> bool:
    return event.get("DestChannel", "").startswith(_LOCAL)


def _token(event: Event) -> Token | None:
    """Of a channel of ours that dials, or of one that is dialled within a call of ours."""
    return contract.token_of(event.get("Uniqueid", "")) or contract.token_of(
        event.get("Linkedid", "")
    )
