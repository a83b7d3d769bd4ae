"""One refused number is not the trunk's fault; and a second trunk where the first one fails."""

from datetime import timedelta

import pytest

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.gate import GatePass, GateRefusal, RefusalReason
from asterisk_callback.domain.limits import CallLimits
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.progress import AttemptEnds
from asterisk_callback.domain.queue import ClaimedCall
from asterisk_callback.domain.request import RequestState
from asterisk_callback.domain.trunk import Fate, Trunk, names_the_line, tail_of
from asterisk_callback.services.calling.release import expire, release
from asterisk_callback.services.telling.operator import Alarms
from tests.factories import NOW, SERVER, Office, SetClock, callback_queue, number

D = Disposition
SEC = timedelta(seconds=1)
ONE_AGENT = QueueStatus(known=True, logged_in=1, free=1)
REFUSED = "CHANUNAVAIL, SIP 403, cause 21"
DEAD = "NOANSWER, cause 16"


def passed(office: Office, claimed: ClaimedCall | None) -> Attempt:
    assert claimed is not None
    assert isinstance(office.gate.ask(claimed.attempt.token), GatePass)
    return claimed.attempt


def ends(office: Office, attempt: Attempt, disposition: D, detail: str = REFUSED) -> None:
    rung = disposition in (D.BUSY, D.ANSWERED)
    cause = 16 if detail == DEAD else 21
    report = AttemptEnds(
        token=attempt.token, disposition=disposition, rung=rung, cause=cause, detail=detail
    )
    office.progress.report(report, office.me)


def alarms(office: Office) -> list[str]:
    look = Alarms(store=office.store, queues=office.queues, server=SERVER).look(None)
    return [event.value for event, _ in look]


@pytest.mark.case("CASES 2: one refused number does not stop its trunk")
@pytest.mark.parametrize("queues", [["sales"] * 4, ["sales", "sales", "support", "support"]])
def test_one_number_that_is_refused_keeps_nobody_waiting(
    office: Office, clock: SetClock, queues: list[str]
) -> None:
    """10 minutes with one agent: the others are called within the first, whoever's turn it is."""
    refused, *others = [office.submit(n, queue).request for n, queue in enumerate(queues)]
    called: dict[int, timedelta] = {}
    for second in range(600):
        clock.now = NOW + second * SEC
        release(office.store)
        for queue in ("sales", "support"):
            claimed = office.claim(queue, ONE_AGENT)
            if claimed is None:
                continue
            attempt = passed(office, claimed)
            if attempt.request_id == refused.id:
                ends(office, attempt, D.TRUNK_FAULT)
            else:
                called[attempt.request_id] = clock.now - NOW
                ends(office, attempt, D.ANSWERED, "ANSWER")
    assert set(called) == {one.id for one in others}
    assert max(called.values()) < timedelta(minutes=1)
    # It is tried on, alone and ever more rarely, and ends at last.
    tries = office.attempts(refused.id)
    assert 3 <= len(tries) <= 6
    assert office.request(refused.id).rings == 0
    clock.now = office.request(refused.id).expires_at
    expire(office.store)
    assert office.request(refused.id).state is RequestState.EXPIRED


@pytest.mark.case("CASES 2: the request that failed is not the probe while others wait")
def test_a_doubted_trunk_is_probed_by_another_number(office: Office, clock: SetClock) -> None:
    for n in range(2):
        office.submit(n)
    for _ in range(2):
        ends(office, passed(office, office.claim()), D.TRUNK_FAULT)
    waiting = office.submit(2).request
    assert office.claim() is None  # two numbers: it is the line, and it pauses
    clock.advance(minutes=2)
    release(office.store)
    probe = passed(office, office.claim())
    assert probe.request_id == waiting.id  # though the others are before it in line
    assert office.claim() is None
    ends(office, probe, D.BUSY, "BUSY, SIP 486, cause 17")
    assert office.claim() is not None


def test_alone_they_are_the_probe(office: Office, clock: SetClock) -> None:
    for n in range(2):
        office.submit(n)
    for _ in range(2):
        ends(office, passed(office, office.claim()), D.TRUNK_FAULT)
    clock.advance(seconds=61)
    assert office.claim() is None  # the first turn is kept for others
    clock.advance(seconds=5)
    assert office.claim() is not None


def test_a_dead_line_needs_no_second_number(office: Office) -> None:
    office.submit(0)
    office.submit(1)
    ends(office, passed(office, office.claim()), D.TRUNK_FAULT, DEAD)
    assert office.claim() is None
    assert alarms(office) == ["raised"]


def test_a_number_s_own_fault_alarms_once(office: Office, clock: SetClock) -> None:
    ends(office, passed(office, office.claim_of(0)), D.TRUNK_FAULT)
    assert alarms(office) == ["raised"]  # nobody knows better yet
    clock.advance(seconds=1)
    ends(office, passed(office, office.claim_of(1)), D.BUSY)
    assert alarms(office) == ["cleared"]
    for _ in range(3):
        clock.advance(minutes=11)
        ends(office, passed(office, office.claim()), D.TRUNK_FAULT)
        assert alarms(office) == []
    ends(office, passed(office, office.claim_of(2)), D.TRUNK_FAULT)
    assert alarms(office) == ["raised"]  # another one: that is news


@pytest.mark.parametrize(
    ("cause", "detail", "line"),
    [
        (21, REFUSED, False),
        (21, "CHANUNAVAIL, SIP 500, cause 21", False),
        (16, "NOANSWER, SIP 100, cause 16", False),
        (21, "CHANUNAVAIL, SIP 401, cause 21", True),
        (21, "CHANUNAVAIL, SIP 407, cause 21", True),
        (3, "CHANUNAVAIL, cause 3", True),  # no such endpoint, or unreachable
        (16, DEAD, True),
        (16, "BUSY, cause 16", False),  # a redirection
        (21, "CHANUNAVAIL, cause 21", False),  # a line without SIP that declines the number
        (None, "", True),
    ],
)
def test_what_names_the_line(cause: int | None, detail: str, line: bool) -> None:
    assert names_the_line(cause, detail) is line


def test_a_bare_100_proves_nothing_and_counts_once_for_a_number() -> None:
    said = {"disposition": D.TRUNK_FAULT, "cause": 16, "detail": "NOANSWER, SIP 100, cause 16"}
    silent = [Fate(e164=number(0), ended_at=NOW - n * SEC, rung=True, **said) for n in range(3)]  # type: ignore[arg-type]
    tail = tail_of(silent, lambda numbers, _: numbers, open=0)
    assert (tail.faults, tail.doubted, tail.own) == (1, False, False)
    other = Fate(e164=number(1), ended_at=NOW - 9 * SEC, rung=True, **said)  # type: ignore[arg-type]
    assert tail_of([*silent, other], lambda numbers, _: numbers, open=0).doubted


A, B, C = (
    Trunk(name=name, dial=f"PJSIP/{{digits}}@{name}", caller_id=f"+44207946010{n}")
    for n, name in enumerate("abc")
)


@pytest.fixture
def two(office: Office) -> Office:
    office.queues = {"sales": callback_queue(trunk=A, more_trunks=(B,))}
    return office


@pytest.mark.case("CASES 2: a second trunk")
def test_after_a_fault_without_a_ring_the_next_trunk(two: Office, clock: SetClock) -> None:
    request = two.submit(0).request
    ends(two, passed(two, two.claim()), D.TRUNK_FAULT)
    clock.advance(seconds=5)
    release(two.store)
    claimed = two.claim()
    assert claimed is not None and claimed.trunk == B
    answer = two.gate.ask(claimed.attempt.token)
    assert isinstance(answer, GatePass)
    assert (answer.dial_string, answer.caller_id) == (f"PJSIP/{number(0)[1:]}@b", B.caller_id)
    ends(two, claimed.attempt, D.TRUNK_FAULT)
    # Both failed: now it pauses, and begins again with the first.
    assert two.request(request.id).due_at >= clock.now + 30 * SEC
    clock.advance(minutes=2)
    claimed = two.claim()
    assert claimed is not None and claimed.trunk == A


@pytest.mark.case("CASES 2: a paused trunk is skipped")
def test_a_paused_trunk_is_skipped(two: Office) -> None:
    two.submit(0)
    two.submit(1)
    ends(two, passed(two, two.claim()), D.TRUNK_FAULT, DEAD)
    claimed = two.claim()
    assert claimed is not None and claimed.trunk == B
    ends(two, passed(two, claimed), D.TRUNK_FAULT, DEAD)
    two.submit(2)
    assert two.claim() is None


def test_a_ring_stays_with_the_first_trunk(two: Office, clock: SetClock) -> None:
    two.submit(0)
    ends(two, passed(two, two.claim()), D.BUSY)
    clock.advance(minutes=6)
    release(two.store)
    claimed = two.claim()
    assert claimed is not None and claimed.trunk == A


def test_a_full_trunk_is_skipped_and_its_limit_holds(office: Office) -> None:
    full = Trunk(name="a", dial=A.dial, caller_id="", limits=CallLimits(at_once=1))
    office.queues = {"sales": callback_queue(trunk=full, more_trunks=(B,))}
    for n in range(3):
        office.submit(n)
    names = [office.claim().trunk.name for _ in range(3)]  # type: ignore[union-attr]
    assert names == ["a", "b", "b"]


def test_countries_with_trunks_of_their_own(office: Office) -> None:
    office.queues = {"sales": callback_queue(trunk=A, trunks_by_country={"GB": (C,)})}
    office.submit(0)
    claimed = office.claim()
    assert claimed is not None and claimed.trunk == C
    ends(office, passed(office, claimed), D.TRUNK_FAULT, DEAD)
    office.submit(1)
    assert office.claim() is None  # that the other trunk is well helps only other countries
    queue = office.queues["sales"]
    assert [one.name for one in queue.every_trunk] == ["a", "c"]
    assert queue.trunks_for("FR") == (A,)


def test_a_trunk_that_was_taken_away_since_the_claim(two: Office) -> None:
    attempt = two.attempt(0)
    two.queues = {"sales": callback_queue(trunk=B)}
    assert two.gate.ask(attempt.token) == GateRefusal(reason=RefusalReason.TRUNK_GONE)
    request = two.request(attempt.request_id)
    assert (request.state, request.due_at) == (RequestState.QUEUED, NOW + 5 * SEC)
