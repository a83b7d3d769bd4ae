"""The gate's server: what Asterisk gets, and what everybody else gets, which is nothing."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from scripted_ami import LONG, leap, run, until

from asterisk_callback.telephony.fastagi import (
    AgiRequest,
    BadRequest,
    FastAgiServer,
    UnsafeVariable,
    Variables,
    parse_header,
    serve,
    set_commands,
)

HEADER = (
    b"agi_network: yes\nagi_network_script: gate\nagi_request: agi://127.0.0.1:4574/gate\n"
    b"agi_channel: Local/27@callback-agent-0001;2\nagi_language: en\nagi_type: Local\n"
    b"agi_uniqueid: cb-27-b\nagi_version: 22.10.1\nagi_callerid: unknown\n"
    b"agi_context: callback-customer\nagi_extension: 27\nagi_priority: 4\nagi_arg_1: 27\n"
    b"agi_arg_2: a: b\n\n"
)
YES: Variables = [("CALLBACK_CALLERID", "Müller GmbH <5550000>"), ("CALLBACK_NUMBER", "+4930123")]


async def yes(request: AgiRequest) -> Variables:
    return YES


@contextlib.asynccontextmanager
async def serving(
    answer: Callable[[AgiRequest], Awaitable[Variables]] = yes, **settings: Any
) -> AsyncIterator[FastAgiServer]:
    wide = {"header_deadline": LONG, "answer_deadline": LONG}
    server = await serve(("127.0.0.1", 0), answer, **(wide | settings))
    try:
        yield server
    finally:
        await server.close()


class Caller:
    """What Asterisk does on its end of the connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.commands: list[str] = []

    @classmethod
    async def connect(cls, server: FastAgiServer) -> "Caller":
        return cls(*await asyncio.open_connection("127.0.0.1", server.port))

    async def ask(self, header: bytes = HEADER, ack: bytes = b"200 result=1\n") -> list[str]:
        """Send the header, acknowledge each command with `ack`; all commands that came."""
        self.writer.write(header)
        with contextlib.suppress(ConnectionError):
            while line := await self.reader.readline():
                self.commands.append(line.decode().rstrip("\n"))
                self.writer.write(ack)
        self.writer.close()
        return self.commands

    async def closed(self) -> None:
        with contextlib.suppress(ConnectionError):
            assert await self.reader.read() == b""
        self.writer.close()


COMMANDS = [
    'SET VARIABLE CALLBACK_CALLERID "Müller GmbH <5550000>"',
    'SET VARIABLE CALLBACK_NUMBER "+4930123"',
]


async def assert_answers(server: FastAgiServer) -> None:
    assert await (await Caller.connect(server)).ask() == COMMANDS


def test_a_request_is_answered_in_order_and_closed() -> None:
    async def scene() -> None:
        asked: list[AgiRequest] = []

        async def answer(request: AgiRequest) -> Variables:
            asked.append(request)
            return YES

        async with serving(answer) as server:
            await assert_answers(server)
        assert asked[0].script == "gate"
        assert asked[0].args == ("27", "a: b")
        assert asked[0].uniqueid == "cb-27-b"
        assert asked[0].callerid == ""
        assert "27" not in repr(asked[0]).replace("cb-27-b", "").replace("Local/27@", "")

    run(scene())


def test_no_is_an_orderly_close() -> None:
    async def scene() -> None:
        async def no(request: AgiRequest) -> Variables:
            return []

        async with serving(no) as server:
            assert await (await Caller.connect(server)).ask() == []

    run(scene())


def test_the_next_variable_waits_for_the_acknowledgement_of_the_last() -> None:
    async def scene() -> None:
        async with serving() as server:
            caller = await Caller.connect(server)
            caller.writer.write(HEADER)
            assert (await caller.reader.readline()).decode().rstrip() == COMMANDS[0]
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await caller.reader.readline()
            caller.writer.write(b"HANGUP\n200 result=1\n")
            assert (await caller.reader.readline()).decode().rstrip() == COMMANDS[1]
            caller.writer.close()

    run(scene())


@pytest.mark.parametrize(
    "ack",
    [
        b"200 result=0\n",
        b"510 Invalid or unknown command\n",
        b"511 Command Not Permitted on a dead channel\n",
        b"\n",
        b"\xff\xfe\n",
        b"HANGUP\n" * 20,
        b"x" * 20000,
    ],
)
def test_after_a_wrong_acknowledgement_nothing_more_is_set(ack: bytes) -> None:
    async def scene() -> None:
        async with serving() as server:
            assert await (await Caller.connect(server)).ask(ack=ack) == COMMANDS[:1]
            await assert_answers(server)

    run(scene())


def test_a_peer_that_never_acknowledges_is_cut() -> None:
    async def scene() -> None:
        async with serving() as server:
            for ack in (b"", b"HANGUP\n"):
                caller = await Caller.connect(server)
                asking = asyncio.create_task(caller.ask(ack=ack))
                await until(lambda it=caller: it.commands)  # type: ignore[misc]
                leap()
                assert await asking == COMMANDS[:1]

    run(scene())


def test_a_slow_or_failing_gate_sets_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        asked, ended = asyncio.Event(), asyncio.Event()

        async def slow(request: AgiRequest) -> Variables:
            asked.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()
            return YES

        async def failing(request: AgiRequest) -> Variables:
            raise OSError("no database")

        async with serving(slow) as server:
            asking = asyncio.create_task((await Caller.connect(server)).ask())
            await asked.wait()
            leap()
            assert await asking == []
            await ended.wait()
        async with serving(failing) as server:
            assert await (await Caller.connect(server)).ask() == []

    run(scene())
    assert "no answer within the deadline" in caplog.text
    assert "no database" in caplog.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CALLBACK_NUMBER", '1" x'),
        ("CALLBACK_NUMBER", "1\nHANGUP"),
        ("CALLBACK_NUMBER", "1\n"),
        ("CALLBACK_NUMBER", "1\r"),
        ("CALLBACK_NUMBER", "\x00"),
        ("CALLBACK_NUMBER", "${SHELL(id)}"),
        ("CALLBACK_NUMBER", "1\\"),
        ("CALLBACK_NUMBER", "1,tT"),
        ("CALLBACK_NUMBER", "1&PJSIP/2"),
        ("CALLBACK_NUMBER", "1\u2028"),
        ("CALLBACK_NUMBER", "1" * 256),
        ("DB(x/y)", "1"),
        ("callback", "1"),
        ("A B", "1"),
        ("", "1"),
    ],
)
def test_one_unsafe_variable_and_none_is_written(name: str, value: str) -> None:
    with pytest.raises(UnsafeVariable) as refused:
        set_commands([("CALLBACK_OK", "1"), (name, value)])
    assert len(value) < 2 or value not in str(refused.value)

    async def scene() -> None:
        async def unsafe(request: AgiRequest) -> Variables:
            return [("CALLBACK_OK", "1"), (name, value)]

        async with serving(unsafe) as server:
            assert await (await Caller.connect(server)).ask() == []

    run(scene())


@pytest.mark.parametrize("header", [b"\n\n", b"GET / HTTP/1.1\nHost: x\n\n", b"\xff\x00\n\n"])
def test_what_is_no_agi_header_is_refused(header: bytes) -> None:
    with pytest.raises(BadRequest):
        parse_header(header)

    async def scene() -> None:
        async with serving() as server:
            assert await (await Caller.connect(server)).ask(header) == []
            await assert_answers(server)

    run(scene())


@pytest.mark.parametrize("sent", [b"", b"agi_network: yes\n", HEADER[:-1], HEADER])
def test_connect_and_close_and_half_close(sent: bytes) -> None:
    async def scene() -> None:
        async with serving() as server:
            half = await Caller.connect(server)
            half.writer.write(sent)
            half.writer.write_eof()
            with contextlib.suppress(ConnectionError):
                assert COMMANDS[1] not in (await half.reader.read()).decode()
            half.writer.close()
            gone = await Caller.connect(server)
            gone.writer.write(sent)
            gone.writer.transport.abort()
            await assert_answers(server)
            await server.drain()

    run(scene())


def test_an_endless_header_is_cut_at_its_limit() -> None:
    async def scene() -> None:
        async with serving() as server:
            for flood in (b"agi_x: y\n" * 5000, b"\xaa" * 50000):
                caller = await Caller.connect(server)
                caller.writer.write(flood)
                await caller.closed()
            await assert_answers(server)

    run(scene())


def test_a_header_without_an_end_is_cut_at_its_deadline() -> None:
    async def scene() -> None:
        async with serving(header_deadline=0.05) as server:
            caller = await Caller.connect(server)
            caller.writer.write(HEADER[:-1])
            await caller.closed()

    run(scene())


def test_three_hundred_idle_connections_do_not_keep_a_call_out_and_cost_nothing() -> None:
    async def scene() -> None:
        async with serving(max_connections=200) as server:
            idle = [await Caller.connect(server) for _ in range(300)]
            await assert_answers(server)
            await asyncio.gather(*(caller.closed() for caller in idle[:100]))
            busy, start = time.process_time(), time.monotonic()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await idle[-1].reader.read()
            assert time.process_time() - busy < 0.5 * (time.monotonic() - start)
            for caller in idle[100:]:
                caller.writer.close()

    run(scene())


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
