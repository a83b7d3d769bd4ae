"""A small blocking AMI client for tests: a reader thread keeps every packet; waits never sleep.

Independent of panoramisk on purpose: what the product believes is checked against this one.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from .speed import Deadline, scaled
from .waiting import PATIENCE, LabError

Packet = dict[str, str]
_REPEATED = ("Output", "ChanVariable", "Variable")  # keys that come more than once in a packet


class AmiTimeout(LabError, TimeoutError):
    """The awaited packet did not come."""


class Ami:
    """One logged-in AMI session on 127.0.0.1.

    `log` holds every packet in order; `times` the time.monotonic() of each: when Asterisk wrote it,
    for an event, else when it arrived.
    Raises OSError when nothing listens and LabError when the login is refused.
    """

    def __init__(self, port: int, user: str, secret: str, timeout: float = PATIENCE) -> None:
        self.log: list[Packet] = []
        self.times: list[float] = []
        self.closed = False
        self._news = threading.Condition()
        self._count = 0
        self._sock = socket.create_connection(("127.0.0.1", port), scaled(timeout))
        self._sock.settimeout(None)
        threading.Thread(target=self._read, name=f"ami-{port}", daemon=True).start()
        answer = self.action("Login", timeout, Username=user, Secret=secret)
        if answer.get("Response") != "Success":
            self.close()
            raise LabError(f"AMI on port {port} refused user {user}: {answer.get('Message')}")

    def mark(self) -> int:
        """A place in the log; give it to wait() or event() as `start`."""
        with self._news:
            return len(self.log)

    def wait(
        self, wanted: Callable[[Packet], bool], timeout: float = PATIENCE, start: int = 0
    ) -> Packet:
        """First packet from `start` on that is `wanted`; AmiTimeout after `timeout` seconds."""
        limit = Deadline(timeout)
        with self._news:
            place = start
            while True:
                while place < len(self.log):
                    if wanted(self.log[place]):
                        return self.log[place]
                    place += 1
                left = limit.left()
                if left <= 0 or self.closed:
                    seen = [p.get("Event", p.get("Response", "?")) for p in self.log[start:]][-15:]
                    cause = "session closed" if self.closed else f"not within {timeout:g} s"
                    raise AmiTimeout(f"AMI: {cause}; seen last: {seen}")
                self._news.wait(left)

    def event(self, name: str, timeout: float = PATIENCE, start: int = 0, **fields: str) -> Packet:
        """First event `name` from `start` on whose fields have these values."""
        return self.wait(lambda p: _matches(p, name, fields), timeout, start)

    def events(self, name: str, start: int = 0, **fields: str) -> list[Packet]:
        """All such events that have come so far."""
        with self._news:
            return [p for p in self.log[start:] if _matches(p, name, fields)]

    def action(self, name: str, timeout: float = PATIENCE, **fields: Any) -> Packet:
        """Send an action (a list repeats the key) and return its response (maybe an Error)."""
        with self._news:
            self._count += 1
            action_id = str(fields.pop("ActionID", f"lab-{id(self):x}-{self._count}"))
            start = len(self.log)
        lines = [f"Action: {name}", f"ActionID: {action_id}"]
        for key, value in fields.items():
            lines += [f"{key}: {v}" for v in (value if isinstance(value, list) else [value])]
        self._sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return self.wait(
            lambda p: p.get("ActionID") == action_id and "Response" in p, timeout, start
        )

    def listing(self, name: str, timeout: float = PATIENCE, **fields: Any) -> list[Packet]:
        """Send an action that answers with a list and return the list's events, without its end."""
        start = self.mark()
        answer = self.action(name, timeout, **fields)
        own = answer.get("ActionID", "")
        if answer.get("Response") != "Success":
            return []
        self.wait(
            lambda p: p.get("ActionID") == own and p.get("EventList") == "Complete", timeout, start
        )
        with self._news:
            items = [p for p in self.log[start:] if p.get("ActionID") == own and "Event" in p]
        return [p for p in items if p.get("EventList") != "Complete"]

    def send_raw(self, data: bytes) -> None:
        """Write bytes as they are (for tests of hostile or broken clients)."""
        self._sock.sendall(data)

    def close(self) -> None:
        """Cut the connection; waiting threads get AmiTimeout."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()

    def _read(self) -> None:
        packet: Packet = {}
        with contextlib.suppress(OSError, ValueError), self._sock.makefile("rb") as stream:
            for raw in stream:
                line = raw.decode("utf-8", "replace").rstrip("\r\n")
                if line:
                    _add(packet, line)
                elif packet:
                    self._keep(packet)
                    packet = {}
        with self._news:
            self.closed = True
            self._news.notify_all()

    def _keep(self, packet: Packet) -> None:
        with self._news:
            self.log.append(packet)
            self.times.append(_at(packet))
            self._news.notify_all()


def _add(packet: Packet, line: str) -> None:
    key, colon, value = line.partition(":")
    if not colon:
        return  # the banner
    value = value.strip()
    if key in _REPEATED and key in packet:
        value = packet[key] + "\n" + value
    packet[key] = value


def _at(packet: Packet) -> float:
    """We may be late to read it; `timestampevents` says when it was."""
    late = time.time() - float(packet["Timestamp"]) if "Timestamp" in packet else 0.0
    return time.monotonic() - late


def _matches(packet: Packet, name: str, fields: dict[str, str]) -> bool:
    return packet.get("Event") == name and all(packet.get(k) == v for k, v in fields.items())
