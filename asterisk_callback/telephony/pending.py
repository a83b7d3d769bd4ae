"""An action under way: which of the received messages answer it, and when it is answered."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from panoramisk.message import Message

from asterisk_callback.telephony.ami import Response

Event = Mapping[str, str]
"""A received message as text by header, spelt as Asterisk spells it; repeated headers by lines."""


@dataclass
class Pending:
    """An action that was sent; `complete` names the event that ends its list, None if it has
    none."""

    future: asyncio.Future[Response]
    complete: str | None
    on_answer: Callable[[Response, list[Event]], None] | None
    items: list[Event] = field(default_factory=list)
    response: Response | None = None

    def take(self, message: Event) -> None:
        """A response or a list's event that carries our ActionID."""
        if "Event" not in message:
            success = message.get("Response") in ("Success", "Follows", "Goodbye")
            self.response = Response(success, message.get("Message", ""), message)
            if self.complete is None or not success:
                self._finish(self.response)
        elif message["Event"] == self.complete:
            self._finish(self.response or Response(True, "", message))
        else:
            self.items.append(message)

    def _finish(self, response: Response) -> None:
        if self.future.done():
            return
        self.future.set_result(response)
        if self.on_answer:
            self.on_answer(response, self.items)


class _Headers(Message):  # type: ignore[misc]
    """What panoramisk's parser has read, as the dict that it read it into: to build its own one of
    it, and a plain one of that again, took three times as long as the reading."""

    def __new__(cls, headers: dict[str, Any], content: str = "") -> Any:
        return headers


def read(text: str) -> Event | None:
    """A whole message; None for what is neither event nor response. A repeated header's values are
    joined by line feeds, except for the headers by which messages are told apart: there the first
    one, Asterisk's own, counts."""
    fields: dict[str, Any] | None = _Headers.from_line(text)
    for key, value in (fields or {}).items():
        if type(value) is list:
            value = value[0] if key in ("Event", "ActionID", "Response") else "\n".join(value)
            fields[key] = value  # type: ignore[index]
    return fields
