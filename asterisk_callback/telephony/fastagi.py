"""The FastAGI server on which Asterisk asks the gate: one request a connection, answered with
variables.

Whatever is off, the connection is closed at once and without a word: a variable that was not set
means no ring. Only a request for somebody else's script is told to fail, so that their call sees
it. Every step has a deadline and a bound, because panoramisk's own server stands still for all
calls as soon as one peer connects and closes.
"""

import asyncio
import logging
import re
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

log = logging.getLogger(__name__)

# Plain variables only: a name such as DB(x/y) or FILE(/path) would be a function with effects.
_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,79}")
# Letters of any script for a company's name. No quotes or backslash (they end the AGI argument), no
# '$' (evaluated), no ',' (an argument of Dial), no '&' (a second phone), no control characters.
_VALUE = re.compile(r"[\w /@:.;+*#=<>-]{0,255}")
_SET: Final = "200 result=1"
# A closed connection is a success to Asterisk (AGISTATUS=SUCCESS). This fails on any channel, does
# nothing to it, and stands in Asterisk's log: there is no such format (res_agi.c, RECORD FILE).
_REFUSE: Final = (
    b'RECORD FILE refused this-is-the-gate-of-asterisk-callback-ask-another-port "" 1\n'
)
_MAX_ACK: Final = 10  # lines until the acknowledgement of one command: at most some HANGUP between
_BACKLOG: Final = 512
# So many connections of one address may be silent for longer than a moment, in which a burst of
# calls is not read yet: Asterisk asks in its first packet, and acknowledges at once.
_MUTE_OF_ONE: Final = 32
_MOMENT: Final = 0.5

Variables = list[tuple[str, str]]


@dataclass(frozen=True)
class AgiRequest:
    """What Asterisk says of the channel that asks. Texts as sent; "" for what is missing or
    `unknown`.

    Arguments and caller id stay out of the repr: they may be a token or a number.
    """

    script: str
    args: tuple[str, ...] = field(repr=False)
    channel: str
    uniqueid: str
    context: str
    extension: str = field(repr=False)
    callerid: str = field(repr=False)
    version: str


class BadAgiRequest(ValueError):
    """The bytes are no AGI header."""


class UnsafeVariable(ValueError):
    """The answer holds a name or a value that must not reach the dialplan. Names the variable
    only."""


class Foreign(Exception):
    """A script that is somebody else's: its call must see a failure, never our silence."""


class _AgiAborted(Exception):
    """The peer does not behave like Asterisk."""


Answer = Callable[[AgiRequest], Awaitable[Variables]]


def parse_header(header: bytes) -> AgiRequest:
    """The request in a header that ends with an empty line. Raises BadRequest."""
    values: dict[str, str] = {}
    for line in header.decode("utf-8", "replace").split("\n"):
        name, colon, value = line.rstrip("\r").partition(":")
        if colon and name.startswith("agi_"):
            values[name] = value.strip()
    if "agi_network_script" not in values:
        raise BadAgiRequest("no agi_network_script in the header")
    return AgiRequest(
        script=values["agi_network_script"],
        args=_arguments(values),
        channel=_known(values, "agi_channel"),
        uniqueid=_known(values, "agi_uniqueid"),
        context=_known(values, "agi_context"),
        extension=_known(values, "agi_extension"),
        callerid=_known(values, "agi_callerid"),
        version=_known(values, "agi_version"),
    )


def _arguments(values: Mapping[str, str]) -> tuple[str, ...]:
    args: list[str] = []
    while (key := f"agi_arg_{len(args) + 1}") in values:
        args.append(values[key])
    return tuple(args)


def _known(values: Mapping[str, str], name: str) -> str:
    value = values.get(name, "")
    return "" if value == "unknown" else value


def set_commands(variables: Variables) -> list[bytes]:
    """The AGI commands, in order. Raises UnsafeVariable if any one is unsafe: then none is
    written."""
    for name, value in variables:
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise UnsafeVariable(f"the answer's variable {re.sub('[^A-Za-z0-9_]', '?', name)[:40]}")
    return [f'SET VARIABLE {name} "{value}"\n'.encode() for name, value in variables]


class FastAgiServer:
    """Made by `serve`. `port` is the one really bound."""

    def __init__(
        self,
        answer: Answer,
        *,
        header_deadline: float,
        answer_deadline: float,
        max_header_bytes: int,
        max_connections: int,
    ) -> None:
        self.port = 0
        self.left: socket.socket | None = None
        self._answer = answer
        self._header_deadline = header_deadline
        self._answer_deadline = answer_deadline
        self._max_header_bytes = max_header_bytes
        self._max_connections = max_connections
        self._server: asyncio.Server | None = None
        self._tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        # Those whose word we wait for, oldest first: the first to go when the house is full. They
        # have asked nothing yet, or have not acknowledged what they were told.
        self._mute: dict[asyncio.StreamWriter, tuple[str, float]] = {}

    async def start(self, listen: tuple[str, int] | socket.socket) -> None:
        """Bind and listen. Raises OSError."""
        bound: dict[str, Any] = (
            {"sock": listen}
            if isinstance(listen, socket.socket)
            else {"host": listen[0], "port": listen[1]}
        )
        self._server = await asyncio.start_server(
            self._connected, limit=self._max_header_bytes, backlog=_BACKLOG, **bound
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def drain(self, *, leave: bool = False) -> None:
        """Take no new connection, let those in hand finish; all of them have deadlines.

        leave: the socket goes on listening as `left`, for the next server: connections wait."""
        if leave and self._server is not None and len(self._server.sockets) == 1:
            self.left = self._server.sockets[0].dup()
        self._stop_listening()
        for _ in range(3):
            await asyncio.sleep(0)  # what was accepted just now becomes a task
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    async def close(self) -> None:
        """Cut everything at once."""
        self._stop_listening()
        tasks = list(self._tasks)
        for task, writer in list(self._tasks.items()):
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= self._max_connections:
            # Asterisk says each of its words at once, so the oldest that is still mute is no call.
            if not self._mute:
                log.warning("FastAGI: %d connections, one more refused", len(self._tasks))
                writer.transport.abort()
                return
            self._cut(next(iter(self._mute)))
        self._waits_for(writer)
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks[task] = writer
        task.add_done_callback(self._tasks.pop)

    def _waits_for(self, writer: asyncio.StreamWriter) -> None:
        """The next word is the peer's."""
        peer = str((writer.get_extra_info("peername") or ("",))[0])
        now = asyncio.get_running_loop().time()
        mine = [
            one
            for one, (whose, since) in self._mute.items()
            if whose == peer and now - since >= _MOMENT
        ]
        if len(mine) >= _MUTE_OF_ONE:
            self._cut(mine[0])
        self._mute[writer] = (peer, now)

    def _cut(self, writer: asyncio.StreamWriter) -> None:
        del self._mute[writer]
        writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await self._read_request(reader, writer)
            async with asyncio.timeout(self._answer_deadline):
                await self._reply(request, reader, writer)
        except TimeoutError:
            log.warning("FastAGI: no answer within the deadline; connection closed, no ring")
        except (_AgiAborted, BadAgiRequest, OSError, EOFError, asyncio.LimitOverrunError) as error:
            # Scanners and health checks do this all day: not worth a warning.
            log.info("FastAGI: connection closed: %s", type(error).__name__)
        except Exception:
            log.exception("FastAGI: connection closed, no ring")
        else:
            writer.close()  # an orderly end: what was written still goes out
            return
        finally:
            self._mute.pop(writer, None)
        writer.transport.abort()

    async def _read_request(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> AgiRequest:
        try:
            async with asyncio.timeout(self._header_deadline):
                header = await reader.readuntil(b"\n\n")
        except TimeoutError:
            raise _AgiAborted from None
        self._mute.pop(writer, None)
        return parse_header(header)

    async def _reply(
        self, request: AgiRequest, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            commands = set_commands(await self._answer(request))
        except Foreign:
            writer.write(_REFUSE)
            self._waits_for(writer)
            await writer.drain()
            await reader.readuntil(b"\n")
            return
        except Exception:
            log.exception("FastAGI: the answer failed; connection closed, no ring")
            raise _AgiAborted from None
        self._waits_for(writer)
        for command in commands:
            writer.write(command)
            await writer.drain()
            await _acknowledged(reader)


async def _acknowledged(reader: asyncio.StreamReader) -> None:
    """Wait for `200 result=1`. Raises _AgiAborted for anything else; HANGUP lines may come
    between."""
    for _ in range(_MAX_ACK):
        line = (await reader.readuntil(b"\n")).strip().decode("ascii", "replace")
        if line == _SET:
            return
        if line != "HANGUP":
            break
    raise _AgiAborted


async def serve(
    listen: tuple[str, int] | socket.socket,
    answer: Answer,
    *,
    header_deadline: float = 2.0,
    answer_deadline: float = 3.0,
    max_header_bytes: int = 8192,
    max_connections: int = 200,
) -> FastAgiServer:
    """Listen on `listen` (port 0 = any; or a socket) and answer each request with the variables
    from `answer`.

    They are written as `SET VARIABLE`, in order, each acknowledged before the next.
    `answer_deadline` (seconds) covers `answer` and all acknowledgements; `answer` is cancelled when
    it passes. An `answer` that raises, or gives an unsafe value, sets nothing at all; one that
    raises Foreign lets Asterisk's AGI() fail. Raises OSError if the port is taken.
    """
    server = FastAgiServer(
        answer,
        header_deadline=header_deadline,
        answer_deadline=answer_deadline,
        max_header_bytes=max_header_bytes,
        max_connections=max_connections,
    )
    await server.start(listen)
    return server
