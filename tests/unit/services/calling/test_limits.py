"""Limits of calls: in all, over one trunk, for one queue."""

from dataclasses import replace
from datetime import timedelta

import pytest

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.gate import GatePass, GateRefusal, RefusalReason
from asterisk_callback.domain.limits import CallLimits, Limits
from asterisk_callback.domain.progress import AttemptEnds
from asterisk_callback.services.status.facts import read_facts
from asterisk_callback.services.status.why import Reason, explain
from tests.factories import PLENTY, TRUNK, Office, SetClock, callback_queue

ONE = CallLimits(at_once=1)


def limit(office: Office, scope: str, limits: CallLimits) -> None:
    """Sets limits for everything, for the trunk of all queues, or for the queue `sales`."""
    if scope == "all":
        office.limits = replace(office.limits, calls=limits)
    elif scope == "trunk":
        trunk = replace(TRUNK, limits=limits)
        office.queues = {name: callback_queue(name, trunk=trunk) for name in ("sales", "support")}
    else:
        office.queues = {
            "sales": callback_queue("sales", limits=limits),
            "support": callback_queue("support"),
        }


@pytest.mark.parametrize(
    ("scope", "others_wait"), [("all", True), ("trunk", True), ("queue", False)]
)
def test_one_at_once(office: Office, scope: str, others_wait: bool) -> None:
    limit(office, scope, ONE)
    first = office.attempt(0)
    office.submit(1)
    office.submit(2, queue="support")
    assert office.claim() is None  # the first holds the place before it reaches the gate
    assert (office.claim("support") is None) is others_wait
    assert isinstance(office.gate.ask(first.token), GatePass)
    assert office.claim() is None
    end = AttemptEnds(token=first.token, disposition=Disposition.ANSWERED, rung=True)
    office.progress.report(end, office.me)
    assert office.claim() is not None


def test_the_customer_reads_that_the_limit_is_reached(office: Office) -> None:
    limit(office, "all", ONE)
    office.attempt(0)
    waiting = office.submit(1).request
    with office.store.writing() as tx:
        tx.servers.register("d1", "main", timedelta(seconds=15))
        tx.servers.renew_lease("d1", 1, timedelta(seconds=15), True, "ready")
        tx.servers.put_queue_facts("main", "sales", PLENTY)
    with office.store.reading() as tx:
        why = explain(read_facts(tx, waiting, office.queues["sales"], office.guard))
    assert (why.reason, why.detail) == (Reason.AT_LIMIT, "limit reached: at-once")


def test_the_gate_counts_again(office: Office) -> None:
    """Two claimed before the limit was set: only one may ring."""
    first, second = office.attempt(0), office.attempt(1)
    limit(office, "trunk", ONE)
    assert isinstance(office.gate.ask(first.token), GatePass)
    assert office.gate.ask(second.token) == GateRefusal(reason=RefusalReason.AT_ONCE)


def test_a_second_call_within_the_second_may_ask_again(office: Office, clock: SetClock) -> None:
    limit(office, "all", CallLimits(per_second=1))
    first, second = office.attempt(0), office.attempt(1)
    assert isinstance(office.gate.ask(first.token), GatePass)
    assert office.gate.ask(second.token) == GateRefusal(reason=RefusalReason.PER_SECOND)
    (attempt,) = office.attempts(second.request_id)
    assert attempt.open  # nothing was decided: it is a matter of a moment
    clock.advance(seconds=1.1)
    assert isinstance(office.gate.ask(second.token), GatePass)


def test_calls_an_hour_of_a_queue(office: Office, clock: SetClock) -> None:
    limit(office, "queue", CallLimits(per_hour=1))
    first = office.attempt(0)
    assert isinstance(office.gate.ask(first.token), GatePass)
    office.submit(1)
    assert office.claim() is None
    clock.advance(hours=1, seconds=1)
    assert office.claim() is not None


def test_no_limits_by_default() -> None:
    assert Limits().calls == CallLimits(per_hour=200)
    assert TRUNK.limits == callback_queue().limits == CallLimits()


def test_claim_and_gate_name_the_same_limit(office: Office) -> None:
    """Both are reached: one sentence on the board, the same reason in the story."""
    first, second = office.attempt(0), office.attempt(1)
    limit(office, "all", CallLimits(at_once=1, per_hour=1))
    assert isinstance(office.gate.ask(first.token), GatePass)
    with office.store.reading() as tx:
        said = office.guard.reached(tx, office.queues["sales"])
    assert said is RefusalReason.HOUR_LIMIT
    assert office.gate.ask(second.token) == GateRefusal(reason=RefusalReason.HOUR_LIMIT)
