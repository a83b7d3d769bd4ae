"""panoramisk as it comes, for the tests that hold its hazards against our link."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from panoramisk import Manager
from panoramisk.ami_protocol import AMIProtocol

from tests.unit.telephony.scripted_ami import ScriptedAmi, until


class _Tidy(Manager):  # type: ignore[misc]
    """panoramisk's Manager as it comes; we only keep its connections, to be able to end them."""

    def __init__(self, **config: Any) -> None:
        super().__init__(**config, protocol_factory=self._protocol)
        self.protocols: list[AMIProtocol] = []
        self.connecting: list[asyncio.Task[Any]] = []
        self.ended = False

    def _protocol(self) -> AMIProtocol:
        self.protocols.append(AMIProtocol())
        return self.protocols[-1]

    def connect(self) -> Any:
        if not self.ended:
            self.connecting.append(super().connect())
            return self.connecting[-1]

    async def end(self) -> None:
        """Its own close() would connect once more."""
        self.ended = True
        await asyncio.gather(*self.connecting, return_exceptions=True)
        self.close()
        for protocol in self.protocols:
            protocol.transport.abort()


@contextlib.asynccontextmanager
async def stock(ami: ScriptedAmi, **config: Any) -> AsyncIterator[Manager]:
    """panoramisk's Manager as it comes, its login sent; reconnects at once when cut."""
    settings = {"host": "127.0.0.1", "port": ami.port, "username": "callback", "secret": "s3cret"}
    settings |= {"reconnect_timeout": 0, "loop": asyncio.get_running_loop()}
    manager = _Tidy(**(settings | config))
    try:
        await manager.connect()
        await until(lambda: ami.actions("Login"))
        yield manager
    finally:
        await manager.end()
