"""A backlog of reports: what they cost, in which order they count, and who waits for them."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from asterisk_callback.dispatcher import forgetting
from asterisk_callback.dispatcher.forgetting import Forgetting
from asterisk_callback.dispatcher.listening import Inbox, ReportLoop
from asterisk_callback.dispatcher.reconciling import Reconciling
from asterisk_callback.domain.attempt import Attempt, Token
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.gate import GatePass
from asterisk_callback.domain.progress import (
    AgentAnswers,
    AgentRings,
    AttemptEnds,
    CustomerAnswers,
    CustomerRings,
)
from asterisk_callback.services.calling.progress import Progress
from asterisk_callback.services.calling.reconcile import Reconciliation
from asterisk_callback.telephony.contract import FORGOTTEN_AT_ONCE
from asterisk_callback.telephony.server import ServerConnection
from tests.dispatcher_contexts import NOWHERE, a_context
from tests.factories import Office, SetClock

D = Disposition


class Board(ServerConnection):
    """A switchboard without an Asterisk: it has no call any more, and takes its time to forget."""

    def __init__(self) -> None:
        self.server = NOWHERE
        self.forgotten: list[Sequence[Token]] = []
        self.may_answer = asyncio.Event()
        self.ended: list[Token] = []

    @property
    def linked(self) -> bool:
        return True

    async def forget(self, tokens: Sequence[Token]) -> bool:
        self.forgotten.append(tokens)
        await self.may_answer.wait()
        return True

    async def end(self, attempt: Attempt) -> bool:
        await self.may_answer.wait()
        self.ended.append(attempt.token)
        return True

    async def refresh_members(self) -> None:
        return None

    async def live_tokens(self) -> frozenset[Token]:
        return frozenset()

    async def left_outcome(self, attempt: Attempt) -> AttemptEnds | None:
        return None


class Bench:
    """The loops under test over an office."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.board = Board()
        self.context = a_context(office, self.board)
        self.inbox = Inbox()
        self.forgetting = Forgetting(self.context)
        self.progress = Progress(store=office.store, queues=office.queues)
        self.listening = ReportLoop(self.context, self.progress, self.inbox, self.forgetting)

    async def drain(self) -> None:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.listening.run())
            await self.inbox.written()
            task.cancel()


def gated(office: Office, n: int = 0) -> Attempt:
    attempt = office.attempt(n)
    assert isinstance(office.gate.ask(attempt.token), GatePass)
    return attempt


def busy(token: Token) -> AttemptEnds:
    return AttemptEnds(token=token, disposition=D.BUSY, rung=True)


@pytest.mark.case("CASES 9: reports of ended attempts cost nothing")
def test_what_comes_after_the_end_asks_no_database(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = gated(office)
    written: list[object] = []
    real = office.store.writing

    def counted(**limits: Any) -> Any:
        written.append(limits)
        return real(**limits)

    async def run() -> None:
        bench = Bench(office)
        for report in (busy(attempt.token), CustomerRings(token=attempt.token)):
            bench.inbox.hear(report)
        await bench.drain()
        monkeypatch.setattr(office.store, "writing", counted)
        for _ in range(20):
            bench.inbox.hear(CustomerRings(token=attempt.token))
            bench.inbox.hear(busy(attempt.token))
        await bench.drain()
        assert written == []
        # A bridge that was missed still counts.
        bench.inbox.hear(CustomerAnswers(token=attempt.token))
        await bench.drain()
        assert len(written) == 1

    asyncio.run(run())
    (after,) = office.attempts(attempt.request_id)
    assert (after.disposition, after.rung) == (D.ANSWERED, True)


@pytest.mark.case("CASES 5: what a cancelled call leaves behind its end is removed, too")
def test_what_is_left_after_the_end_is_forgotten(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled while the agent's phone rang, yet answered: the half that dials ran."""
    monkeypatch.setattr(forgetting, "GATHERS", 0.0)
    attempt = office.attempt()

    async def run() -> None:
        bench = Bench(office)
        bench.board.may_answer.set()
        ended = AttemptEnds(token=attempt.token, disposition=D.CANCELLED, rung=False)
        bench.inbox.hear(ended)
        await bench.drain()
        await bench.forgetting.now()
        assert bench.board.forgotten == []  # nothing was left so far
        bench.inbox.hear(ended)
        await bench.drain()
        await bench.forgetting.now()
        assert bench.board.forgotten == [[attempt.token]]

    asyncio.run(run())


@pytest.mark.case("CASES 9: AstDB is cleaned in batches off the path")
def test_forgetting_and_hanging_up_hold_no_report_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "GATHERS", 0.0)
    attempts = [gated(office, n) for n in range(FORGOTTEN_AT_ONCE + 3)]

    async def run() -> None:
        bench = Bench(office)
        async with asyncio.TaskGroup() as group:
            loops = [group.create_task(bench.listening.run())]
            for attempt in attempts:
                bench.inbox.hear(busy(attempt.token))
                bench.inbox.hear(AgentRings(token=attempt.token, agent="late"))
            await bench.inbox.written()  # though Asterisk answers nothing
            loops.append(group.create_task(bench.forgetting.run()))
            bench.board.may_answer.set()
            while sum(map(len, bench.board.forgotten)) < len(attempts):
                await asyncio.sleep(0)
            for task in loops:
                task.cancel()
        assert [len(batch) for batch in bench.board.forgotten] == [FORGOTTEN_AT_ONCE, 3]
        assert {one for batch in bench.board.forgotten for one in batch} == {
            attempt.token for attempt in attempts
        }

    asyncio.run(run())


@pytest.mark.case("CASES 9: reconciliation waits for the backlog")
def test_reconciliation_never_overtakes_the_reports(office: Office, clock: SetClock) -> None:
    """Its list lacks the call, whose whole story waits to be written."""
    attempt = gated(office)
    clock.advance(seconds=60)
    token = attempt.token

    async def run() -> None:
        bench = Bench(office)
        reconciliation = Reconciliation(store=office.store, progress=bench.progress)
        reconciling = Reconciling(bench.context, reconciliation, bench.inbox, bench.forgetting)

        async def nothing() -> None:
            return None

        reconciling._memory.compare = nothing  # type: ignore[method-assign]
        for report in (
            AgentRings(token=token, agent="Anna"),
            AgentAnswers(token=token, agent="Anna"),
            CustomerRings(token=token),
            busy(token),
        ):
            bench.inbox.hear(report)
        async with asyncio.TaskGroup() as group:
            compare = group.create_task(reconciling._reconcile())
            for _ in range(200):
                await asyncio.sleep(0.001)  # it gets as far as it may
            assert not compare.done()
            task = group.create_task(bench.listening.run())
            await compare
            task.cancel()

    asyncio.run(run())
    (after,) = office.attempts(attempt.request_id)
    assert (after.disposition, after.agent) == (D.BUSY, "Anna")
    assert after.agent_at is not None
    assert office.request(attempt.request_id).due_at > clock.now + timedelta(minutes=4)
