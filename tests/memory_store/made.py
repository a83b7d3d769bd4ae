"""The domain's objects, made of a row once."""

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.request import Request
from asterisk_callback.domain.wish import Wish
from asterisk_callback.store import rows
from tests.memory_store.tables import Row


def to_request(row: Row) -> Request:
    if row.domain is None:
        row.domain = rows.to_request(row)  # type: ignore[arg-type]
    found: Request = row.domain
    return found


def to_attempt(row: Row) -> Attempt:
    if row.domain is None:
        row.domain = rows.to_attempt(row)  # type: ignore[arg-type]
    found: Attempt = row.domain
    return found


def to_wish(row: Row) -> Wish:
    if row.domain is None:
        row.domain = rows.to_wish(row)  # type: ignore[arg-type]
    found: Wish = row.domain
    return found
