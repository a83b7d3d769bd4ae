"""A dispatcher that stops leaves nothing behind that it claimed or heard, and did not pass on."""

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from asterisk_callback.commands import children
from asterisk_callback.commands.app import CommandFailure
from asterisk_callback.commands.channel import ControlChannel, pair
from asterisk_callback.commands.process_supervisor import Supervisor
from asterisk_callback.dispatcher.context import DispatcherSettings
from asterisk_callback.dispatcher.dispatcher import Dispatcher
from asterisk_callback.dispatcher.rounds import RoundLoop
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.progress import AttemptEnds
from asterisk_callback.domain.queue import ClaimedCall
from tests.dispatcher_contexts import NOWHERE, a_context
from tests.factories import SERVER, Office
from tests.lab import ports
from tests.lab.waiting import PATIENCE
from tests.unit.dispatcher.test_listening import Bench


class Board:
    """A switchboard with an agent, which keeps what it is to originate."""

    ready, linked = True, False

    def __init__(self) -> None:
        self.sent: list[int] = []

    def facts(self, asterisk_queue: str) -> QueueStatus:
        return QueueStatus(known=True, logged_in=1, free=1)

    async def originate(self, claim: ClaimedCall) -> None:
        self.sent.append(claim.attempt.id)


@pytest.mark.case("CASES 6: a reload loses no call that is claimed at that moment")
def test_what_is_claimed_while_it_stops_is_sent(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.submit()
    claims, goes_on = threading.Event(), threading.Event()
    board: Any = Board()
    nothing: Any = None

    def claim(*_: object) -> list[ClaimedCall]:
        claims.set()
        assert goes_on.wait(PATIENCE)
        claimed = office.claim("sales")
        return [claimed] if claimed else []

    monkeypatch.setattr("asterisk_callback.dispatcher.rounds.claim", claim)
    context = a_context(office, board)

    async def run() -> None:
        rounds = RoundLoop(context, office.guard, nothing, nothing)
        clock: Any = SimpleNamespace(aim=lambda at: None)
        working = asyncio.create_task(rounds.run(clock))
        context.wake.set()
        assert await asyncio.to_thread(claims.wait, PATIENCE)
        context.stop()
        asyncio.get_running_loop().call_later(0.05, goes_on.set)
        await rounds.sent()
        working.cancel()

    asyncio.run(run())
    goes_on.set()
    assert len(board.sent) == 1


def test_what_asterisk_told_is_written_before_it_stops(office: Office) -> None:
    attempt = office.attempt()

    async def run() -> None:
        bench = Bench(office)
        working = asyncio.create_task(bench.listening.run())
        report = AttemptEnds(token=attempt.token, disposition=Disposition.NO_AGENT, rung=False)
        bench.inbox.hear(report)
        await bench.listening.caught_up()
        working.cancel()

    asyncio.run(run())
    with office.store.reading() as tx:
        assert not tx.attempts.open_on(SERVER)


def test_the_gate_answers_while_asterisk_is_slow_to_forget(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a stop has to tell Asterisk may take seconds, and no call is to be lost meanwhile."""
    port, answers = ports.single(), []
    store: Any = office.store
    dispatcher = Dispatcher(
        store=store,
        queues=office.queues,
        guard=office.guard,
        settings=DispatcherSettings(name="one", server=NOWHERE, gate=("127.0.0.1", port)),
    )

    async def forget() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"agi_network_script: gate/doctor\n\n")
        async with asyncio.timeout(PATIENCE):
            answers.append(await reader.readline())
        writer.close()

    monkeypatch.setattr(
        dispatcher, "_forgetting", SimpleNamespace(now=forget, run=asyncio.Event().wait)
    )

    async def run() -> None:
        left = await dispatcher.run(None, dispatcher.hand_over)
        assert left is not None and left.getsockname()[1] == port
        left.close()

    asyncio.run(run())
    assert answers == [b'SET VARIABLE CALLBACK_GO "1"\n']


def test_a_supervisor_may_be_process_1(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container without an init of its own; elsewhere process 1 adopts orphans."""
    monkeypatch.setattr("ctypes.CDLL", lambda *_, **__: SimpleNamespace(prctl=print))
    monkeypatch.setattr("os.getppid", lambda: 1)
    ours, theirs = pair()
    with theirs:
        orphan = ControlChannel(theirs)
        with pytest.raises(CommandFailure, match="has ended already"):
            children.end_with_parent(orphan)
        monkeypatch.setattr(ControlChannel, "maker", 1)
        children.end_with_parent(orphan)
    ours.close()


def test_a_machine_that_can_t_start_processes_stops_no_service(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_: Supervisor) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(Supervisor, "_take_up", full)
    done, text = Supervisor._reload(Supervisor.__new__(Supervisor))
    assert not done and "temporarily unavailable" in text
    assert "the one before goes on" in capsys.readouterr().err
