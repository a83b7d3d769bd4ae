"""TCP between two processes: bytes arrive late but in order; a cut loses what was under way.

A partition holds everything back until it is over: what a client wrote before it gave up may still
arrive afterwards, unless the client closed with linger 0, as ours does.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from tests.simulation.loop import Process, Universe


class Connection(asyncio.Transport):
    """The client's transport. The server's side is `to_client` and the `server_data` callback."""

    def __init__(self, universe: Universe, client: Process, server: Process, protocol: Any) -> None:
        super().__init__()
        self.universe = universe
        self.client = client
        self.server = server
        self.protocol = protocol
        self.server_data: Callable[[bytes], None] = lambda _: None
        self.server_lost: Callable[[], None] = lambda: None
        self.open = True
        self.held_until = 0.0
        self.lingers = False
        self._arrived = {True: 0.0, False: 0.0}

    # --- the client's side: what asyncio's protocols use -------------------------------------

    def write(self, data: Any) -> None:
        if self.open:
            self._send(True, self._at_server, bytes(data))

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def abort(self) -> None:
        """By the client. What already lies in the server's buffer will be read all the same."""
        if self.open:
            self.open = False
            self.lingers = self.server.frozen
            self._send(True, self.server_lost)

    close = abort

    def client_died(self) -> None:
        """Its kernel closes in good order: what was written whole will be read and executed."""
        if self.open:
            self.open = False
            self.lingers = True
            self._send(True, self.server_lost)

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return not self.open

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    # --- the server's side --------------------------------------------------------------------

    def to_client(self, data: bytes) -> None:
        if self.open:
            self._send(False, self._at_client, data)

    def cut(self) -> None:
        """The connection breaks, or the server dies: both sides lose what is under way."""
        if self.open:
            self.open = False
            self._send(False, self.protocol.connection_lost, None)
            self._send(True, self.server_lost)

    def hold(self, seconds: float) -> None:
        self.held_until = self.universe.now + seconds

    def _send(self, to_server: bool, deliver: Callable[..., None], *args: Any) -> None:
        earliest = (
            max(self.universe.now, self.held_until) + 0.0005 + self.universe.rng.random() * 0.01
        )
        when = max(earliest, self._arrived[to_server])
        self._arrived[to_server] = when
        process = self.server if to_server else self.client
        process.loop.call_at(when, deliver, *args)

    def _at_server(self, data: bytes) -> None:
        if self.open or self.lingers:
            self.server_data(data)

    def _at_client(self, data: bytes) -> None:
        if self.open:
            self.protocol.data_received(data)
