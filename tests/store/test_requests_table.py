"""Requests, wishes and the trail in the database."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError, StatementError

from asterisk_callback.domain.errors import IllegalTransition, StaleWrite
from asterisk_callback.domain.request import Request, RequestId, RequestState
from asterisk_callback.domain.wish import Wish
from asterisk_callback.domain.work import WorkAtHand
from asterisk_callback.store import SqlStore
from asterisk_callback.store.trail import SqlTrail
from asterisk_callback.store.transaction import SqlTransaction
from tests.factories import NOW, Office, SetClock, a_request, number
from tests.memory_store.trail import MemoryTrail
from tests.store.conftest import ALL, OpenStore

pytestmark = pytest.mark.parametrize("dialect", ALL, indirect=True)

S = RequestState
MINUTE = timedelta(minutes=1)


def fields(**changes: Any) -> dict[str, Any]:
    request = a_request(**({"state": S.QUEUED} | changes))
    names = ("queue", "e164", "region", "state", "created_at", "due_at", "line_at", "expires_at")
    return {name: getattr(request, name) for name in names}


def add(store: SqlStore, **changes: Any) -> Request:
    with store.writing() as tx:
        return tx.requests.add(actor="test", **fields(**changes))


def seen(store: SqlStore, request_id: RequestId) -> Request | None:
    with store.reading() as tx:
        return tx.requests.get(request_id)


def test_what_goes_in_comes_out(store: SqlStore) -> None:
    elsewhere = timezone(timedelta(hours=5, minutes=45))
    added = add(store, due_at=NOW.astimezone(elsewhere))
    assert seen(store, added.id) == added
    assert added.due_at == NOW
    assert added.due_at.tzinfo is UTC


@pytest.mark.parametrize("field", ["created_at", "due_at", "line_at", "expires_at"])
def test_naive_times_are_refused(store: SqlStore, field: str) -> None:
    values = fields() | {field: datetime(2026, 1, 1)}
    with pytest.raises(StatementError, match="naive"), store.writing() as tx:
        tx.requests.add(actor="test", **values)
    with store.reading() as tx:
        assert tx.requests.latest(None, 10) == []


def test_an_illegal_transition_is_never_written(store: SqlStore) -> None:
    request = add(store)
    renamed = request.evolve(note="first")

    def both(tx: SqlTransaction) -> None:
        tx.requests.change(request, renamed, actor="test", reason="legal")
        impossible = renamed.evolve(state=S.COMPLETED)
        offered = tx.requests.change(
            renamed, renamed.evolve(state=S.OFFERED), actor="test", reason="legal, too"
        )
        done = tx.requests.change(offered, impossible, actor="test", reason="a late bridge")
        tx.requests.change(done, done.evolve(state=S.QUEUED), actor="test", reason="illegal")

    with pytest.raises(IllegalTransition), store.writing() as tx:
        both(tx)
    assert seen(store, request.id) == request
    with store.reading() as tx:
        assert [row.reason for row in tx.trail.of(request.id)] == ["asked"]


def test_a_row_that_somebody_changed_is_not_overwritten(store: SqlStore) -> None:
    request = add(store)
    with store.writing() as tx:
        tx.requests.change(request, request.evolve(state=S.CANCELLED), actor="a", reason="x")
    with pytest.raises(StaleWrite), store.writing() as tx:
        tx.requests.change(request, request.evolve(state=S.IN_PROGRESS), actor="b", reason="y")
    after = seen(store, request.id)
    assert after is not None
    assert after.state is S.CANCELLED


@pytest.mark.parametrize("state", [state for state in RequestState if state.is_open])
def test_one_open_request_per_number_and_queue(store: SqlStore, state: S) -> None:
    """P3, held by the database itself."""
    add(store, state=state)
    with pytest.raises(IntegrityError):
        add(store)
    add(store, queue="support")
    add(store, e164=number(1))


@pytest.mark.parametrize("state", [state for state in RequestState if not state.is_open])
def test_ended_requests_leave_room(store: SqlStore, state: S) -> None:
    add(store, state=state)
    add(store, state=state)
    add(store)


def test_the_line_is_by_line_at_then_by_id(url: str, open_store: OpenStore) -> None:
    store = open_store(url, SetClock())
    places = [NOW - 2 * MINUTE, NOW - 3 * MINUTE, NOW - 3 * MINUTE, NOW - MINUTE]
    added = [
        add(store, e164=number(n), due_at=NOW - MINUTE, line_at=place)
        for n, place in enumerate(places)
    ]
    add(store, e164=number(10), due_at=NOW + MINUTE, line_at=NOW - 9 * MINUTE)  # put off
    add(store, e164=number(11), state=S.SCHEDULED, due_at=NOW - MINUTE)  # not released
    add(store, e164=number(12), due_at=NOW - MINUTE, expires_at=NOW)  # too late
    add(store, e164=number(13), queue="support", line_at=NOW - 9 * MINUTE)
    expected = [added[index].id for index in (1, 2, 0, 3)]
    with store.writing() as tx:
        assert [r.id for r in tx.requests.lock_claimable("sales", 10)] == expected
        assert [r.id for r in tx.requests.lock_claimable("sales", 2)] == expected[:2]
        behind = tx.requests.lock_claimable("sales", 10, last={number(1), number(9)})
        assert [r.id for r in behind] == [*expected[1:], expected[0]]
        assert [r.id for r in tx.requests.lock_claimable("sales", 1, last={number(1)})] == expected[
            1:2
        ]
        assert [r.id for r in tx.requests.lock_claimable("sales", 9, but={"FR"})] == expected
        assert [r.id for r in tx.requests.lock_claimable("sales", 9, only={"GB", "FR"})] == expected
        assert tx.requests.lock_claimable("sales", 9, only={"FR"}) == []
        assert tx.requests.lock_claimable("sales", 9, but={"GB"}) == []
        some = tx.work.at_hand("main", ["returns", "sales", "support"], 10).in_line
        assert some == {"sales": 4, "support": 1}
        assert tx.work.at_hand("main", ["sales"], 3).in_line == {"sales": 3}
        assert tx.work.at_hand("main", [], 3).in_line == {}
        # The one that is put off stands before all of them, and 12 and 13 do not count.
        assert tx.line.ahead_of(added[1]) == 1
        assert tx.line.ahead_of(added[2]) == 2


def test_due_and_expired(url: str, open_store: OpenStore) -> None:
    store = open_store(url, SetClock())
    later = add(store, e164=number(0), state=S.SCHEDULED, due_at=NOW - MINUTE)
    sooner = add(store, e164=number(1), state=S.SCHEDULED, due_at=NOW - 2 * MINUTE)
    add(store, e164=number(2), state=S.SCHEDULED, due_at=NOW + MINUTE)
    add(store, e164=number(3), state=S.IN_PROGRESS, expires_at=NOW - MINUTE)
    late = add(store, e164=number(4), state=S.OFFERED, expires_at=NOW)
    with store.writing() as tx:
        assert [r.id for r in tx.requests.lock_due(10)] == [sooner.id, later.id]
        assert [r.id for r in tx.requests.lock_expired(10)] == [late.id]
        assert tx.work.at_hand("main", [], 1).due


def test_the_next_instant_carries_its_zone(url: str, open_store: OpenStore) -> None:
    store = open_store(url, SetClock())
    with store.reading() as tx:
        nothing = tx.work.at_hand("main", ["sales"], 1)
        assert nothing == WorkAtHand(
            due=False, in_line={}, held=False, to_end=False, orders=False, offers=False,
            next_at=None,
        )  # fmt: skip
    add(store, e164=number(0), state=S.SCHEDULED, due_at=NOW + 2 * MINUTE)
    add(store, e164=number(1), state=S.QUEUED, due_at=NOW)  # in line: nothing to wait for
    add(store, e164=number(2), state=S.QUEUED, due_at=NOW + MINUTE)  # put off
    with store.reading() as tx:
        found = tx.work.at_hand("main", [], 1).next_at
    assert found == NOW + MINUTE
    assert found is not None
    assert found.tzinfo is UTC


def test_the_database_s_clock_is_aware_and_stands_still(store: SqlStore) -> None:
    with store.writing() as tx:
        first = tx.now
        assert first.tzinfo is UTC
        assert tx.now is first
    with store.reading() as tx:
        assert tx.now >= first


def test_trail_and_change_are_written_together_or_not_at_all(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P15."""
    request = add(store)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the trail can't be written")

    with monkeypatch.context() as patched:
        for trail in (SqlTrail, MemoryTrail):
            patched.setattr(trail, "add", fail)
        with pytest.raises(RuntimeError), store.writing() as tx:
            tx.requests.change(request, request.evolve(note="x"), actor="test", reason="x")

    def change_and_fail(tx: SqlTransaction) -> None:
        tx.requests.change(request, request.evolve(note="x"), actor="test", reason="x")
        fail()

    with pytest.raises(RuntimeError), store.writing() as tx:
        change_and_fail(tx)
    assert seen(store, request.id) == request
    with store.reading() as tx:
        assert len(tx.trail.of(request.id)) == 1


def test_the_trail_tells_who_when_and_why(still_office: Office) -> None:
    booked = still_office.submit()
    with still_office.store.reading() as tx:
        (row,) = tx.trail.of(booked.request.id)
    assert (row.at, row.actor, row.old, row.new) == (NOW, "customer", None, "queued")


def test_a_wish_is_found_by_what_identifies_it(store: SqlStore) -> None:
    request = add(store)
    with store.writing() as tx:
        wish = tx.wishes.add(
            request_id=request.id, public_id="p", nonce="n", secret_hash="h", created_at=NOW,
            due_at=NOW, asap=True, scope="site", key="k",
        )  # fmt: skip
    with store.writing() as tx:
        found = (
            tx.wishes.by_public_id("p"),
            tx.wishes.by_secret("h"),
            tx.wishes.by_key("site", "k"),
        )
        assert found == (wish, wish, wish)
        assert tx.wishes.by_key("other site", "k") is None
        tx.wishes.withdraw(wish.id)
        (withdrawn,) = tx.wishes.of(request.id)
        assert withdrawn.withdrawn_at == tx.now
    with store.writing() as tx:
        tx.wishes.withdraw(wish.id)
        assert tx.wishes.of(request.id) == [withdrawn]


def wished(store: SqlStore, request: Request, n: int, **times: datetime) -> Wish:
    with store.writing() as tx:
        return tx.wishes.add(
            request_id=request.id, public_id=f"p{n}", nonce=f"n{n}", secret_hash=f"h{n}",
            asap=False, scope="", **times,
        )  # fmt: skip


def before(store: SqlStore, wishes: list[Wish], request: Request, *, own: bool) -> list[int]:
    with store.reading() as tx:
        place = request.line_at
        return [tx.line.wishes_before(one, request.queue, place, own=own) for one in wishes]


def test_wishes_of_one_slot_stand_one_behind_the_other(store: SqlStore) -> None:
    """Their places are the same instant, to the second: who wished first is first."""
    wishes = []
    for n in range(3):
        request = add(store, e164=number(n), line_at=NOW - MINUTE, due_at=NOW - MINUTE)
        made = NOW - MINUTE * (5 - n)
        wishes.append(wished(store, request, n, due_at=NOW - MINUTE, created_at=made))
    assert before(store, wishes, request, own=True) == [0, 1, 2]


def test_the_place_does_not_tell_who_else_stands_behind_a_request(store: SqlStore) -> None:
    after_a_try = NOW - MINUTE + timedelta(microseconds=123456)
    mine = add(store, e164=number(0), line_at=after_a_try, due_at=NOW - MINUTE)
    both = [
        wished(store, mine, n, due_at=NOW - 3 * MINUTE, created_at=NOW - MINUTE * (9 - n))
        for n in range(2)
    ]
    for n in range(2, 4):
        other = add(store, e164=number(n), line_at=NOW - 2 * MINUTE, due_at=NOW - 2 * MINUTE)
        wished(store, other, n, due_at=NOW - 2 * MINUTE, created_at=NOW - 9 * MINUTE)
    assert before(store, both, mine, own=False) == [2, 2]
    assert before(store, both, mine, own=True) == [2, 3]


@pytest.mark.parametrize("client", [{}, {"address": "one", "network": "192.0.2.0/24"}])
def test_wishes_are_counted_of_an_address_or_of_a_network(
    store: SqlStore, client: dict[str, str]
) -> None:
    """Without either, SQL would count nothing and the store in memory what nobody is known of."""
    with pytest.raises(AssertionError), store.reading() as tx:
        tx.limits.wishes_from_client(NOW, **client)
