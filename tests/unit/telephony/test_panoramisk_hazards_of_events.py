"""The hazards of panoramisk in what is received: handlers, order, sizes, ends (as in
test_panoramisk_hazards, each as a pair: panoramisk as it comes has it, ours has not).
"""

import asyncio
import contextlib
from typing import Any

import pytest
from panoramisk import Manager, fast_agi
from panoramisk.ami_protocol import AMIProtocol

from asterisk_callback.telephony import fastagi
from asterisk_callback.telephony.link import LinkState
from asterisk_callback.telephony.wire import MAX_MESSAGE
from tests.unit.telephony.link_bench import bench
from tests.unit.telephony.scripted_ami import LONG, Peer, run, scripted_ami, until
from tests.unit.telephony.stock_panoramisk import stock

# An event handler that raises takes the connection and the following events with it.


def two_events(peer: Peer) -> None:
    peer.send("Event: Bad\r\n\r\nEvent: Good\r\n\r\n")


def test_panoramisk_dies_of_a_handler_that_raises() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, stock(ami) as manager:
            asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
            names: list[str] = []
            manager.register_event("Bad", lambda manager, event: 1 / 0)
            manager.register_event("Good", lambda manager, event: names.append("Good"))
            two_events(ami.peer)
            await ami.peers[0].closed.wait()
            assert names == []

    run(scene())


def test_link_logs_a_handler_that_raises_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            it.poison = "Bad"
            two_events(ami.peer)
            await until(lambda: "Good" in it.names())
            assert it.link.state is LinkState.READY

    run(scene())
    assert "a handler's fault" in caplog.text


# Coroutine handlers overtake each other.


def test_panoramisk_handles_events_out_of_order() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, stock(ami) as manager:
            done: list[str] = []
            release = asyncio.Event()

            async def handle(manager: Manager, event: Any) -> None:
                if event.event == "Bad":
                    await release.wait()
                done.append(event.event)

            manager.register_event("*", handle)
            done.clear()
            two_events(ami.peer)
            await until(lambda: "Good" in done)
            release.set()
            await until(lambda: "Bad" in done)
            assert done.index("Good") < done.index("Bad")

    run(scene())


def test_link_handles_events_in_order() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            for number in range(500):
                ami.peer.event("N", Number=str(number))
            await until(lambda: len(it.events) == 501)
            assert [int(e["Number"]) for e in it.events[1:]] == list(range(500))

    run(scene())


# A stream without an end fills the memory.


def test_panoramisk_keeps_an_endless_message() -> None:
    protocol = AMIProtocol()
    protocol.connection_made(None)
    for _ in range(20):
        protocol.data_received(b"x" * MAX_MESSAGE)
    assert len(protocol.queue[0]) == 20 * MAX_MESSAGE


def test_link_drops_an_endless_message_and_recovers() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            ami.peer.send(b"\xff\x00" * MAX_MESSAGE)
            await until(lambda: LinkState.BROKEN in it.states)
            await ami.peers[0].closed.wait()
            await it.link.wait_ready(LONG)

    run(scene())


def test_link_survives_garbage_between_messages() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            ami.peer.send(
                b"\xff\xfe\x00garbage\r\n\r\nEvent\r\n\r\n: \r\n\r\nEvent: A\r\nEvent: B\r\n\r\n"
            )
            await until(lambda: len(it.events) == 2)
            assert it.names() == ["FullyBooted", "A"]
            assert (await it.link.action("Ping", {})).success

    run(scene())


def test_link_drops_the_connection_when_a_message_cannot_be_digested(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(message: object) -> dict[str, str]:
        raise KeyError("async")

    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            with monkeypatch.context() as patch:
                patch.setattr("asterisk_callback.telephony.session.read", fail)
                ami.peer.event("Any")
                await until(lambda: LinkState.BROKEN in it.states)
            await ami.peers[0].closed.wait()
            await it.link.wait_ready(LONG)

    run(scene())


# FastAGI: a peer that connects and closes stops the whole event loop.


class _Spinning(Exception):
    pass


class _CountingReader(asyncio.StreamReader):
    """Raises instead of letting the loop spin for ever."""

    empty_reads = 0

    async def read(self, n: int = -1) -> bytes:
        data = await super().read(n)
        self.empty_reads += not data
        if self.empty_reads > 1000:
            raise _Spinning
        return data


@pytest.mark.parametrize("header", [b"", b"agi_network: yes\n"])
def test_panoramisk_spins_on_the_end_of_a_connection(header: bytes) -> None:
    async def scene() -> None:
        application = fast_agi.Application(loop=asyncio.get_running_loop())
        reader = _CountingReader()
        reader.feed_data(header)
        reader.feed_eof()
        with pytest.raises(_Spinning):
            await application.handler(reader, None)

    run(scene())


@pytest.mark.parametrize("header", [b"", b"agi_network: yes\n"])
def test_our_server_closes_at_the_end_of_a_connection(header: bytes) -> None:
    async def scene() -> None:
        async def never(request: fastagi.AgiRequest) -> fastagi.Variables:
            raise AssertionError

        server = await fastagi.serve(("127.0.0.1", 0), never, header_deadline=LONG)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(header)
        writer.write_eof()
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()
        await server.drain()

    run(scene())
