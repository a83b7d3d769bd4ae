"""customer_first: when it claims, and what an answer without an agent is worth."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from asterisk_callback.domain import pacing
from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.gate import GatePass
from asterisk_callback.domain.mode import CustomerFirstOptions, DeliveryMode
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.progress import (
    AgentAnswers,
    AgentRings,
    AttemptEnds,
    CustomerAnswers,
    CustomerRings,
    Report,
)
from asterisk_callback.domain.request import RequestState
from asterisk_callback.services.status.facts import read_facts
from asterisk_callback.services.status.line import expected_for
from asterisk_callback.services.status.why import Reason, explain
from tests.factories import NOW, SERVER, Office

S, D = RequestState, Disposition
ONE_FREE = QueueStatus(known=True, logged_in=3, free=1)


@pytest.fixture
def first(office: Office) -> Office:
    office.queues = {
        name: replace(queue, mode=DeliveryMode.CUSTOMER_FIRST)
        for name, queue in office.queues.items()
    }
    return office


def dialled(office: Office, *reports: type[Report]) -> Attempt:
    """An attempt past its gate, of which these reports have come."""
    attempt = office.attempt(0)
    assert attempt.mode is DeliveryMode.CUSTOMER_FIRST
    assert isinstance(office.gate.ask(attempt.token), GatePass)
    for kind in reports:
        named: dict[str, Any] = {"agent": "Anna"} if kind in (AgentRings, AgentAnswers) else {}
        office.progress.report(kind(token=attempt.token, **named), office.me)
    return office.attempts(attempt.request_id)[0]


def ended(office: Office, attempt: Attempt, disposition: Disposition) -> Attempt:
    end = AttemptEnds(token=attempt.token, disposition=disposition, rung=True)
    office.progress.report(end, office.me)
    return office.attempts(attempt.request_id)[0]


@pytest.mark.parametrize(
    ("free", "callers", "waiting", "keep_free", "room"),
    [(0, 0, 0, 0, 0), (2, 0, 0, 0, 2), (2, 0, 1, 0, 1), (2, 1, 1, 0, 1), (2, 2, 1, 0, 0),
     (2, 0, 0, 1, 1), (1, 0, 0, 1, 0), (1, 3, 0, 0, 0)],
)  # fmt: skip
def test_a_free_agent_for_each_customer(
    free: int, callers: int, waiting: int, keep_free: int, room: int
) -> None:
    facts = QueueStatus(known=True, logged_in=5, free=free, callers=callers)
    assert pacing.room_customer_first(facts, waiting, keep_free) == room
    assert pacing.room_customer_first(replace(facts, known=False), waiting, keep_free) == 0


def test_one_free_agent_is_one_call(first: Office) -> None:
    first.submit(0)
    first.submit(1)
    assert first.claim("sales", replace(ONE_FREE, free=0)) is None
    claimed = first.claim("sales", ONE_FREE)
    assert claimed is not None
    assert claimed.attempt.gate_by < NOW + timedelta(minutes=2)  # it is asked at once
    assert first.claim("sales", ONE_FREE) is None


def test_queues_that_share_agents_count_each_other(first: Office) -> None:
    first.submit(0, queue="sales")
    first.submit(1, queue="support")
    first.queues = {
        name: replace(queue, shares=tuple({"sales", "support"} - {name}))
        for name, queue in first.queues.items()
    }
    assert first.claim("sales", ONE_FREE)
    assert first.claim("support", ONE_FREE) is None


def test_some_agents_are_left_to_live_callers(first: Office) -> None:
    first.submit(0)
    rules = CustomerFirstOptions(keep_free=1)
    first.queues = {name: replace(queue, first=rules) for name, queue in first.queues.items()}
    assert first.claim("sales", ONE_FREE) is None
    assert first.claim("sales", replace(ONE_FREE, free=2))


@pytest.mark.case("CASES 8: an agent who is left to callers serves no callback")
def test_who_is_left_to_live_callers_is_promised_to_nobody(first: Office) -> None:
    booked = first.submit(0)
    rules = CustomerFirstOptions(keep_free=1)
    queue = replace(first.queues["sales"], first=rules)
    first.at_work()
    for free, reason, soon in ((1, Reason.AT_LIMIT, False), (2, Reason.NEXT, True)):
        with first.store.writing() as tx:
            tx.servers.put_queue_facts(SERVER, queue.asterisk_queue, replace(ONE_FREE, free=free))
            facts = read_facts(tx, booked.request, queue)
            why = explain(facts)
            expected = expected_for(tx, facts, why)
        assert why.reason is reason and expected is not None
        assert (expected.latest <= NOW + timedelta(minutes=1)) is soon


def test_the_agent_makes_it_a_talk(first: Office) -> None:
    attempt = dialled(first, CustomerRings, CustomerAnswers)
    assert (attempt.rung, attempt.answered_at) == (True, None)
    assert attempt.picked_up_at == NOW
    attempt = dialled_on(first, attempt, AgentRings, AgentAnswers)
    assert attempt.answered_at == NOW
    # The end of its call was judged from less than we know: they talked.
    assert ended(first, attempt, D.ABANDONED).disposition is D.ANSWERED
    assert first.request(attempt.request_id).state is S.COMPLETED


def dialled_on(
    office: Office, attempt: Attempt, *reports: type[AgentRings | AgentAnswers]
) -> Attempt:
    for kind in reports:
        office.progress.report(kind(token=attempt.token, agent="Anna"), office.me)
    return office.attempts(attempt.request_id)[0]


@pytest.mark.parametrize(
    ("disposition", "pause"),
    [(D.ABANDONED, 5), (D.MACHINE, 60), (D.NO_ANSWER, 15), (D.UNKNOWN, 15)],
)
def test_picked_up_and_no_agent(first: Office, disposition: Disposition, pause: int) -> None:
    attempt = ended(first, dialled(first, CustomerAnswers), disposition)
    assert (attempt.disposition, attempt.rung) == (disposition, True)
    request = first.request(attempt.request_id)
    assert (request.state, request.rings) == (S.SCHEDULED, 1)
    assert request.due_at == NOW + timedelta(minutes=pause)
    assert (request.line_at == NOW) is (disposition is D.ABANDONED)


def test_an_agent_who_came_too_late_makes_no_talk(first: Office) -> None:
    """The customer had hung up: Asterisk connects the agent to nobody."""
    attempt = ended(first, dialled(first, CustomerAnswers, AgentRings), D.ABANDONED)
    attempt = dialled_on(first, attempt, AgentAnswers)
    assert (attempt.disposition, attempt.answered_at) == (D.ABANDONED, None)
    assert first.request(attempt.request_id).state is S.SCHEDULED


@pytest.mark.parametrize(
    ("reports", "reason"),
    [
        ((), Reason.DIALLING),
        ((CustomerRings,), Reason.CALLING),
        ((CustomerRings, CustomerAnswers), Reason.CONNECTING),
        ((CustomerRings, CustomerAnswers, AgentRings, AgentAnswers), Reason.TALKING),
    ],
)
def test_why(first: Office, reports: tuple[type[Report], ...], reason: Reason) -> None:
    attempt = dialled(first, *reports)
    with first.store.reading() as tx:
        request = tx.requests.get(attempt.request_id)
        assert request is not None
        assert explain(read_facts(tx, request, first.queues["sales"])).reason is reason
