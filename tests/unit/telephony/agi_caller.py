"""Asterisk's end of a FastAGI connection, and a gate's server that says yes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from asterisk_callback.telephony.fastagi import AgiRequest, FastAgiServer, Variables, serve
from tests.unit.telephony.scripted_ami import LONG

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
