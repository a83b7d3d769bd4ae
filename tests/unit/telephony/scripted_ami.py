"""An AMI server that does what a test tells it: right by default, wrong on demand. No Asterisk."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

from tests.lab.speed import Deadline

T = TypeVar("T")
Fields = dict[str, str]
BANNER = "Asterisk Call Manager/9.0.0\r\n"
FULLY_BOOTED = "Event: FullyBooted\r\nPrivilege: system,all\r\nStatus: Fully Booted\r\n\r\n"


# s: longer than anything takes here on a machine however slow. A deadline that a test is about is
# LONG, too: it passes by a leap, and never because the machine was busy.
LONG = 600.0


class _Loop(asyncio.SelectorEventLoop):
    """An event loop whose clock can be moved ahead."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


def leap(seconds: float = LONG) -> None:
    """From now on it is so much later for all that the running loop has to do."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, _Loop)
    loop.ahead += seconds
    loop.call_soon(int)  # it looks at its clock once it is awake


def run(scene: Coroutine[Any, Any, T]) -> T:
    """Run one test's coroutine, in which leap() may be called."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(scene)


async def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until `condition()` is true; AssertionError after `seconds`, later on a slow machine."""
    limit = Deadline(seconds)
    while not condition():
        assert limit.left() > 0, "the condition did not come true in time"
        await asyncio.sleep(0.002)


class Peer:
    """One client's connection, as the server sees it."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.raw = b""
        self.actions: list[Fields] = []
        self.closed = asyncio.Event()

    def send(self, text: str | bytes) -> None:
        self.writer.write(text.encode() if isinstance(text, str) else text)

    def answer(self, action: Fields, text: str = "Response: Success\r\nMessage: done") -> None:
        self.send(f"{text}\r\nActionID: {action['ActionID']}\r\n\r\n")

    def event(self, name: str, **headers: str) -> None:
        lines = [f"Event: {name}", *(f"{key}: {value}" for key, value in headers.items())]
        self.send("\r\n".join(lines) + "\r\n\r\n")

    def cut(self) -> None:
        self.writer.transport.abort()


class ScriptedAmi:
    """`on[name] = handler(peer, action)` replaces the answer to an action; `None` = silence."""

    def __init__(self) -> None:
        self.port = 0
        self.secret = "s3cret"
        self.banner: str | bytes = BANNER
        self.boots = True
        self.peers: list[Peer] = []
        self.on: dict[str, Callable[[Peer, Fields], object] | None] = {}

    @property
    def peer(self) -> Peer:
        """The newest connection."""
        return self.peers[-1]

    def actions(self, name: str) -> list[Fields]:
        """Every action of that name that ever arrived, over all connections."""
        return [a for peer in self.peers for a in peer.actions if a["Action"] == name]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(writer)
        self.peers.append(peer)
        try:
            peer.send(self.banner)
            while True:
                raw = await reader.readuntil(b"\r\n\r\n")
                peer.raw += raw
                lines = [line.partition(": ") for line in raw.decode().strip().split("\r\n")]
                action = {key: value for key, _, value in lines}
                peer.actions.append(action)
                self._answer(peer, action)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            peer.closed.set()
            writer.close()

    def _answer(self, peer: Peer, action: Fields) -> None:
        name = action["Action"]
        if name in self.on:
            handler = self.on[name]
            if handler is not None:
                handler(peer, action)
        elif name == "Login":
            self._login(peer, action)
        else:
            peer.answer(action)

    def _login(self, peer: Peer, action: Fields) -> None:
        if action["Secret"] != self.secret:
            peer.answer(action, "Response: Error\r\nMessage: Authentication failed")
            peer.writer.close()
            return
        peer.answer(action, "Response: Success\r\nMessage: Authentication accepted")
        if self.boots:
            peer.send(FULLY_BOOTED)


@contextlib.asynccontextmanager
async def scripted_ami() -> AsyncIterator[ScriptedAmi]:
    """A listening ScriptedAmi on a free port of 127.0.0.1."""
    ami = ScriptedAmi()
    server = await asyncio.start_server(ami.serve, "127.0.0.1", 0)
    ami.port = server.sockets[0].getsockname()[1]
    try:
        yield ami
    finally:
        server.close()
        for peer in ami.peers:
            peer.cut()
            await peer.closed.wait()
