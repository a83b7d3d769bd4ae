"""A door between two processes: held shut, slammed, or made to stutter at one message."""

import contextlib
import os
import select
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from .frames import Framing
from .speed import scaled
from .waiting import PATIENCE, LabError

Address = int | str  # a TCP port of 127.0.0.1, or the path of a unix socket
TO_SERVER, TO_CLIENT = "to server", "to client"


@dataclass(eq=False)
class Rule:
    """What happens to a message in `way` that contains `text`.

    do     hold        it waits, and all behind it; lost for good if an end closes meanwhile
           cut         it is lost, and the connection with it
           cut after   it arrives, and then the connection is cut
           cut inside  half of it arrives, and then the connection is cut
           twice       it arrives twice
           late        it, and all behind it, comes a moment later
           swap        it comes after its successor
    after  a message to the server that contains this must come before it, in the same transaction
    times  to how many messages it is done
    """

    way: str
    text: bytes
    do: str
    after: bytes = b""
    times: int = 1
    seconds: float = 0.2
    hit: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def wait_hit(self, timeout: float = PATIENCE) -> None:
        """Wait until it was done to a message."""
        if not self.hit.wait(scaled(timeout)):
            raise LabError(f"no message with {self.text!r} {self.way} within {timeout:g} s")


class _Cut(Exception):
    """This connection ends now."""


class Door:
    """Passes every connection at `listen` on to `target`, message by message.

    to_server, to_client: how each way is cut into messages.
    """

    def __init__(
        self,
        listen: Address,
        target: Address,
        to_server: Callable[[], Framing],
        to_client: Callable[[], Framing],
    ) -> None:
        self.listen, self.target = listen, target
        self._framings = {TO_SERVER: to_server, TO_CLIENT: to_client}
        self._rules: list[Rule] = []
        self._armed: set[tuple[Rule, socket.socket]] = set()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._flows = threading.Event()
        self._flows.set()
        self._listener: socket.socket | None = None

    def start(self) -> "Door":
        """Listen, and serve in threads until close()."""
        if isinstance(self.listen, int):
            self._listener = socket.create_server(("127.0.0.1", self.listen))
        else:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.listen)
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(self.listen)
            self._listener.listen(128)
        threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()
        return self

    def close(self) -> None:
        """End all connections and the listener."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        self.heal()
        self.cut()

    def rule(self, way: str, text: bytes, do: str, **more: object) -> Rule:
        """Lay a rule down; heal() takes it away."""
        made = Rule(way, text, do, **more)  # type: ignore[arg-type]
        with self._lock:
            self._rules.append(made)
        return made

    def cut(self) -> None:
        """Cut the connections there are now; new ones are served."""
        with self._lock:
            victims = list(self._open)
        for victim in victims:
            with contextlib.suppress(OSError):
                victim.shutdown(socket.SHUT_RDWR)

    def part(self) -> None:
        """A partition: nothing passes either way, and nobody is told. New connections hang, too."""
        self._flows.clear()

    def heal(self) -> None:
        """No rules, no partition; what was held passes if both its ends still live."""
        with self._lock:
            rules, self._rules = self._rules, []
            self._armed.clear()
        for one in rules:
            one.released.set()
        self._flows.set()

    def _keep(self, way: str, meaning: bytes) -> None:
        """For a door that keeps what passes; the lock is held."""

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        self._flows.wait()
        target = self.target if isinstance(self.target, str) else ("127.0.0.1", self.target)
        server = socket.socket(socket.AF_UNIX if isinstance(target, str) else socket.AF_INET)
        try:
            server.connect(target)
        except OSError:
            server.close()
            client.close()
            return
        with self._lock:
            self._open |= {client, server}
        threads = [
            threading.Thread(target=self._pump, args=(client, server, TO_SERVER), daemon=True),
            threading.Thread(target=self._pump, args=(server, client, TO_CLIENT), daemon=True),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with self._lock:
            self._open -= {client, server}
        client.close()
        server.close()

    def _pump(self, source: socket.socket, sink: socket.socket, way: str) -> None:
        framing, swapped = self._framings[way](), b""
        client = source if way == TO_SERVER else sink
        with contextlib.suppress(OSError, _Cut):
            while data := source.recv(65536):
                ready = b""  # what no rule is for goes on in one piece
                for message, meaning in framing.feed(data):
                    rule = self._match(meaning, way, client)
                    if rule is None:
                        ready, swapped = ready + message + swapped, b""
                        continue
                    self._pass_on(ready, source, sink)
                    ready, swapped = self._treat(rule, message, source, sink, swapped)
                self._pass_on(ready, source, sink)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _pass_on(self, data: bytes, source: socket.socket, sink: socket.socket) -> None:
        if not self._flows.is_set():
            self._flows.wait()
            if _reset(source):
                raise _Cut  # a kernel forgets what it could not deliver before a reset
        if data:
            sink.sendall(data)

    def _treat(
        self, rule: Rule, message: bytes, source: socket.socket, sink: socket.socket, swapped: bytes
    ) -> tuple[bytes, bytes]:
        """What is passed on now, and what is kept for after the next message."""
        match rule.do:
            case "hold":
                _hold(rule, source, sink)
            case "cut":
                raise _Cut
            case "cut after":
                sink.sendall(message)
                raise _Cut
            case "cut inside":
                sink.sendall(message[: len(message) // 2])
                raise _Cut
            case "twice":
                return message * 2 + swapped, b""
            case "late":
                rule.released.wait(rule.seconds)
            case "swap":
                return swapped, message
        return message + swapped, b""

    def _match(self, meaning: bytes, way: str, client: socket.socket) -> Rule | None:
        with self._lock:
            self._keep(way, meaning)
            for rule in self._rules:
                if rule.after and way == TO_SERVER and rule.after in meaning:
                    self._armed.add((rule, client))
                if rule.way != way or rule.times <= 0 or rule.text not in meaning:
                    continue
                if rule.after and (rule, client) not in self._armed:
                    continue
                rule.times -= 1
                rule.hit.set()
                return rule
            if meaning.startswith((b"COMMIT", b"ROLLBACK")):
                self._armed -= {(rule, client) for rule in self._rules}
        return None


def _hold(rule: Rule, *ends: socket.socket) -> None:
    poll = select.poll()
    for end in ends:
        poll.register(end, select.POLLRDHUP)
    while not rule.released.is_set():
        if poll.poll(50):
            raise _Cut


def _reset(source: socket.socket) -> bool:
    poll = select.poll()
    poll.register(source, 0)
    return bool(poll.poll(0))
