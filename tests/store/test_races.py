"""Two at the same instant: what must not happen twice does not, and nobody is refused for it."""

import contextlib
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random
from threading import Lock
from typing import Any

import pytest

from asterisk_callback.domain.attempt import Token
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import NotPossible, StaleWrite
from asterisk_callback.domain.gate import GatePass, GateRefusal, RefusalReason
from asterisk_callback.domain.limits import CallLimits, Limits
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.progress import AttemptEnds, CustomerAnswers, CustomerRings
from asterisk_callback.domain.queue import ClaimedCall
from asterisk_callback.domain.request import RequestState
from asterisk_callback.domain.server import DispatcherIdentity
from asterisk_callback.services.booking.booking import BookingResult, Origin, Submission
from asterisk_callback.services.booking.withdraw import withdraw
from asterisk_callback.services.calling.release import expire, release
from asterisk_callback.store import SqlStore
from tests.factories import PLENTY, UNLIMITED, Office, callback_queue
from tests.store.conftest import OpenStore
from tests.store.racing import at_once, failures
from tests.unit.services.oracle import Oracle

TIMES = 15


@pytest.fixture
def second_office(url: str, open_store: OpenStore, office: Office) -> Office:
    """The same company, as another process sees it."""
    return Office(
        store=open_store(url), queues=office.queues, me=DispatcherIdentity(name="d2", epoch=2)
    )


def count(store: SqlStore, table: str) -> int:
    with store.connect() as connection, connection.begin():
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def test_fifty_submits_with_one_key_are_one(office: Office) -> None:
    """P12."""
    results = at_once(*[lambda: office.submit(key="k") for _ in range(50)])
    assert failures(results) == []
    assert sum(booked.new for booked in results) == 1
    assert len({booked.secret for booked in results}) == 1
    assert (count(office.store, "wish"), count(office.store, "callback_request")) == (1, 1)


def test_submits_for_one_number_merge(office: Office) -> None:
    """P3, P12: one request, and each wish has a secret of its own."""
    results = at_once(*[office.submit for _ in range(20)])
    assert failures(results) == []
    assert len({booked.secret for booked in results}) == 20
    assert (count(office.store, "wish"), count(office.store, "callback_request")) == (20, 1)


def test_the_limit_per_address_holds(office: Office) -> None:
    office.limits = replace(UNLIMITED, wishes_per_address=5)
    works = [partial(office.submit, n, address="192.0.2.1") for n in range(12)]
    results = at_once(*works)
    assert sum(isinstance(one, BookingResult) for one in results) == 5
    assert {type(error).__name__ for error in failures(results)} == {"LimitReached"}


@pytest.mark.parametrize(
    ("limits", "numbers"),
    [
        (replace(UNLIMITED, requests_per_number=2), ["+447400123456"] * 6),
        (replace(UNLIMITED, requests_per_number_in_30_days=2), ["+447400123456"] * 6),
        (replace(UNLIMITED, requests_per_block=2), [f"+44740012345{n}" for n in range(6)]),
        (replace(UNLIMITED, requests_per_country=2), [f"+49309018{n}20" for n in range(6)]),
    ],
    ids=["a day", "30 days", "block", "country"],
)
def test_the_limits_of_requests_hold(
    office: Office, second_office: Office, limits: Limits, numbers: list[str]
) -> None:
    """Of six at once, in two web processes, as many are accepted as the limit says."""
    queues = {f"q{n}": callback_queue(f"q{n}", regions=("GB", "DE")) for n in range(6)}
    for one in (office, second_office):
        one.queues, one.limits = queues, limits

    def ask(n: int) -> BookingResult:
        one = (office, second_office)[n % 2]
        submission = Submission(phone=numbers[n], queue=f"q{n}")
        return one.booking.submit(submission, Origin(scope="site", actor="customer"))

    results = at_once(*[partial(ask, n) for n in range(6)])
    assert sum(isinstance(one, BookingResult) for one in results) == 2
    assert {type(error).__name__ for error in failures(results)} == {"LimitReached"}
    assert count(office.store, "callback_request") == 2


def test_gate_and_cancel(office: Office, second_office: Office) -> None:
    """P5, P10: either the phone may ring and is hung up, or the cancel was final. Never both."""
    won: Counter[str] = Counter()
    for n in range(TIMES):
        booked = office.submit(n)
        claimed = office.claim()
        assert claimed is not None
        token = claimed.attempt.token
        answer, cancelled = at_once(
            partial(office.gate.ask, token),
            partial(withdraw, second_office.store, booked.wish),
        )
        assert failures([answer, cancelled]) == []
        (attempt,) = office.attempts(booked.request.id)
        state = office.request(booked.request.id).state
        if isinstance(answer, GatePass):
            won["gate"] += 1
            assert state is RequestState.IN_PROGRESS
            assert attempt.hangup_asked_at is not None
        else:
            won["cancel"] += 1
            assert answer.reason is RefusalReason.CANCELLED
            assert (state, attempt.gate_at) == (RequestState.CANCELLED, None)
    assert won.total() == TIMES


def test_two_gates_and_one_token(office: Office, second_office: Office) -> None:
    """P2: one yes, whoever asks."""
    for n in range(TIMES):
        token = office.attempt(n).token
        answers = at_once(*[partial(o.gate.ask, token) for o in (office, second_office) * 2])
        assert failures(answers) == []
        assert sum(isinstance(answer, GatePass) for answer in answers) == 1
        assert {a.reason for a in answers if isinstance(a, GateRefusal)} == {RefusalReason.USED}


def test_two_gates_at_a_cap_of_one(office: Office, second_office: Office) -> None:
    """P13: the last call of the hour goes to one of them."""
    for passed in range(TIMES):  # each round leaves one call of this hour in the table
        office.limits = UNLIMITED
        tokens = [office.attempt(2 * passed + i).token for i in (0, 1)]
        office.limits = second_office.limits = replace(
            UNLIMITED, calls=CallLimits(per_hour=passed + 1)
        )
        answers = at_once(
            *[
                partial(o.gate.ask, token)
                for token, o in zip(tokens, (office, second_office), strict=True)
            ]
        )
        assert failures(answers) == []
        assert sorted(isinstance(answer, GatePass) for answer in answers) == [False, True]
        assert {a.reason for a in answers if isinstance(a, GateRefusal)} == {
            RefusalReason.HOUR_LIMIT
        }


def test_gate_and_reconciliation(office: Office, second_office: Office) -> None:
    """P2, P4: closed as not rung and then rung, or rung and then counted. Never in between."""
    for n in range(TIMES):
        attempt = office.attempt(n)
        answer, ended = at_once(
            partial(office.gate.ask, attempt.token),
            partial(second_office.reconciliation.decide, [attempt], {}, office.me),
        )
        assert failures([answer, ended]) == []
        assert ended == 1
        # On a slow machine one of before is back in line, and was claimed again.
        after = next(a for a in office.attempts(attempt.request_id) if a.id == attempt.id)
        passed = isinstance(answer, GatePass)
        assert after.rung == passed == (after.gate_at is not None)
        assert after.disposition is (Disposition.UNKNOWN if passed else Disposition.AGENT_GONE)


def test_gate_and_adoption(office: Office, second_office: Office) -> None:
    """Both succeed: a gate never dies because another dispatcher takes over."""
    for n in range(TIMES):
        attempt = office.attempt(n)
        with office.store.writing() as tx:
            tx.servers.unregister(office.me.name, office.me.epoch)
        office.forget_lease()
        answer, adopted = at_once(
            partial(office.gate.ask, attempt.token),
            lambda: second_office.reconciliation.adopt("main", second_office.me),
        )
        assert failures([answer, adopted]) == []
        assert isinstance(answer, GatePass)
        assert adopted == 1
        (after,) = office.attempts(attempt.request_id)
        assert (after.epoch, after.gate_at is not None) == (2, True)
        end = AttemptEnds(token=attempt.token, disposition=Disposition.ANSWERED, rung=True)
        second_office.progress.report(end, second_office.me)


def test_dispatchers_claim_each_request_once(office: Office, second_office: Office) -> None:
    """P3, P18: in the order of the line, and no more than agents are free, plus one."""
    requests = [office.submit(n).request.id for n in range(6)]
    three = QueueStatus(known=True, logged_in=9, free=2, one_more=True)
    claims = at_once(*[partial(o.claim, "sales", three) for o in (office, second_office) * 4])
    assert failures(claims) == []
    claimed = sorted(one.attempt.request_id for one in claims if isinstance(one, ClaimedCall))
    assert claimed == requests[:3]


def test_one_number_in_two_queues_is_rung_once_at_a_time(
    office: Office, second_office: Office
) -> None:
    for n in range(TIMES):
        booked = [office.submit(n, queue) for queue in ("sales", "support")]
        claims = at_once(lambda: office.claim("sales"), lambda: second_office.claim("support"))
        assert failures(claims) == []
        assert sum(isinstance(one, ClaimedCall) for one in claims) == 1
        for one in booked:
            withdraw(office.store, one.wish)


def test_eight_writers_are_never_refused(office: Office) -> None:
    """SQLite: BEGIN IMMEDIATE; a deferred one that turns into a writer fails at once."""

    def write(writer: int) -> None:
        for n in range(12):
            with office.store.writing() as tx:
                tx.servers.queue_facts(
                    "main", "all"
                )  # a read first: what makes a deferred one fail
                tx.servers.put_queue_facts("main", "all", PLENTY)
                tx.servers.register(f"{writer}-{n}", "main", timedelta(seconds=15))

    results = at_once(*[partial(write, writer) for writer in range(8)])
    assert failures(results) == []
    with office.store.reading() as tx:
        assert sorted(one.epoch for one in tx.servers.all()) == list(range(1, 97))


class Crowd:
    """Does anything at random, as fast as it can; only the expected refusals are let pass."""

    def __init__(self, office: Office, oracle: Oracle) -> None:
        self.office, self.oracle = office, oracle
        self.booked: list[BookingResult] = []
        self.tokens: list[Token] = []
        self.lock = Lock()

    def run(self, seed: int) -> None:
        random = Random(seed)
        for _ in range(30):
            with contextlib.suppress(NotPossible, StaleWrite):
                self.step(random)

    def step(self, random: Random) -> None:
        office, token = self.office, random.choice(self.tokens[-4:] or [None])
        kinds = ["submit", "claim", "withdraw", "release", "gate", "gate", "report", "adopt"]
        match random.choice(kinds), token:
            case "submit", _:
                self.booked.append(office.submit(random.randrange(4), random.choice(_QUEUES)))
            case "claim", _:
                claimed = office.claim(random.choice(_QUEUES))
                if claimed is not None:
                    self.tokens.append(claimed.attempt.token)
            case "withdraw", _ if self.booked:
                withdraw(office.store, random.choice(self.booked[-6:]).wish)
            case "release", _:
                release(office.store)
                expire(office.store)
            case "gate", str():
                if isinstance(office.gate.ask(token), GatePass):
                    with self.lock:
                        self.oracle.passed(token)
            case "report", str():
                office.progress.report(self.something(random, token), office.me)
            case "adopt", _:
                office.reconciliation.adopt("main", office.me)

    def something(self, random: Random, token: Token) -> Any:
        dispositions = [one for one in Disposition if one is not Disposition.CANCELLED]
        end = AttemptEnds(token=token, disposition=random.choice(dispositions), rung=True)
        return random.choice([CustomerRings(token=token), CustomerAnswers(token=token), end, end])


_QUEUES = ("sales", "support")


def test_a_crowd_keeps_the_promises(office: Office) -> None:
    """Deadlocks, lost locks and forgotten lock orders show up here."""
    office.queues = {name: callback_queue(name) for name in _QUEUES}
    oracle = Oracle(office.store)
    crowd = Crowd(office, oracle)
    assert failures(at_once(*[partial(crowd.run, s) for s in range(6)])) == []
    oracle.check()


def test_a_second_is_counted_from_when_the_lock_was_had(url: str, open_store: OpenStore) -> None:
    """Who waited for a counter's lock must not write, nor count, with the time before the wait."""
    store = open_store(url)
    with store.writing() as tx:
        before = tx.now
        assert tx.now == before
        assert tx.refresh_now() > before
        assert tx.now > before
