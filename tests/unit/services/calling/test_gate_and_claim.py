"""The gate's answers, what the claim asks before, and trunks that fail."""

from dataclasses import replace
from datetime import timedelta

import pytest

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.gate import GatePass, GateRefusal, RefusalReason
from asterisk_callback.domain.limits import CallLimits, Limits
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.progress import AgentAnswers, AttemptEnds, CustomerRings
from asterisk_callback.domain.request import RequestState
from asterisk_callback.domain.trunk import Trunk, TrunkHistory, trunk_paused_until
from asterisk_callback.services.calling.claim import claim
from tests.factories import NOW, PLENTY, TRUNK, Office, SetClock, number

S = RequestState
D = Disposition
SEC = timedelta(seconds=1)


def test_the_yes_carries_all_that_the_dialplan_needs(office: Office) -> None:
    attempt = office.attempt(7)
    answer = office.gate.ask(attempt.token)
    assert isinstance(answer, GatePass)
    assert answer.number.e164 == number(7)
    assert answer.dial_string == f"PJSIP/{number(7)}@trunk"
    assert answer.caller_id == TRUNK.caller_id
    assert office.gate.ask(attempt.token) == GateRefusal(reason=RefusalReason.USED)
    with office.store.reading() as tx:
        events = [row.event for row in tx.trail.of(attempt.request_id)]
    assert events[-2:] == ["gate passed", "gate refused"]


@pytest.mark.parametrize("token", ["", "${EXTEN}", "1" * 26, "1" * 27, "1" * 10_240, "\0"])
def test_a_token_that_nobody_knows(office: Office, token: str) -> None:
    assert office.gate.ask(token) == GateRefusal(reason=RefusalReason.UNKNOWN)


@pytest.mark.case("CASES 3: {national} abroad")
def test_a_number_that_the_trunk_would_dial_wrong(office: Office) -> None:
    """The settings may have changed since it was claimed."""
    attempt = office.attempt()
    wrong = replace(TRUNK, dial="PJSIP/{national}@trunk", country="FR")
    office.queues = {name: replace(queue, trunk=wrong) for name, queue in office.queues.items()}
    assert office.gate.ask(attempt.token) == GateRefusal(reason=RefusalReason.NOT_ALLOWED)
    assert office.request(attempt.request_id).state is S.FAILED


def test_too_late(office: Office, clock: SetClock) -> None:
    attempt = office.attempt()
    clock.now = attempt.gate_by + SEC
    assert office.gate.ask(attempt.token) == GateRefusal(reason=RefusalReason.TOO_LATE)
    request = office.request(attempt.request_id)
    assert (request.state, request.due_at, request.line_at) == (S.QUEUED, clock.now + 5 * SEC, NOW)
    assert office.gate.ask(attempt.token) == GateRefusal(reason=RefusalReason.ENDED)


def test_suppressed_since_the_claim(office: Office) -> None:
    attempt = office.attempt()
    with office.store.writing() as tx:
        tx.suppressions.add(attempt.e164, "asked us")
    assert office.gate.ask(attempt.token) == GateRefusal(reason=RefusalReason.SUPPRESSED)
    assert office.request(attempt.request_id).state is S.FAILED
    (after,) = office.attempts(attempt.request_id)
    assert (after.disposition, after.rung, after.detail) == (D.REFUSED, False, "suppressed")


@pytest.mark.parametrize(
    ("limits", "reason", "pause"),
    [
        (Limits(calls_per_number=0), RefusalReason.NUMBER_LIMIT, timedelta(hours=1)),
        (Limits(calls=CallLimits(per_hour=0)), RefusalReason.HOUR_LIMIT, timedelta(minutes=5)),
    ],
)
def test_limits_at_the_gate_and_at_the_claim(
    office: Office, limits: Limits, reason: RefusalReason, pause: timedelta
) -> None:
    attempt = office.attempt(0)
    waiting = office.submit(1).request
    office.limits = limits
    assert office.gate.ask(attempt.token) == GateRefusal(reason=reason)
    assert office.claim() is None  # no agent is rung for nothing
    refused, in_line = office.request(attempt.request_id), office.request(waiting.id)
    assert (refused.state, refused.due_at, refused.line_at) == (S.QUEUED, NOW + pause, NOW)
    # A limit of the number puts its request off; one of all calls leaves the line as it is.
    put_off = pause if reason is RefusalReason.NUMBER_LIMIT else timedelta(0)
    assert (in_line.state, in_line.due_at, in_line.line_at) == (S.QUEUED, NOW + put_off, NOW)
    assert refused.rings == in_line.rings == 0
    assert office.attempts(waiting.id) == []


def test_a_queue_that_makes_no_calls_any_more(office: Office) -> None:
    """Nothing is held then, so the story must not say so."""
    attempt = office.attempt()
    office.queues = {n: replace(one, mode=DeliveryMode.NOTIFY) for n, one in office.queues.items()}
    assert office.gate.ask(attempt.token) == GateRefusal(reason=RefusalReason.NOT_A_CALLING_QUEUE)
    request = office.request(attempt.request_id)
    assert (request.state, request.due_at, request.line_at) == (S.QUEUED, NOW + 5 * SEC, NOW)
    assert request.note == "refused: not-calling"


def test_a_queue_that_was_taken_away(office: Office) -> None:
    attempt = office.attempt()
    office.queues = {"support": office.queues["support"]}
    assert office.gate.ask(attempt.token) == GateRefusal(reason=RefusalReason.NOT_ALLOWED)
    assert office.request(attempt.request_id).state is S.FAILED


@pytest.mark.parametrize(
    ("disposition", "state"),
    [(D.ANSWERED, S.COMPLETED), (D.BUSY, S.FAILED), (D.TRUNK_FAULT, S.FAILED)],
)
def test_a_queue_that_was_taken_away_during_its_call(
    office: Office, disposition: D, state: S
) -> None:
    """They talked, whatever the configuration says by now."""
    attempt = office.attempt()
    assert isinstance(office.gate.ask(attempt.token), GatePass)
    office.queues = {"support": office.queues["support"]}
    end = AttemptEnds(token=attempt.token, disposition=disposition, rung=False)
    office.progress.report(end, office.me)
    assert office.request(attempt.request_id).state is state


def test_the_claim_keeps_to_the_free_agents(office: Office) -> None:
    for n in range(4):
        office.submit(n)
    one_free = QueueStatus(known=True, logged_in=3, free=1, one_more=True)
    first, second, third = (office.claim("sales", one_free) for _ in range(3))
    assert first and second and not third
    assert [first.attempt.e164, second.attempt.e164] == [number(0), number(1)]
    office.progress.report(AgentAnswers(token=first.attempt.token, agent="Anna"), office.me)
    assert office.claim("sales", one_free)
    assert office.claim("sales", QueueStatus()) is None


def test_a_number_that_is_on_the_line_waits(office: Office) -> None:
    attempt = office.attempt(0, queue="sales")
    other = office.submit(0, queue="support").request
    assert office.claim("support") is None
    waiting = office.request(other.id)
    assert (waiting.state, waiting.due_at, waiting.line_at) == (S.QUEUED, NOW + 5 * SEC, NOW)
    assert office.attempts(attempt.request_id) == [attempt]


def test_a_dispatcher_without_a_lease_claims_nothing(office: Office, clock: SetClock) -> None:
    """P6."""
    with office.store.writing() as tx:
        assert tx.servers.register("d1", "main", 15 * SEC) == office.me.epoch
    office.submit()
    clock.advance(seconds=16)
    assert office.claim() is None
    with office.store.writing() as tx:
        tx.servers.register("d1", "main", 15 * SEC)
    with pytest.raises(StaleWrite):
        office.claim()
    with pytest.raises(StaleWrite):
        steal(office)


def steal(office: Office) -> None:
    """A replaced dispatcher tries to adopt what its successor claimed."""
    new = Office(store=office.store, queues=office.queues, me=type(office.me)(name="d1", epoch=2))
    assert new.claim() is not None
    office.reconciliation.adopt("main", office.me)


@pytest.mark.parametrize(("faults", "pause"), [(1, 30), (2, 60), (5, 480), (6, 600), (99, 600)])
def test_a_failing_trunk_is_left_alone_ever_longer(faults: int, pause: int) -> None:
    tail = TrunkHistory(faults=faults, numbers=2, last_fault=NOW)
    trunk = Trunk(name="main", dial="PJSIP/{e164}@main", caller_id="", pause=30 * SEC)
    assert trunk_paused_until(tail, trunk, NOW) == NOW + pause * SEC
    assert trunk_paused_until(tail, trunk, NOW + pause * SEC) is None
    assert trunk_paused_until(TrunkHistory(), trunk, NOW) is None


def test_one_call_probes_a_trunk_that_failed(office: Office, clock: SetClock) -> None:
    for n in range(4):
        office.submit(n)
    talk, failing = office.claim(), office.claim()
    assert talk and failing
    for one in (talk, failing):
        assert isinstance(office.gate.ask(one.attempt.token), GatePass)
    clock.advance(seconds=1)
    fault = AttemptEnds(token=failing.attempt.token, disposition=D.TRUNK_FAULT, rung=False)
    office.progress.report(fault, office.me)
    assert office.claim() is None  # paused
    clock.advance(seconds=31)
    assert office.claim() is None  # the first one neither rang nor ended yet: it is the probe
    office.progress.report(CustomerRings(token=talk.attempt.token), office.me)
    sales = office.queues["sales"]
    (probe,) = claim(office.store, office.me, sales, PLENTY, office.guard, most=32)
    assert office.claim() is None  # one at a time, however many were asked for
    assert isinstance(office.gate.ask(probe.attempt.token), GatePass)
    office.progress.report(CustomerRings(token=probe.attempt.token), office.me)
    assert office.claim() is not None


def test_a_wrong_number_is_the_line_s_fault_if_others_are_wrong_too(office: Office) -> None:
    states = []
    for n in range(2):
        attempt = office.attempt(n)
        assert isinstance(office.gate.ask(attempt.token), GatePass)
        end = AttemptEnds(token=attempt.token, disposition=D.INVALID_NUMBER, rung=False)
        office.progress.report(end, office.me)
        states.append(office.request(attempt.request_id).state)
    assert states == [S.FAILED, S.QUEUED]


def suppress(office: Office, e164: str) -> None:
    with office.store.writing() as tx:
        tx.suppressions.add(e164, "asked us")


def test_who_may_not_be_called_keeps_nobody_waiting(office: Office) -> None:
    """The head of the line is refused: the claim goes on to the next, and the refused are moved."""
    refused = [office.submit(n).request for n in range(3)]
    wanted = office.submit(9).request
    for request in refused:
        suppress(office, request.e164)
    claimed = office.claim()
    assert claimed is not None and claimed.attempt.request_id == wanted.id
    assert {office.request(one.id).state for one in refused} == {S.FAILED}


def test_a_claim_ends_after_some(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asterisk_callback.services.calling.claim.LOOKED_AT", 2)
    for n in range(3):
        suppress(office, office.submit(n).request.e164)
    office.submit(9)
    assert office.claim() is None
    assert office.claim() is not None
