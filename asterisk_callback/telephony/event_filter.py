"""Which of Asterisk's events are thrown away before they are parsed.

A call makes some seventy messages of which a dozen say something to us, and a PBX has calls of its
own: parsing all of them was more than half of a dispatcher's work. Who listens to events says to
which (`NEEDED` of its module); what is not understood here is kept.
"""

from collections.abc import Mapping
from typing import Final

# By an event's name: what its bytes must contain to concern us. "": it does whatever it contains.
Needed = Mapping[str, str]

_FIRST: Final = b"Event: "
_LINE: Final = b"\r\n"
_ANSWERS: Final = b"\r\nActionID: "


class EventFilter:
    def __init__(self, needed: Needed) -> None:
        self._needed = {name.encode(): mark.encode() for name, mark in needed.items()}

    def keeps(self, message: bytes) -> bool:
        """message: whole, without its blank line. Responses, and events that answer an action, are
        kept, whatever their names."""
        if not message.startswith(_FIRST):
            return True
        end = message.find(_LINE)
        name = message[len(_FIRST) : end if end >= 0 else None]
        mark = self._needed.get(name)
        return (mark is not None and mark in message) or _ANSWERS in message


def together(*parts: Needed) -> Needed:
    """What all of them need. Of an event that two need by different marks all are kept."""
    needed: dict[str, str] = {}
    for part in parts:
        for name, mark in part.items():
            needed[name] = mark if needed.get(name, mark) == mark else ""
    return needed
