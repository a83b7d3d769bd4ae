"""What is done for many in one transaction is what would be done for each alone."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event

from asterisk_callback.domain.attempt import Attempt, Token
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.gate import Answer, GatePass, GateRefusal, RefusalReason
from asterisk_callback.domain.limits import CallLimits
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.progress import (
    AgentAnswers,
    AgentRings,
    AttemptEnds,
    CustomerAnswers,
    CustomerRings,
    Report,
)
from asterisk_callback.domain.queue import ClaimedCall
from asterisk_callback.domain.request import RequestState
from asterisk_callback.domain.server import DispatcherIdentity
from asterisk_callback.services.calling.claim import claim
from asterisk_callback.store.rows import padded
from tests.factories import Office, number
from tests.store.racing import at_once, failures

TEN = QueueStatus(known=True, logged_in=10, free=10)
JUST_NOW = timedelta(0)


@pytest.fixture(params=["sqlite", "postgresql", "memory"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def claim_all(office: Office, most: int, facts: QueueStatus = TEN) -> Sequence[ClaimedCall]:
    office.enrol()
    return claim(office.store, office.me, office.queues["sales"], facts, office.guard, most)


def attempt_of(office: Office, token: Token) -> Attempt:
    with office.store.reading() as tx:
        found = tx.attempts.by_token(token)
    assert found is not None
    return found


def report_all(office: Office, *reports: Report) -> list[Attempt | None]:
    given = [(report, lambda: JUST_NOW) for report in reports]
    return office.progress.report_all(given, office.me)


def statements_of(office: Office, work: Callable[[], object]) -> int:
    asked: list[str] = []
    with office.store.writing() as tx:
        engine: Any = tx.connection.engine

    def note(*given: Any) -> None:
        asked.append(given[2])

    event.listen(engine, "before_cursor_execute", note)
    work()
    event.remove(engine, "before_cursor_execute", note)
    return len(asked)


def reports_of(token: Token) -> tuple[list[Report], list[Report]]:
    """Of a call: before its gate, and after it."""
    ended = AttemptEnds(token=token, disposition=Disposition.ANSWERED, rung=True)
    before: list[Report] = [
        AgentRings(token=token, agent="A"),
        AgentAnswers(token=token, agent="A"),
    ]
    return before, [CustomerRings(token=token), CustomerAnswers(token=token), ended]


def story_of(office: Office, token: Token) -> object:
    attempt = attempt_of(office, token)
    with office.store.reading() as tx:
        trail = [(one.event, one.old, one.new) for one in tx.trail.of(attempt.request_id)]
    told = attempt.disposition, attempt.agent, attempt.rung, attempt.answered_at is not None
    return told, trail, office.request(attempt.request_id).state


def test_the_reports_of_several_calls_in_one_transaction(office: Office) -> None:
    """The same rows, and a line of the trail for each report."""
    for n in range(3):
        office.submit(n)
    together, apart, foreign = (one.attempt.token for one in claim_all(office, 3))
    before, after = reports_of(together)
    others: list[Report] = [
        CustomerRings(token=Token("9" * 27)),
        AgentRings(token=foreign, agent="B"),
    ]
    answers = report_all(office, before[0], *others, before[1])
    assert [one and one.token for one in answers] == [together, None, foreign, together]
    assert isinstance(office.gate.ask(together), GatePass)
    after.append(CustomerRings(token=together))
    assert [one and one.open for one in report_all(office, *after)] == [True, True, False, False]
    before, after = reports_of(apart)
    for report in before:
        office.progress.report(report, office.me)
    assert isinstance(office.gate.ask(apart), GatePass)
    for report in after:
        office.progress.report(report, office.me)
    assert story_of(office, together) == story_of(office, apart)
    assert attempt_of(office, together).disposition is Disposition.ANSWERED
    assert attempt_of(office, foreign).agent == "B"


def test_the_ends_of_several_calls_are_written_together(office: Office) -> None:
    """Each request goes on as by its own call alone, by as many statements as for one."""
    ends = [
        (Disposition.ANSWERED, True),
        (Disposition.BUSY, True),
        (Disposition.NO_ANSWER, True),
        (Disposition.TRUNK_FAULT, False),
        (Disposition.INVALID_NUMBER, False),
    ]
    for n in range(2 * len(ends)):
        office.submit(n)
    claims = claim_all(office, 10)
    for one in claims:
        assert isinstance(office.gate.ask(one.attempt.token), GatePass)
    reports = [
        AttemptEnds(token=one.attempt.token, disposition=disposition, rung=rung)
        for one, (disposition, rung) in zip(claims, [*ends, *ends], strict=True)
    ]
    for report in reports[: len(ends)]:
        office.progress.report(report, office.me)
    report_all(office, *reports[len(ends) :])
    stories = [story_of(office, one.attempt.token) for one in claims]
    assert stories[: len(ends)] == stories[len(ends) :]
    rings = [office.request(one.attempt.request_id).rings for one in claims]
    assert rings[: len(ends)] == rings[len(ends) :] == [1, 1, 1, 0, 0]


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"], indirect=True)
def test_the_ends_of_several_calls_take_no_more_statements_than_one(office: Office) -> None:
    for n in range(9):
        office.submit(n)
    claims = claim_all(office, 9)
    for one in claims:
        office.gate.ask(one.attempt.token)
    ends = [
        AttemptEnds(token=one.attempt.token, disposition=Disposition.ANSWERED, rung=True)
        for one in claims
    ]
    report_all(office, ends[0])
    one_end = statements_of(office, lambda: report_all(office, ends[1]))
    assert statements_of(office, lambda: report_all(office, *ends[2:])) == one_end
    assert all(not attempt_of(office, one.attempt.token).open for one in claims)


def test_one_that_is_another_dispatchers_by_now_lets_none_be_written(office: Office) -> None:
    """P6. Whoever writes them asks for each alone then."""
    for n in range(2):
        office.submit(n)
    mine, gone = (one.attempt for one in claim_all(office, 2))
    with office.store.writing() as tx:
        adopted = gone.evolve(owner="d9", epoch=9)
        tx.attempts.change(gone, adopted, actor="d9", reason="adopted")
    with pytest.raises(StaleWrite):
        report_all(office, *(AgentRings(token=one.token, agent="A") for one in (mine, gone)))
    assert attempt_of(office, mine.token).agent_rang_at is None
    assert report_all(office, AgentRings(token=mine.token, agent="A"))[0] is not None


def test_as_many_are_claimed_as_there_are_agents(office: Office) -> None:
    """In the order of the line, and none for whom no agent is free."""
    asked = [office.submit(n).request.id for n in range(6)]
    first = claim_all(office, 32, replace(TEN, free=4))
    assert [one.attempt.request_id for one in first] == asked[:4]
    assert claim_all(office, 32, replace(TEN, free=4)) == ()
    assert [one.attempt.request_id for one in claim_all(office, 1)] == asked[4:5]
    assert len({one.attempt.token for one in first}) == 4
    for one in asked[:5]:
        assert office.request(one).state is RequestState.IN_PROGRESS


def test_no_more_are_claimed_than_the_limits_let_through(office: Office) -> None:
    for n in range(5):
        office.submit(n)
    office.limits = replace(office.limits, calls=CallLimits(at_once=2))
    assert len(claim_all(office, 32)) == 2
    assert claim_all(office, 32) == ()
    office.limits = replace(office.limits, calls=CallLimits(per_hour=3))
    assert len(claim_all(office, 32)) == 1


def test_who_may_not_be_called_keeps_none_of_the_others_waiting(office: Office) -> None:
    asked = [office.submit(n).request.id for n in range(4)]
    with office.store.writing() as tx:
        tx.suppressions.add(number(1), "asked for it")
    claimed = [one.attempt.request_id for one in claim_all(office, 32)]
    assert claimed == [asked[0], asked[2], asked[3]]
    assert not office.request(asked[1]).open


def test_two_dispatchers_who_claim_the_same_numbers_never_wait_for_each_other(
    office: Office,
) -> None:
    """Two queues with the same numbers in opposite order: each number is called by one of them."""
    for n in range(6):
        office.submit(n, "sales")
    for n in reversed(range(6)):
        office.submit(n, "support")
    office.enrol()
    other = Office(
        store=office.store, queues=office.queues, me=DispatcherIdentity(name="d2", epoch=2)
    )
    other.enrol()

    def take(one: Office, queue: str) -> Sequence[ClaimedCall]:
        return claim(one.store, one.me, one.queues[queue], TEN, one.guard, 32)

    results = at_once(lambda: take(office, "sales"), lambda: take(other, "support"))
    assert failures(results) == []
    called = [one.attempt.e164 for claims in results for one in claims]
    assert len(called) == len(set(called)) == 6


def test_whoever_waited_for_the_rows_sees_them_as_they_are_then(office: Office) -> None:
    """What changed an attempt while its request's row was waited for is seen: a report that took it
    for one that had not passed the gate would be refused as stale."""
    for n in range(20):
        attempt = office.attempt(n)
        ring = AgentRings(token=attempt.token, agent="A")
        passes, rings = (
            partial(office.gate.ask, attempt.token),
            partial(office.progress.report, ring, office.me),
        )
        assert failures(at_once(passes, rings)) == []
        seen = attempt_of(office, attempt.token)
        assert seen.gate_at is not None and seen.agent_rang_at is not None


@pytest.mark.parametrize(("given", "size"), [(0, 0), (1, 1), (2, 2), (3, 4), (5, 8), (64, 64)])
def test_the_values_of_an_in_have_few_sizes(given: int, size: int) -> None:
    found = padded(list(range(given)))
    assert len(found) == size and set(found) == set(range(given))


def test_a_group_at_the_gate_is_answered_as_each_alone_would_be(office: Office) -> None:
    """By their places: who may, who is suppressed, a token of nobody, one that had its yes."""
    for n in range(4):
        office.submit(n)
    some = [one.attempt for one in claim_all(office, 4)]
    with office.store.writing() as tx:
        tx.suppressions.add(some[1].e164, "asked for it")
    assert isinstance(office.gate.ask(some[2].token), GatePass)
    tokens = [some[0].token, some[1].token, "9" * 27, some[2].token, "no token", some[3].token]
    answers = office.gate.ask_all(tokens)
    assert isinstance(answers[0], GatePass) and isinstance(answers[5], GatePass)
    assert [answers[0].number.e164, answers[5].number.e164] == [some[0].e164, some[3].e164]
    unknown, used = RefusalReason.UNKNOWN, RefusalReason.USED
    assert answers[1:5] == [
        GateRefusal(reason=one) for one in (RefusalReason.SUPPRESSED, unknown, used, unknown)
    ]
    for one in (some[0], some[3]):
        assert attempt_of(office, one.token).gate_at is not None
    assert not attempt_of(office, some[1].token).open


def test_a_token_that_is_asked_twice_in_a_group_gets_one_yes(office: Office) -> None:
    """P2. Its second place is to be asked alone, and hears no."""
    token = office.attempt().token
    answers = office.gate.ask_all([token, token, token])
    assert isinstance(answers[0], GatePass) and answers[1:] == [None, None]
    assert office.gate.ask(token) == GateRefusal(reason=RefusalReason.USED)


def test_the_limits_count_each_yes_of_a_group(office: Office) -> None:
    for n in range(4):
        office.submit(n)
    some = [one.attempt for one in claim_all(office, 4)]
    office.limits = replace(office.limits, calls=CallLimits(per_hour=2))
    answers = office.gate.ask_all([one.token for one in some])
    assert [isinstance(one, GatePass) for one in answers] == [True, True, False, False]
    assert answers[2] == GateRefusal(reason=RefusalReason.HOUR_LIMIT)


def test_groups_of_two_dispatchers_give_each_token_one_yes(office: Office) -> None:
    """P2. What the one group holds the other leaves to be asked alone."""
    for n in range(12):
        office.submit(n)
    tokens = [one.attempt.token for one in claim_all(office, 12, replace(TEN, free=12))]
    other = Office(
        store=office.store, queues=office.queues, me=DispatcherIdentity(name="d2", epoch=2)
    )

    def ask(one: Office, some: Sequence[Token]) -> Sequence[Answer]:
        given = one.gate.ask_all(some)
        return [one.gate.ask(token) if answer is None else answer
                for token, answer in zip(some, given, strict=True)]  # fmt: skip

    results = at_once(partial(ask, office, tokens), partial(ask, other, tokens[::-1]))
    assert failures(results) == []
    for mine, theirs in zip(results[0], results[1][::-1], strict=True):
        assert {isinstance(one, GatePass) for one in (mine, theirs)} == {True, False}
