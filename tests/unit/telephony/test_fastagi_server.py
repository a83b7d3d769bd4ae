"""The gate's server: what Asterisk gets, and what everybody else gets, which is nothing."""

import asyncio
import contextlib

import pytest

from asterisk_callback.telephony.fastagi import (
    AgiRequest,
    BadAgiRequest,
    UnsafeVariable,
    Variables,
    parse_header,
    set_commands,
)
from tests.unit.telephony.agi_caller import COMMANDS, HEADER, YES, Caller, assert_answers, serving
from tests.unit.telephony.scripted_ami import leap, run, until


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
    with pytest.raises(BadAgiRequest):
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
