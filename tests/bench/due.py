"""Requests that fall due at known instants, written straight into the tables."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from asterisk_callback.store import SqlStore
from asterisk_callback.store.tables.calls import requests, wishes

_LATER = timedelta(days=1)


def number(n: int) -> str:
    """One of a million valid British mobile numbers."""
    return f"+447400{n:06d}"


def fill(
    store: SqlStore, first: int, count: int, due: datetime, *, seconds: float = 0.0
) -> Mapping[str, float]:
    """Numbers `first` … of them, due from `due` on, spread over so many seconds. Returns the Unix
    time at which each number, by its digits, falls due."""
    with store.connect() as connection, connection.begin():
        last = connection.execute(text("SELECT max(id) FROM callback_request")).scalar() or 0
        made = [
            _rows(last + 1 + n, first + n, due + timedelta(seconds=n * seconds / count))
            for n in range(count)
        ]
        connection.execute(requests.insert(), [request for request, _ in made])
        connection.execute(wishes.insert(), [wish for _, wish in made])
        if store.dialect == "postgresql":
            for table in ("callback_request", "wish"):
                set_to = f"(SELECT max(id) FROM {table})"
                name = f"pg_get_serial_sequence('{table}', 'id')"
                connection.execute(text(f"SELECT setval({name}, {set_to})"))
            connection.execute(text("ANALYZE"))
    return {request["e164"].lstrip("+"): request["due_at"].timestamp() for request, _ in made}


def _rows(id_: int, n: int, due: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    now = datetime.now(UTC)
    request = {"id": id_, "queue": "support", "e164": number(n), "region": "GB"}
    request |= {"state": "scheduled", "created_at": now, "line_at": due, "due_at": due}
    request["expires_at"] = due + _LATER
    wish = {"id": id_, "request_id": id_, "public_id": f"p{id_}", "nonce": f"n{id_}"}
    wish |= {"secret_hash": f"s{id_}", "created_at": now, "due_at": due, "asap": False}
    wish |= {"scope": "bench", "promised_from": due, "promised_to": due + _LATER}
    return request, wish


def completed(store: SqlStore) -> int:
    found = text("SELECT count(*) FROM callback_request WHERE state = 'completed'")
    with store.reading() as tx:  # which takes no turn at SQLite's writer
        return int(tx.connection.execute(found).scalar_one())
