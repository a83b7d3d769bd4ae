"""A recording TCP proxy before an Asterisk's AMI port: what the product says, what it hears."""

import contextlib
import socket
import threading

from . import ports
from .ami import Packet


class AmiProxy:
    """Passes every connection on to 127.0.0.1:`target` and keeps both directions' bytes.

    `sent` is what the client wrote, `received` what Asterisk answered, over all connections.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = ports.single()
        self.sent, self.received = bytearray(), bytearray()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None

    def start(self) -> "AmiProxy":
        """Listen, and serve in threads until close()."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._serve, name="ami-proxy", daemon=True).start()
        return self

    def close(self) -> None:
        """End all connections and the listener."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Cut the connections there are now; new ones are served."""
        with self._lock:
            victims = list(self._open)
        for victim in victims:
            with contextlib.suppress(OSError):
                victim.shutdown(socket.SHUT_RDWR)

    def clear(self) -> None:
        """Forget what was recorded (between tests)."""
        with self._lock:
            self.sent.clear()
            self.received.clear()

    def actions(self, name: str = "") -> list[Packet]:
        """What the product sent, of one kind of action if named; repeated keys are joined."""
        return [p for p in _packets(self._copy(self.sent)) if name in ("", p.get("Action"))]

    def events(self) -> list[Packet]:
        """What Asterisk sent: events and responses, in order."""
        return _packets(self._copy(self.received))

    def _copy(self, data: bytearray) -> bytes:
        with self._lock:
            return bytes(data)

    def _serve(self) -> None:
        assert self._listener is not None
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                self._open |= {client, server}
            for source, sink, record in (
                (client, server, self.sent), (server, client, self.received),
            ):  # fmt: skip
                arguments = (source, sink, record)
                threading.Thread(target=self._pump, args=arguments, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, record: bytearray) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                with self._lock:
                    record += data
                sink.sendall(data)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        with self._lock:
            known = source in self._open
            self._open.discard(source)
        if known:
            source.close()


def _packets(data: bytes) -> list[Packet]:
    packets = []
    for block in data.decode("utf-8", "replace").split("\r\n\r\n"):
        packet: Packet = {}
        for line in block.split("\r\n"):
            key, colon, value = line.partition(":")
            if colon:
                value = value.strip()
                packet[key] = f"{packet[key]}\n{value}" if key in packet else value
        if packet:
            packets.append(packet)
    return packets
