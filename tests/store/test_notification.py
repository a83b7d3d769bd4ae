"""It is the notification that wakes a dispatcher, not its tick (P8)."""

import asyncio
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from asterisk_callback.dispatcher.clock import Clock
from asterisk_callback.dispatcher.rounds import RoundLoop
from asterisk_callback.domain.queue import ClaimedCall
from asterisk_callback.services.console.call_back import CallBackService
from asterisk_callback.services.console.offering import OfferService
from asterisk_callback.store import Watch
from tests.dispatcher_contexts import a_context
from tests.factories import PLENTY, Office, number
from tests.lab.speed import scaled

NEVER = timedelta(hours=1)
DEADLINE = 120.0
REPOSITORY = Path(__file__).parents[2]
ELSEWHERE = """
import sys
from asterisk_callback.store import SqlStore
from tests.dispatcher_contexts import a_context
from tests.factories import Office
Office(store=SqlStore(sys.argv[1])).submit(0)
"""


class Placed:
    """In place of Asterisk: ready, with free agents; keeps what it is told to originate."""

    ready = linked = True

    def __init__(self) -> None:
        self.claims: asyncio.Queue[ClaimedCall] = asyncio.Queue()

    def facts(self, _: str) -> Any:
        return PLENTY

    async def originate(self, claim: ClaimedCall) -> None:
        self.claims.put_nowait(claim)


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_what_another_process_commits_is_originated_without_a_tick(
    office: Office, url: str
) -> None:
    office.enrol()
    claim = asyncio.run(_placed(office, url))
    assert claim.attempt.e164 == number(0)


async def _placed(office: Office, url: str) -> ClaimedCall:
    asterisk = Placed()
    context, store = a_context(office, asterisk, sweep=NEVER), office.store
    loop = asyncio.get_running_loop()
    listens = asyncio.Event()

    def told() -> None:
        if listens.is_set():
            context.wake.set()
        listens.set()  # the first is no notification: the watch has begun to listen

    watch = Watch(store, lambda: loop.call_soon_threadsafe(told))
    clock = Clock(context.wake.set, sweep=NEVER)
    offering = OfferService(store=store, queues=office.queues, guard=office.guard)
    calling = CallBackService(store=store, queues=office.queues, guard=office.guard)
    rounds = asyncio.create_task(RoundLoop(context, office.guard, offering, calling).run(clock))
    clock.start()
    watch.start()
    try:
        async with asyncio.timeout(scaled(DEADLINE)):
            await listens.wait()
            command = [sys.executable, "-c", ELSEWHERE, url]
            await asyncio.to_thread(subprocess.run, command, cwd=REPOSITORY, check=True)
            return await asterisk.claims.get()
    finally:
        rounds.cancel()
        clock.stop()
        await asyncio.to_thread(watch.stop)
