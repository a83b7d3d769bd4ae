"""Reports that come after the end, reconciliation, expiry, and why a request waits."""

from datetime import timedelta

import pytest

from asterisk_callback.domain.attempt import Attempt, new_token
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.gate import GatePass, GateRefusal, RefusalReason
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.progress import AttemptEnds, CustomerAnswers
from asterisk_callback.domain.request import RequestState
from asterisk_callback.domain.server import DispatcherIdentity
from asterisk_callback.services.calling.release import expire, release
from asterisk_callback.services.status.facts import read_facts
from asterisk_callback.services.status.why import Reason, Why, explain
from tests.factories import NOW, Office, SetClock, number

S = RequestState
D = Disposition


def gated(office: Office) -> Attempt:
    attempt = office.attempt()
    assert isinstance(office.gate.ask(attempt.token), GatePass)
    return attempt


def ends(office: Office, attempt: Attempt, disposition: D, rung: bool = False) -> None:
    end = AttemptEnds(token=attempt.token, disposition=disposition, rung=rung)
    office.progress.report(end, office.me)


@pytest.mark.parametrize("disposition", [D.UNKNOWN, D.TRUNK_FAULT, D.BUSY, D.REJECTED])
def test_a_late_bridge_completes(office: Office, disposition: D) -> None:
    attempt = gated(office)
    ends(office, attempt, disposition)
    office.progress.report(CustomerAnswers(token=attempt.token), office.me)
    request = office.request(attempt.request_id)
    assert (request.state, request.rings) == (S.COMPLETED, 1)
    (after,) = office.attempts(attempt.request_id)
    assert (after.disposition, after.rung) == (D.ANSWERED, True)


@pytest.mark.parametrize("passed", [False, True])
def test_a_late_bridge_while_the_next_attempt_is_open(
    office: Office, clock: SetClock, passed: bool
) -> None:
    """They did talk, so nobody is rung again; a next attempt past its gate decides by itself."""
    first = gated(office)
    ends(office, first, D.TRUNK_FAULT)
    clock.advance(seconds=60)
    claimed = office.claim()
    assert claimed is not None
    token = claimed.attempt.token
    if passed:
        assert isinstance(office.gate.ask(token), GatePass)
    office.progress.report(CustomerAnswers(token=first.token), office.me)
    request = office.request(first.request_id)
    assert (request.state, request.rings) == (S.IN_PROGRESS if passed else S.COMPLETED, 1)
    assert office.gate.ask(token) == GateRefusal(
        reason=RefusalReason.USED if passed else RefusalReason.CANCELLED
    )


def test_reports_of_foreign_calls_are_ignored(office: Office) -> None:
    foreign = CustomerAnswers(token=new_token())
    assert office.progress.report(foreign, office.me) is None


def test_an_attempt_is_not_missing_before_its_grace_is_over(
    office: Office, clock: SetClock
) -> None:
    attempt = office.attempt()
    clock.advance(seconds=9)
    assert office.reconciliation.expected("main") == frozenset()
    clock.advance(seconds=1)
    assert office.reconciliation.expected("main") == {attempt.token}
    assert office.reconciliation.missing("main", {attempt.token}) == [attempt]
    assert office.reconciliation.missing("main", set()) == []
    assert office.reconciliation.expected("elsewhere") == frozenset()


def test_what_a_call_left_behind_decides(office: Office) -> None:
    attempt = gated(office)
    left = AttemptEnds(token=attempt.token, disposition=D.BUSY, rung=True, cause=17)
    assert office.reconciliation.decide([attempt], {attempt.token: left}, office.me) == 1
    (after,) = office.attempts(attempt.request_id)
    assert (after.disposition, after.cause) == (D.BUSY, 17)


def test_without_a_trace_it_counts_as_a_ring_if_it_passed_the_gate(office: Office) -> None:
    attempt = gated(office)
    office.reconciliation.decide([attempt], {}, office.me)
    request = office.request(attempt.request_id)
    assert (request.state, request.rings) == (S.SCHEDULED, 1)
    assert request.due_at == NOW + timedelta(minutes=15)


def test_a_bridge_survives_the_loss_of_its_end(office: Office) -> None:
    attempt = gated(office)
    office.progress.report(CustomerAnswers(token=attempt.token), office.me)
    office.reconciliation.decide(office.attempts(attempt.request_id), {}, office.me)
    assert office.request(attempt.request_id).state is S.COMPLETED


def test_only_the_attempts_of_the_dead_are_adopted(office: Office, clock: SetClock) -> None:
    with office.store.writing() as tx:
        for name in ("d1", "d2"):
            tx.servers.register(name, "main", timedelta(seconds=15))
    attempt = office.attempt()
    heir = DispatcherIdentity(name="d2", epoch=2)
    assert office.reconciliation.adopt("main", heir) == 0
    clock.advance(seconds=16)
    assert office.reconciliation.adopt("main", heir) == 0  # its own lease has run out, too
    with office.store.writing() as tx:
        tx.servers.renew_lease("d2", 2, timedelta(seconds=15), True, "")
    assert office.reconciliation.adopt("main", heir) == 1
    assert office.reconciliation.adopt("main", heir) == 0
    assert office.attempts(attempt.request_id)[0].owner == "d2"


def test_release_and_expiry(office: Office, clock: SetClock) -> None:
    booked = office.submit(scheduled_for="2026-11-23T11:00")
    assert (release(office.store), expire(office.store)) == (0, 0)
    clock.advance(hours=1)
    assert (release(office.store), expire(office.store)) == (1, 0)
    assert office.request(booked.request.id).state is S.QUEUED
    clock.advance(hours=24)
    assert office.claim() is None
    assert expire(office.store) == 1
    assert office.request(booked.request.id).state is S.EXPIRED


@pytest.mark.parametrize("state", [S.SCHEDULED, S.QUEUED, S.OFFERED])
def test_a_rung_request_fails_at_its_end(office: Office, clock: SetClock, state: S) -> None:
    """P7, from every state in which it may wait."""
    queued = office.submit().request
    with office.store.writing() as tx:
        rung = tx.requests.change(queued, queued.evolve(rings=1), actor="test", reason="x")
        tx.requests.change(rung, rung.evolve(state=state), actor="test", reason="x")
    clock.advance(hours=24)
    expire(office.store)
    assert office.request(queued.id).state is S.FAILED


def why(office: Office, n: int = 0) -> Why:
    with office.store.reading() as tx:
        request = next(r for r in tx.requests.latest(None, 99) if r.e164 == number(n))
        return explain(read_facts(tx, request, office.queues.get(request.queue)))


def test_the_reason_is_the_nearest_one(office: Office) -> None:
    office.submit(0)
    office.submit(1)
    seen = [why(office).reason]
    with office.store.writing() as tx:
        tx.servers.register("d1", "main", timedelta(hours=1))
    seen.append(why(office).reason)
    with office.store.writing() as tx:
        tx.servers.renew_lease("d1", 1, timedelta(hours=1), True, "")
    for facts in (
        QueueStatus(), QueueStatus(known=True), QueueStatus(known=True, logged_in=1),
        QueueStatus(known=True, logged_in=1, free=1),
    ):  # fmt: skip
        with office.store.writing() as tx:
            tx.servers.put_queue_facts("main", "sales", facts)
        seen.append(why(office).reason)
    assert seen == [
        Reason.NO_DISPATCHER, Reason.ASTERISK_DOWN, Reason.QUEUE_UNKNOWN, Reason.NO_AGENT,
        Reason.ALL_BUSY, Reason.NEXT,
    ]  # fmt: skip
    assert (why(office, 1).reason, why(office, 1).ahead) == (Reason.IN_LINE, 1)
    office.claim()
    assert why(office).reason is Reason.RINGING_AGENT
    assert why(office, 1).reason is Reason.NEXT
