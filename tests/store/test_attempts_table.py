"""Attempts, epochs and leases in the database."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from asterisk_callback.domain.attempt import Attempt, new_token
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.gate import GatePass
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.progress import AgentAnswers, AttemptEnds, CustomerRings
from asterisk_callback.domain.request import RequestState
from asterisk_callback.domain.server import DispatcherIdentity
from asterisk_callback.store import SqlStore
from tests.factories import NOW, PLENTY, Office, SetClock, an_attempt
from tests.store.conftest import ALL

pytestmark = pytest.mark.parametrize("dialect", ALL, indirect=True)

LEASE = timedelta(seconds=15)
FIELDS = ("server", "trunk", "owner", "epoch", "claimed_at", "gate_by")


def second(office: Office, first: Attempt, **changes: object) -> None:
    other = an_attempt()
    values = {name: getattr(other, name) for name in FIELDS}
    values |= {"request_id": first.request_id, "e164": first.e164, "token": new_token()}
    with office.store.writing() as tx:
        tx.attempts.add(**(values | changes))


def test_one_open_attempt_per_request_and_per_number(still_office: Office) -> None:
    """P3, held by the database itself."""
    first = still_office.attempt(0)
    other = still_office.attempt(1)
    with pytest.raises(IntegrityError):
        second(still_office, first, e164="+447400999999")
    with pytest.raises(IntegrityError):
        second(still_office, first, request_id=other.request_id)
    with pytest.raises(IntegrityError):
        second(still_office, first, token=first.token, e164="+447400999999")
    end = AttemptEnds(token=first.token, disposition=Disposition.NO_AGENT, rung=False)
    still_office.progress.report(end, still_office.me)
    second(still_office, first)


def test_an_attempt_comes_out_as_it_went_in(still_office: Office) -> None:
    attempt = still_office.attempt()
    assert still_office.attempts(attempt.request_id) == [attempt]
    with still_office.store.reading() as tx:
        assert tx.attempts.by_token(attempt.token) == attempt
        assert tx.attempts.by_token(new_token()) is None
        assert tx.attempts.open_on("main") == [attempt]
        assert tx.attempts.open_on("elsewhere") == []
        assert tx.line.waiting_for_agent("sales") == 1
        assert tx.line.waiting_for_agent("support") == 0


def test_who_took_it_is_kept(still_office: Office) -> None:
    attempt = still_office.attempt()
    told = AgentAnswers(token=attempt.token, agent="Anna", member="Local/6001@callback-member/n")
    still_office.progress.report(told, still_office.me)
    (kept,) = still_office.attempts(attempt.request_id)
    assert (kept.agent, kept.member) == ("Anna", "Local/6001@callback-member/n")


def test_another_epoch_can_change_nothing(still_office: Office) -> None:
    """P6."""
    attempt = still_office.attempt()
    assert isinstance(still_office.gate.ask(attempt.token), GatePass)
    before = still_office.attempts(attempt.request_id)
    with pytest.raises(StaleWrite):
        still_office.progress.report(
            CustomerRings(token=attempt.token), DispatcherIdentity(name="d1", epoch=2)
        )
    assert still_office.attempts(attempt.request_id) == before


def test_an_adopted_attempt_is_lost_to_its_first_owner(still_office: Office) -> None:
    attempt = still_office.attempt()
    reconciliation = still_office.reconciliation
    with still_office.store.writing() as tx:
        tx.servers.unregister("d1", 1)
        epochs = [tx.servers.register("d2", "main", LEASE) for _ in range(2)]
    heir = DispatcherIdentity(name="d2", epoch=epochs[-1])
    assert reconciliation.adopt("main", heir) == 1
    end = AttemptEnds(token=attempt.token, disposition=Disposition.NO_AGENT, rung=False)
    with pytest.raises(StaleWrite):
        still_office.progress.report(end, still_office.me)
    (adopted,) = still_office.attempts(attempt.request_id)
    assert (adopted.owner, adopted.epoch, adopted.open) == ("d2", 2, True)
    assert still_office.request(attempt.request_id).state is RequestState.IN_PROGRESS


def test_what_changed_since_it_was_read_is_not_overwritten(still_office: Office) -> None:
    attempt = still_office.attempt()
    assert isinstance(still_office.gate.ask(attempt.token), GatePass)
    closed = attempt.evolve(ended_at=NOW, disposition=Disposition.CANCELLED)
    with pytest.raises(StaleWrite), still_office.store.writing() as tx:
        tx.attempts.change(attempt, closed, actor="test", reason="no ring, I believed")


def test_the_fence_says_yes_once(still_office: Office) -> None:
    attempt = still_office.attempt()
    with still_office.store.writing() as tx:
        passed = [set(tx.attempts.pass_gate([attempt])) for _ in range(3)]
        assert passed == [{attempt.id}, set(), set()]


def test_the_fence_says_no_after_the_end(still_office: Office) -> None:
    attempt = still_office.attempt()
    closed = attempt.evolve(ended_at=NOW, disposition=Disposition.CANCELLED)
    with still_office.store.writing() as tx:
        tx.attempts.change(attempt, closed, actor="test", reason="x")
        assert not tx.attempts.pass_gate([attempt])


def test_calls_to_end_are_told_once(still_office: Office) -> None:
    attempt = still_office.attempt()
    asked = attempt.evolve(hangup_asked_at=NOW)
    with still_office.store.writing() as tx:
        tx.attempts.change(attempt, asked, actor="test", reason="x")
        assert tx.attempts.to_hang_up("main") == [asked]
        tx.attempts.mark_hangup_sent(asked)
        assert tx.attempts.to_hang_up("main") == []


def test_epochs_grow_over_all_dispatchers(store: SqlStore) -> None:
    epochs = []
    for name in ("d1", "d2", "d1", "d1"):
        with store.writing() as tx:
            epochs.append(tx.servers.register(name, "main", LEASE))
    assert epochs == [1, 2, 3, 4]
    with store.reading() as tx:
        assert [(one.dispatcher, one.epoch) for one in tx.servers.all()] == [("d1", 4), ("d2", 2)]


def test_a_lease_is_renewed_lost_and_left(still_office: Office, clock: SetClock) -> None:
    with still_office.store.writing() as tx:
        old = tx.servers.register("d1", "main", LEASE)
    clock.advance(seconds=10)
    with still_office.store.writing() as tx:
        tx.servers.renew_lease("d1", old, LEASE, True, "x" * 400)
        (health,) = tx.servers.all()
        assert (health.alive_until, health.ready) == (NOW + timedelta(seconds=25), True)
        new = tx.servers.register("d1", "main", LEASE)
    with pytest.raises(StaleWrite), still_office.store.writing() as tx:
        tx.servers.renew_lease("d1", old, LEASE, True, "")
    with still_office.store.writing() as tx:
        tx.servers.unregister("d1", old)
        assert [one.epoch for one in tx.servers.all()] == [new]
        tx.servers.unregister("d1", new)
        assert tx.servers.all() == []


def test_queue_facts_are_kept_per_server(store: SqlStore) -> None:
    with store.writing() as tx:
        assert tx.servers.queue_facts("main", "sales") == QueueStatus()
        tx.servers.put_queue_facts("main", "sales", PLENTY)
        tx.servers.put_queue_facts("main", "sales", QueueStatus(known=True, logged_in=2, free=1))
        assert tx.servers.queue_facts("main", "sales") == QueueStatus(
            known=True, logged_in=2, free=1
        )
        assert tx.servers.queue_facts("other", "sales") == QueueStatus()
