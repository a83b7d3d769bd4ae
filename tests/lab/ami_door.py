"""The door before an Asterisk's AMI port, which keeps what the product says and what it hears."""

from functools import partial

from . import ports
from .ami import Packet
from .door import TO_CLIENT, TO_SERVER, Door
from .frames import Ami


class AmiDoor(Door):
    """Passes every connection on to 127.0.0.1:`target` and keeps both directions' messages."""

    def __init__(self, target: int) -> None:
        super().__init__(ports.single(), target, Ami, partial(Ami, greets=True))
        self._kept: list[tuple[str, bytes]] = []

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return int(self.listen)

    @property
    def sent(self) -> bytes:
        """All that the product wrote, over all connections, since forget()."""
        return b"\r\n\r\n".join(self._messages(TO_SERVER))

    def said(self, text: bytes) -> int:
        """How many of the product's messages contain `text` since forget()."""
        return sum(text in one for one in self._messages(TO_SERVER))

    def actions(self, name: str = "") -> list[Packet]:
        """What the product sent, of one kind of action if named; repeated keys are joined."""
        packets = map(_packet, self._messages(TO_SERVER))
        return [p for p in packets if p and name in ("", p.get("Action"))]

    def events(self) -> list[Packet]:
        """What Asterisk sent: events and responses, in order."""
        return [p for p in map(_packet, self._messages(TO_CLIENT)) if p]

    def forget(self) -> None:
        """Forget what was kept (between tests)."""
        with self._lock:
            self._kept.clear()

    def _keep(self, way: str, meaning: bytes) -> None:
        self._kept.append((way, meaning))

    def _messages(self, way: str) -> list[bytes]:
        with self._lock:
            return [message for kept, message in self._kept if kept == way]


def _packet(message: bytes) -> Packet:
    packet: Packet = {}
    for line in message.decode("utf-8", "replace").split("\r\n"):
        key, colon, value = line.partition(":")
        if colon:
            value = value.strip()
            packet[key] = f"{packet[key]}\n{value}" if key in packet else value
    return packet
