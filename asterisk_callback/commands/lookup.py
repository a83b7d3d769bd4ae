"""Finding a callback request by what an operator has at hand, and writing it down for them."""

from dataclasses import asdict
from datetime import datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from asterisk_callback.domain import page_address
from asterisk_callback.domain.errors import NotFound
from asterisk_callback.domain.phone import mask, redact
from asterisk_callback.domain.request import Request, RequestId
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.ports import Transaction

# Not what its status page's secret is made of.
_OF_A_WISH = (
    "public_id", "created_at", "due_at", "asap", "wall_time", "zone", "withdrawn_at",
    "name", "topic", "about", "email", "locale", "scope", "page",
)  # fmt: skip


def find(tx: Transaction, name: str) -> Request:
    """By number, or by the public id of the API. Raises NotFound."""
    request = None
    if name.isascii() and name.isdigit() and len(name) < 10:
        request = tx.requests.get(RequestId(int(name)))
    if request is None:
        wish = tx.wishes.by_public_id(name)
        request = tx.requests.get(wish.request_id) if wish else None
    if request is None:
        raise NotFound(
            f"there is no callback request {name!r}; `asterisk-callback requests list` shows them"
        )
    return request


def number(request: Request, full: bool) -> str:
    return request.e164 if full else mask(request.e164)


def wish(one: Wish, full: bool) -> dict[str, Any]:
    """What the company's people may know of a wish, for JSON."""
    data = {key: value for key, value in plain(one).items() if key in _OF_A_WISH}
    masked = {name: redact(getattr(one, name)) for name in ("about", "page")}
    return data if full else data | masked


def wish_line(one: Wish, zone: str, full: bool) -> str:
    """When it was made, whether it stands, what its customer said, and on which page."""
    state = f"withdrawn {moment(one.withdrawn_at, zone)}" if one.withdrawn_at else "stands"
    free = [one.about, f"asked on {page_address.shown(one.page)}" if one.page else ""]
    said = [one.name, one.topic, *(free if full else map(redact, free))]
    return ", ".join([f"{moment(one.created_at, zone)}  {state}", *filter(None, said)])


def moment(instant: datetime | None, zone: str) -> str:
    """In the company's zone, to the second."""
    return instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S") if instant else "–"


def plain(thing: Any) -> dict[str, Any]:
    """A dataclass for JSON: instants as ISO 8601 with offset, enums as their values."""
    return {key: _plain(value) for key, value in asdict(thing).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value
