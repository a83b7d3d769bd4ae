"""The gate's server with many connections, and at its end: no call is kept out or cut off."""

import asyncio
import time

import pytest

from asterisk_callback.telephony.fastagi import (
    AgiRequest,
    Variables,
    serve,
)
from tests.unit.telephony.agi_caller import (
    COMMANDS,
    HEADER,
    YES,
    Caller,
    assert_answers,
    serving,
    yes,
)
from tests.unit.telephony.scripted_ami import LONG, run, until


def test_three_hundred_idle_connections_do_not_keep_a_call_out_and_cost_nothing() -> None:
    async def scene() -> None:
        async with serving(max_connections=200) as server:
            idle = [await Caller.connect(server) for _ in range(300)]
            await assert_answers(server)
            await asyncio.gather(*(caller.closed() for caller in idle[:100]))
            # What else this process has to do now and then (its garbage) is not of each moment.
            assert min([await _busy(idle[-1]) for _ in range(3)]) < 0.5
            for caller in idle[100:]:
                caller.writer.close()

    run(scene())


async def _busy(caller: Caller) -> float:
    """The share of a processor that this process takes in a moment in which nobody asks."""
    busy, start = time.process_time(), time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await caller.reader.read()
    return (time.process_time() - busy) / (time.monotonic() - start)


def test_who_asks_and_never_acknowledges_keeps_no_call_out() -> None:
    async def scene() -> None:
        async with serving(max_connections=20) as server:
            lazy = [await Caller.connect(server) for _ in range(20)]
            for caller in lazy:
                caller.writer.write(HEADER)
                assert await caller.reader.readline()
            await assert_answers(server)
            for caller in lazy:
                caller.writer.close()

    run(scene())


def test_calls_in_hand_are_never_thrown_out_for_new_ones() -> None:
    async def scene() -> None:
        go, asked = asyncio.Event(), []

        async def wait(request: AgiRequest) -> Variables:
            asked.append(request)
            await go.wait()
            return YES

        async with serving(wait, max_connections=2) as server:
            calls = [asyncio.create_task((await Caller.connect(server)).ask()) for _ in range(2)]
            await until(lambda: len(asked) == 2)
            await (await Caller.connect(server)).closed()
            go.set()
            assert await asyncio.gather(*calls) == [COMMANDS, COMMANDS]

    run(scene())


def test_drain_finishes_the_calls_in_hand_and_takes_no_new_ones() -> None:
    async def scene() -> None:
        go, asked = asyncio.Event(), asyncio.Event()

        async def wait(request: AgiRequest) -> Variables:
            asked.set()
            await go.wait()
            return YES

        async with serving(wait) as server:
            call = asyncio.create_task((await Caller.connect(server)).ask())
            await asked.wait()
            drain = asyncio.create_task(server.drain())
            await asyncio.sleep(0)
            with pytest.raises(ConnectionRefusedError):
                await Caller.connect(server)
            assert not drain.done()
            go.set()
            assert await call == COMMANDS
            await drain

    run(scene())


def test_close_cuts_at_once() -> None:
    async def scene() -> None:
        asked = asyncio.Event()

        async def hang(request: AgiRequest) -> Variables:
            asked.set()
            await asyncio.Event().wait()
            return YES

        async with serving(hang) as server:
            call = asyncio.create_task((await Caller.connect(server)).ask())
            await asked.wait()
            await server.close()
            assert await call == []

    run(scene())


def test_a_taken_port_is_told() -> None:
    async def scene() -> None:
        async with serving() as server:
            with pytest.raises(OSError, match="in use"):
                await serve(("127.0.0.1", server.port), yes)

    run(scene())


def test_many_calls_at_once() -> None:
    async def scene() -> None:
        async with serving() as server:

            async def call() -> list[str]:
                # As Asterisk does: it asks in its first packet.
                return await (await Caller.connect(server)).ask()

            assert await asyncio.gather(*(call() for _ in range(100))) == [COMMANDS] * 100

    run(scene())


def test_who_comes_between_two_servers_waits_for_the_second() -> None:
    async def scene() -> None:
        first = await serve(("127.0.0.1", 0), yes, header_deadline=LONG, answer_deadline=LONG)
        await first.drain(leave=True)
        await first.close()
        between = await Caller.connect(first)
        asking = asyncio.create_task(between.ask())
        assert first.left is not None
        second = await serve(first.left, yes, header_deadline=LONG, answer_deadline=LONG)
        try:
            assert second.port == first.port
            assert await asking == COMMANDS
        finally:
            await second.close()

    run(scene())
