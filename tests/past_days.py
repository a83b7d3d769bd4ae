"""Past days for reports: written row by row, as the services leave them."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from asterisk_callback.domain.attempt import new_token
from asterisk_callback.store import SqlStore
from asterisk_callback.store.tables.calls import attempts, requests, wishes
from tests.factories import number

Row = dict[str, Any]
MINUTE = timedelta(minutes=1)


def wish(asked: datetime, start: datetime, end: datetime, **changes: Any) -> Row:
    told = {"promised_from": start, "promised_to": end, "asap": True}
    return {"created_at": asked, "due_at": start, **told, **changes}


def attempt(agent: str | None, disposition: str, claimed: datetime, **times: Any) -> Row:
    """times: its instants, and other columns."""
    rung = "ringing_at" in times or disposition == "unknown"
    said = {"agent": agent, "member": agent, "disposition": disposition, "rung": rung}
    return {"claimed_at": claimed, **said, **times}


class Book:
    """Writes requests as the services leave them."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store

    def put(
        self, n: int, queue: str, state: str, asked: list[Row], tries: list[Row], **changes: Any
    ) -> None:
        first = asked[0]
        with self.store.writing() as tx:
            run = tx.connection.execute
            shared = {"created_at": first["created_at"], "due_at": first["due_at"]}
            values = {
                "id": n,
                "queue": queue,
                "e164": number(n),
                "region": "GB",
                "state": state,
                "line_at": first["created_at"],
                "expires_at": first["due_at"] + timedelta(days=1),
                "rings": sum(one["rung"] for one in tries),
            }
            run(requests.insert().values({**shared, **values, **changes}))
            for nth, one in enumerate(asked):
                name = f"{n}-{nth}"
                keys = {"public_id": name, "nonce": name, "secret_hash": name, "scope": "test"}
                run(wishes.insert().values({"request_id": n, **keys, **one}))
            for one in tries:
                fixed = {"server": "main", "trunk": "trunk", "owner": "d1", "epoch": 1}
                values = {"request_id": n, "e164": number(n), "gate_by": one["claimed_at"]}
                run(attempts.insert().values({**fixed, **values, "token": new_token(), **one}))


def busy_days(store: SqlStore, first: datetime, days: int, calls: int) -> None:
    """So many calls on each of these days, from nine hours after `first` on; seven of ten come when
    they are expected. Always the same ones."""
    book, dice = Book(store), Random(11)
    for n in range(days * calls):
        asked = first + timedelta(days=n // calls, hours=9, minutes=dice.randrange(540))
        start = asked + dice.randrange(1, 8) * MINUTE
        end = start + dice.randrange(4, 9) * MINUTE
        rang = dice.choice([start - 3 * MINUTE, *[start, start + 2 * MINUTE, end] * 2, end])
        rang = max(asked, rang) + dice.choice([0, 0, 0, 0, 0, 0, 2, 9, 25]) * MINUTE
        how = dice.choice(["answered", "answered", "answered", "busy", "no_answer", "no_agent"])
        times = {} if how == "no_agent" else {"gate_at": rang, "ringing_at": rang}
        ended = rang + dice.randrange(1, 8) * MINUTE
        if how == "answered":
            times["answered_at"] = rang + timedelta(seconds=12)
        agent = None if how == "no_agent" else f"PJSIP/{dice.choice(['anna', 'ben', 'cara'])}"
        tried = attempt(agent, how, asked, **times, ended_at=ended)
        state = "completed" if how == "answered" else "failed"
        queue = dice.choice(["support", "support", "sales"])
        book.put(n + 1, queue, state, [wish(asked, start, end)], [tried], ended_at=ended)
