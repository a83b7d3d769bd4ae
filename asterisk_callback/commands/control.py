"""The door at which `asterisk-callback reload` finds the running `serve`, and hears how it went.

A socket in Linux's abstract namespace (unix(7)), named after the configuration's file: it is gone
with the process, however that ends. Only root and the service's own user are heard.
"""

import contextlib
import hashlib
import json
import os
import select
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# A reload waits for new processes: more than the supervisor gives them.
_ANSWERS = 300.0
_SAYS = 1.0
_LONGEST = 64 * 1024
_RELOAD = b"reload"


class Nobody(Exception):
    """No service of this configuration runs on this machine."""


@dataclass(frozen=True)
class Asked:
    """One who waits for the outcome of a reload."""

    _peer: socket.socket

    def answer(self, done: bool, text: str) -> None:
        with self._peer, contextlib.suppress(OSError):
            self._peer.sendall(json.dumps([done, text]).encode())


class Door:
    """The supervisor's side. listener: None if somebody else stands at this place."""

    def __init__(self, listener: socket.socket | None) -> None:
        self._listener = listener

    @property
    def open(self) -> bool:
        return self._listener is not None

    def wait(self, seconds: float) -> None:
        """Until somebody comes, at most so long."""
        select.select([self._listener] if self._listener is not None else [], [], [], seconds)

    def asked(self) -> Iterator[Asked]:
        """Those who came for a reload since the last time."""
        while self._listener is not None:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            peer.settimeout(_SAYS)
            with contextlib.suppress(OSError):
                if _uid(peer) in (0, os.geteuid()) and peer.recv(_LONGEST) == _RELOAD:
                    yield Asked(peer)
                    continue
            peer.close()


@contextlib.contextmanager
def door(file: Path | None) -> Iterator[Door]:
    """file: of the configuration; None if there is none."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        try:
            listener.bind(_place(file))
        except OSError:
            yield Door(None)
            return
        listener.listen()
        listener.setblocking(False)
        yield Door(listener)


def ask(file: Path | None) -> tuple[bool, str]:
    """Has the service reload: was it done, and a sentence. Raises Nobody."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
        try:
            peer.connect(_place(file))
            if _uid(peer) not in (0, os.geteuid()) and os.geteuid() != 0:
                raise Nobody
            peer.sendall(_RELOAD)
            peer.settimeout(_ANSWERS)
            said = peer.recv(_LONGEST)
            if not said:
                raise Nobody
        except TimeoutError:
            return False, f"the service did not answer within {_ANSWERS:g} s; its log says more"
        except OSError as error:
            raise Nobody from error
    done, text = json.loads(said)
    return bool(done), str(text)


def _place(file: Path | None) -> str:
    where = str(file.resolve() if file is not None else Path.cwd())
    return "\0asterisk-callback/" + hashlib.sha256(where.encode()).hexdigest()[:32]


def _uid(peer: socket.socket) -> int:
    """Whose process is on the other side (SO_PEERCRED)."""
    size = struct.calcsize("3i")
    credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    return int(struct.unpack("3i", credentials)[1])
