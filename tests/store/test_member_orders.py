"""The orders of agents: taken once, in their order, in time or not at all."""

from datetime import timedelta

import pytest

from asterisk_callback.domain.account import UserId
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.queue_member import LATEST, Action, MemberOrder, OrderOutcome
from asterisk_callback.store import SqlStore
from tests.factories import NOW, SetClock
from tests.store.conftest import OpenStore
from tests.store.racing import at_once

LEASE = timedelta(minutes=5)
ANNA, BEN = "PJSIP/anna", "PJSIP/ben"


@pytest.fixture
def store(url: str, open_store: OpenStore, clock: SetClock) -> SqlStore:
    return open_store(url, clock)


def user(store: SqlStore) -> UserId:
    with store.writing() as tx:
        found = tx.accounts.user_by_login("anna")
        return (found or tx.accounts.add_user(login="anna", name="Anna", member=ANNA)).id


def order(store: SqlStore, action: Action, interface: str = ANNA, server: str = "pbx") -> int:
    who = user(store)
    with store.writing() as tx:
        return tx.member_orders.add(
            who, server=server, asterisk_queue="support", interface=interface, action=action
        )


def enrol(store: SqlStore, name: str = "d1") -> int:
    with store.writing() as tx:
        return tx.servers.register(name, "pbx", LEASE)


def claim(store: SqlStore, epoch: int, name: str = "d1") -> MemberOrder | None:
    with store.writing() as tx:
        return tx.member_orders.claim("pbx", name, epoch)


def finish(store: SqlStore, done: MemberOrder, outcome: OrderOutcome = OrderOutcome.DONE) -> bool:
    with store.writing() as tx:
        return tx.member_orders.finish(done, outcome, "said so")


def all_of(store: SqlStore) -> list[MemberOrder]:
    who = user(store)
    with store.reading() as tx:
        return list(tx.member_orders.recent(who, NOW - timedelta(days=1)))


def waiting(store: SqlStore) -> bool:
    with store.reading() as tx:
        return tx.work.at_hand("pbx", [], 1).orders


def test_an_order_and_what_becomes_of_it(store: SqlStore, clock: SetClock) -> None:
    epoch = enrol(store)
    assert claim(store, epoch) is None and not waiting(store)
    given = order(store, Action.PAUSE)
    assert waiting(store)
    taken = claim(store, epoch)
    assert taken is not None
    assert (taken.id, taken.action, taken.epoch, taken.created_at) == (
        given, Action.PAUSE, epoch, NOW,
    )  # fmt: skip
    assert claim(store, epoch) is None
    clock.advance(seconds=1)
    assert finish(store, taken, OrderOutcome.REFUSED)
    (kept,) = all_of(store)
    assert (kept.outcome, kept.detail, kept.done_at) == (
        OrderOutcome.REFUSED, "said so", NOW + timedelta(seconds=1),
    )  # fmt: skip
    assert not finish(store, taken) and not waiting(store)


def test_those_of_one_member_come_one_after_another(store: SqlStore) -> None:
    epoch = enrol(store)
    first, second = order(store, Action.PAUSE), order(store, Action.UNPAUSE)
    other = order(store, Action.PAUSE, BEN)
    taken = claim(store, epoch)
    assert taken is not None and taken.id == first
    beside = claim(store, epoch)
    assert beside is not None and beside.id == other
    assert claim(store, epoch) is None
    assert finish(store, taken)
    after = claim(store, epoch)
    assert after is not None and after.id == second


def test_what_came_too_late_is_dropped(store: SqlStore, clock: SetClock) -> None:
    epoch = enrol(store)
    order(store, Action.PAUSE)
    taken = claim(store, epoch)
    order(store, Action.PAUSE, BEN)
    order(store, Action.PAUSE, server="elsewhere")
    clock.advance(seconds=LATEST.total_seconds())
    assert claim(store, epoch) is None
    with store.writing() as tx:
        assert tx.member_orders.expire("pbx") == 2
        assert tx.member_orders.expire("pbx") == 0
    assert [one.outcome for one in all_of(store)] == [
        OrderOutcome.UNANSWERED,
        OrderOutcome.LATE,
        None,
    ]
    assert taken is not None and not finish(store, taken)


def test_what_was_done_is_kept_for_a_day(store: SqlStore, clock: SetClock) -> None:
    epoch = enrol(store)
    order(store, Action.PAUSE)
    taken = claim(store, epoch)
    assert taken is not None and finish(store, taken)
    for hours, kept in ((23, 1), (2, 0)):
        clock.advance(hours=hours)
        with store.writing() as tx:
            tx.member_orders.prune(0)
        assert len(all_of(store)) == kept


def test_a_dispatcher_without_a_lease_carries_out_nothing(store: SqlStore, clock: SetClock) -> None:
    """P6."""
    old = enrol(store)
    new = enrol(store)
    order(store, Action.PAUSE)
    with pytest.raises(StaleWrite):
        claim(store, old)
    with pytest.raises(StaleWrite):
        claim(store, new, "d2")
    clock.advance(seconds=LEASE.total_seconds())
    order(store, Action.UNPAUSE)
    with pytest.raises(StaleWrite):
        claim(store, new)


def test_two_dispatchers_take_each_order_once(url: str, open_store: OpenStore) -> None:
    one, two = open_store(url), open_store(url)
    epochs = {"d1": enrol(one, "d1"), "d2": enrol(two, "d2")}
    given = [order(one, Action.PAUSE, f"PJSIP/{nth}") for nth in range(1, 7)]

    def take(store: SqlStore, name: str) -> list[int]:
        found = []
        while taken := claim(store, epochs[name], name):
            found.append(taken.id)
        return found

    taken = at_once(lambda: take(one, "d1"), lambda: take(two, "d2"))
    assert sorted(taken[0] + taken[1]) == given
