"""The rules that SQL repeats, against those of the domain: the same rows, and the same answers."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, func, select

from asterisk_callback.domain.attempt import Attempt, AttemptId, new_token
from asterisk_callback.domain.promise import first_ring, own_attempts
from asterisk_callback.domain.request import RequestId
from asterisk_callback.domain.wish import Wish
from asterisk_callback.store import SqlStore, rows
from asterisk_callback.store.expressions import own_attempt, rang_at, rang_for, since, talked_for
from asterisk_callback.store.tables.calls import attempts, requests, wishes
from tests.factories import NOW, a_request, an_attempt

# Few instants, close to each other, so that many are equal and all orders come.
instants = st.builds(
    lambda minute, micro: NOW + timedelta(minutes=minute, microseconds=micro),
    st.integers(0, 3),
    st.sampled_from([0, 1, 999_999]),
)
maybe = st.none() | instants
tries = st.fixed_dictionaries(
    {
        "claimed_at": instants, "gate_at": maybe, "ringing_at": maybe, "picked_up_at": maybe,
        "answered_at": maybe, "rung": st.booleans(),
    }
)  # fmt: skip
asked = st.fixed_dictionaries(
    {"created_at": instants, "joined_at": maybe, "moved_at": maybe, "withdrawn_at": maybe},
)
stories = st.lists(st.tuples(asked, st.lists(tries, max_size=4)), min_size=1, max_size=6)


class _Undo(Exception):
    """Nothing of an example stays in the database."""


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(some=stories)
def test_when_it_rang_is_one_rule(
    store: SqlStore, some: list[tuple[dict[str, Any], list[dict[str, Any]]]]
) -> None:
    """Attempt.rang_at, Wish.since, own_attempts and first_ring."""
    try:
        with store.writing() as tx:
            for n, (wish, made) in enumerate(some, start=1):
                _put(tx, n, wish, made)
            _compare(tx)
            raise _Undo
    except _Undo:
        pass


def _put(tx: Any, n: int, wish: dict[str, Any], made: list[dict[str, Any]]) -> None:
    run = tx.connection.execute
    request = a_request(id=RequestId(n), e164=f"+4474000000{n:02}")
    run(requests.insert().values(_row(requests, request)))
    keys = {"public_id": f"p{n}", "nonce": "n", "secret_hash": f"s{n}", "scope": "test"}
    run(wishes.insert().values(id=n, request_id=n, due_at=NOW, asap=True, **keys, **wish))
    for nth, one in enumerate(made):
        # Ended, as two open ones can't stand beside each other.
        attempt = an_attempt(
            id=AttemptId(10 * n + nth),
            request_id=RequestId(n),
            token=new_token(),
            ended_at=NOW,
            **one,
        )
        run(attempts.insert().values(_row(attempts, attempt)))


def _row(table: Table, of: object) -> dict[str, Any]:
    names = [column.name for column in table.c]
    return {name: getattr(of, name) for name in names if hasattr(of, name)}


def _compare(tx: Any) -> None:
    made = [rows.to_attempt(row) for row in tx.connection.execute(select(attempts))]
    told = _read(tx, select(attempts.c.id, rang_at(attempts)))
    assert told == {one.id: one.rang_at for one in made}
    own = select(attempts.c.id, wishes.c.id).join(wishes, own_attempt(wishes, attempts))
    rings = select(wishes.c.id, func.min(rang_for(wishes, attempts)))
    talks = select(wishes.c.id, func.min(talked_for(wishes, attempts)))
    joined = wishes.outerjoin(attempts, own_attempt(wishes, attempts))
    first = _read(tx, rings.select_from(joined).group_by(wishes.c.id))
    talked = _read(tx, talks.select_from(joined).group_by(wishes.c.id))
    whose, stood = _read(tx, own), _read(tx, select(wishes.c.id, since(wishes)))
    for row in tx.connection.execute(select(wishes)):
        wish = rows.to_wish(row)
        its = [one for one in made if one.request_id == wish.request_id]
        assert stood[wish.id] == wish.since
        mine = own_attempts(wish, its)
        assert {one.id for one in mine} == {one for one, of in whose.items() if of == wish.id}
        assert first[wish.id] == first_ring(wish, its)
        assert talked[wish.id] == _first_talk(wish, mine)


def _first_talk(wish: Wish, mine: list[Attempt]) -> datetime | None:
    until = wish.withdrawn_at
    talks = [one.answered_at for one in mine if one.answered_at is not None]
    return min((at for at in talks if until is None or at < until), default=None)


def _read(tx: Any, query: Any) -> dict[int, Any]:
    return {row[0]: row[1] for row in tx.connection.execute(query)}
