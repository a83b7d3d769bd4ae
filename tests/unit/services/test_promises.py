"""Any order of everything that can happen keeps the promises (a stateful property test).

Customers, the company, the clock, Asterisk and a reconciliation act in whatever order hypothesis
finds; after each step the whole database is held against the promises.
"""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)  # fmt: skip

from asterisk_callback.domain.attempt import Attempt, Token
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import IdempotencyConflict, NotPossible, StaleWrite
from asterisk_callback.domain.gate import GatePass, GateRefusal, RefusalReason
from asterisk_callback.domain.progress import (
    AgentAnswers,
    AgentRings,
    AttemptEnds,
    CustomerAnswers,
    CustomerRings,
    Report,
)  # fmt: skip
from asterisk_callback.domain.server import DispatcherIdentity
from asterisk_callback.domain.wish import deciding
from asterisk_callback.services.booking.booking import BookingResult
from asterisk_callback.services.booking.withdraw import cancel, withdraw
from asterisk_callback.services.calling.release import expire, release
from tests.factories import NOW, Office, SetClock, callback_queue, number, sqlite_store
from tests.unit.services.oracle import Oracle

QUEUES = ("sales", "support")
NUMBERS = 2
PAUSES = [1, 6, 31, 301, 901, 3601, 40_000]
# "cancelled" is our own verdict: no line reports it.
LINE_SAYS = [disposition for disposition in Disposition if disposition is not Disposition.CANCELLED]

recent = st.sampled_from([0, 0, 0, 0, 1, 2, 3])
wished = st.none() | st.sampled_from([10, 600, 3000])
numbers = st.integers(0, NUMBERS - 1)
queues = st.sampled_from(["sales", "sales", "sales", "support"])


class Promises(RuleBasedStateMachine):
    """recent: 0 is the newest of its kind, so that most steps continue what is under way."""

    @initialize()
    def open_the_office(self) -> None:
        fast = "/dev/shm" if os.path.isdir("/dev/shm") else None
        self.folder = Path(tempfile.mkdtemp(dir=fast))
        self.clock = SetClock()
        self.store = sqlite_store(self.folder, self.clock)
        self.office = Office(
            store=self.store, queues={name: callback_queue(name) for name in QUEUES}
        )
        self.booked: list[BookingResult] = []
        self.tokens: list[Token] = []
        self.oracle = Oracle(self.store)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            shutil.rmtree(self.folder)

    def tick(self) -> None:
        self.clock.advance(milliseconds=1)

    def wish(self, back: int) -> BookingResult:
        return self.booked[-1 - back % len(self.booked)]

    def token(self, back: int) -> Token:
        return self.tokens[-1 - back % len(self.tokens)]

    def attempt(self, token: Token) -> Attempt:
        with self.store.reading() as tx:
            found = tx.attempts.by_token(token)
        assert found is not None
        return found

    # --- customers and company --------------------------------------------------------------

    @rule(n=numbers, queue=queues, minutes=wished)
    def submit(self, n: int, queue: str, minutes: int | None) -> None:
        self.tick()
        when = self.clock.now.timestamp() + 60 * minutes if minutes else None
        text = type(NOW).fromtimestamp(when, NOW.tzinfo).isoformat() if when else None
        key = f"key-{len(self.booked)}"
        booked = self.office.submit(n, queue, scheduled_for=text, key=key)
        assert booked.new
        assert booked.request.e164 == number(n)
        self.booked.append(booked)
        self.check_repeated(booked, n, queue, text, key)

    def check_repeated(
        self, first: BookingResult, n: int, queue: str, text: str | None, key: str
    ) -> None:
        """P12, at once and as often as wanted."""
        again = self.office.submit(n, queue, scheduled_for=text, key=key)
        assert (again.new, again.wish, again.secret) == (False, first.wish, first.secret)
        with pytest.raises(IdempotencyConflict):
            self.office.submit(n, queue, scheduled_for=text, key=key, name="another")

    @precondition(lambda self: self.booked)
    @rule(back=recent)
    def withdraw(self, back: int) -> None:
        self.tick()
        booked = self.wish(back)
        try:
            withdraw(self.store, booked.wish)
        except NotPossible:
            assert not self.oracle.can_be_withdrawn(booked.wish)

    @precondition(lambda self: self.booked)
    @rule(back=recent)
    def company_cancels(self, back: int) -> None:
        self.tick()
        request = self.wish(back).request
        try:
            cancel(self.store, request, actor="operator")
        except NotPossible:
            assert self.oracle.talks_or_ended(request.id)

    @rule(n=numbers, queue=queues, later=wished, gated=st.booleans(), again=st.booleans())
    def changes_their_mind(
        self, n: int, queue: str, later: int | None, gated: bool, again: bool
    ) -> None:
        """Asks, is claimed, cancels at the worst moment; perhaps another wish stands or comes."""
        if later:
            self.submit(n, queue, later)
        self.submit(n, queue, None)
        self.claim(queue)
        if self.tokens and gated:
            self.gate(0)
        self.withdraw(0)
        if again:
            self.submit(n, queue, None)
        if self.tokens:
            self.gate(0)
            self.ends(0, Disposition.ABANDONED, True)

    # --- time -------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from(PAUSES))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)

    @rule()
    def release_and_expire(self) -> None:
        self.tick()
        release(self.store)
        expire(self.store)
        assert (release(self.store), expire(self.store)) == (0, 0)

    # --- dispatcher and Asterisk ------------------------------------------------------------

    @rule(queue=queues)
    def claim(self, queue: str) -> None:
        self.tick()
        claimed = self.office.claim(queue)
        if claimed is not None:
            self.tokens.append(claimed.attempt.token)

    @precondition(lambda self: self.tokens)
    @rule(back=recent)
    def gate(self, back: int) -> None:
        self.tick()
        token = self.token(back)
        before = self.attempt(token)
        answer = self.office.gate.ask(token)
        if isinstance(answer, GateRefusal):
            assert before.gate_at is None or answer.reason is RefusalReason.USED
            return
        assert isinstance(answer, GatePass)
        assert answer.number.e164 == before.e164
        self.oracle.passed(token)
        with self.store.reading() as tx:
            due = deciding(tx.wishes.of(before.request_id))
        assert due is not None and due.due_at <= self.clock.now  # wanted, and not before its time

    @precondition(lambda self: self.tokens)
    @rule(back=recent, report=st.sampled_from([AgentRings, AgentAnswers]))
    def agent(self, back: int, report: type[AgentRings] | type[AgentAnswers]) -> None:
        self.report(report(token=self.token(back), agent="Anna"))

    @precondition(lambda self: self.tokens)
    @rule(back=recent, report=st.sampled_from([CustomerRings, CustomerAnswers]))
    def customer(self, back: int, report: type[CustomerRings] | type[CustomerAnswers]) -> None:
        self.report(report(token=self.token(back)))

    @precondition(lambda self: self.tokens)
    @rule(back=recent, disposition=st.sampled_from(LINE_SAYS), rung=st.booleans())
    def ends(self, back: int, disposition: Disposition, rung: bool) -> None:
        self.report(AttemptEnds(token=self.token(back), disposition=disposition, rung=rung))

    def report(self, report: Report) -> None:
        """Each report comes twice; the second time nothing is written. A late one for an attempt
        that ended under another epoch is refused (P6)."""
        self.tick()
        attempt = self.attempt(report.token)
        if attempt.epoch != self.office.me.epoch:
            assert not attempt.open
            with contextlib.suppress(StaleWrite):
                assert self.office.progress.report(report, self.office.me) == attempt
            assert self.attempt(report.token) == attempt
            return
        first = self.office.progress.report(report, self.office.me)
        before = self.oracle.everything()
        self.tick()
        assert self.office.progress.report(report, self.office.me) == first
        assert self.oracle.everything() == before

    @precondition(lambda self: self.tokens)
    @rule(back=recent, disposition=st.sampled_from(LINE_SAYS))
    def rings_and_ends(self, back: int, disposition: Disposition) -> None:
        """The usual course of a call, so that many attempts of one request are reached."""
        self.gate(back)
        self.customer(back, CustomerRings)
        self.ends(back, disposition, True)
        self.time_passes(3601)
        self.release_and_expire()

    @rule(live=st.booleans())
    def reconcile(self, live: bool) -> None:
        self.tick()
        tokens = set(self.tokens[-1:]) if live else set()
        checking = self.office.reconciliation
        missing = checking.missing("main", checking.expected("main") - set(tokens))
        assert not tokens & {attempt.token for attempt in missing}
        self.office.reconciliation.decide(missing, {}, self.office.me)
        for attempt in missing:
            after = self.attempt(attempt.token)
            assert not after.open
            assert after.rung == (attempt.gate_at is not None)

    @rule()
    def another_dispatcher_takes_over(self) -> None:
        """P6: the first one can change nothing any more."""
        self.tick()
        old = self.office.me
        with self.store.writing() as tx:
            tx.servers.unregister(old.name, old.epoch)
        self.office.me = DispatcherIdentity(name=f"d{old.epoch + 1}", epoch=old.epoch + 1)
        self.office.reconciliation.adopt("main", self.office.me)
        with self.store.reading() as tx:
            open_attempts = tx.attempts.open_on("main")
        for attempt in open_attempts:
            end = AttemptEnds(token=attempt.token, disposition=Disposition.BUSY, rung=True)
            with pytest.raises(StaleWrite):
                self.office.progress.report(end, old)

    # --- the promises -----------------------------------------------------------------------

    @invariant()
    def promises_are_kept(self) -> None:
        if hasattr(self, "oracle"):
            self.oracle.check()


@pytest.mark.slow
def test_any_order_of_events_keeps_the_promises() -> None:
    run_state_machine_as_test(
        Promises,
        settings=settings(
            max_examples=30,
            stateful_step_count=35,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_wish_of_the_talk_is_cancelled_where_it_went() -> None:
    """Its page was read during the talk, and knows the request of that talk."""
    promises = Promises()
    promises.open_the_office()
    try:
        promises.submit(n=0, queue="sales", minutes=None)
        promises.claim(queue="sales")
        promises.gate(back=0)
        promises.customer(back=0, report=CustomerAnswers)
        promises.submit(n=0, queue="sales", minutes=None)
        promises.ends(back=0, disposition=Disposition.ANSWERED, rung=True)
        promises.promises_are_kept()
        promises.withdraw(back=0)
        promises.promises_are_kept()
        with promises.store.reading() as tx:
            wish = tx.wishes.get(promises.wish(0).wish.id)
        assert wish is not None and wish.withdrawn_at is not None
    finally:
        promises.teardown()
