"""Where one message ends and the next begins, for the protocols that a Door understands."""

import struct
from typing import Protocol


class Framing(Protocol):
    """Cuts one direction of one connection into messages."""

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        """Messages completed by `data`, as (bytes as they came, what a rule is held against)."""
        ...


class Raw:
    """No messages: bytes as they come."""

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        """See Framing."""
        return [(data, data)]


class Ami:
    """Asterisk's manager: messages end with an empty line, and the server greets with one line."""

    def __init__(self, greets: bool = False) -> None:
        self._rest, self._greets = b"", greets

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        """See Framing."""
        self._rest += data
        found = []
        if self._greets and b"\r\n" in self._rest:
            banner, _, self._rest = self._rest.partition(b"\r\n")
            found.append((banner + b"\r\n", b""))
            self._greets = False
        if not self._greets:
            *whole, self._rest = self._rest.split(b"\r\n\r\n")
            found += [(one + b"\r\n\r\n", one) for one in whole]
        return found


class PostgresClient:
    """What a PostgreSQL client says; a prepared statement is named by its text, and the values that
    are bound to it follow."""

    def __init__(self) -> None:
        self._rest, self._started = b"", False
        self._statements: dict[bytes, bytes] = {}

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        """See Framing."""
        self._rest += data
        found = []
        while (size := self._size()) and len(self._rest) >= size:
            message, self._rest = self._rest[:size], self._rest[size:]
            found.append((message, self._meaning(message) if self._started else b""))
            self._started = True
        return found

    def _size(self) -> int:
        """Bytes of the next message, 0 while that is not known. The first has no type byte."""
        kind = 1 if self._started else 0
        if len(self._rest) < kind + 4:
            return 0
        return kind + int(struct.unpack("!I", self._rest[kind : kind + 4])[0])

    def _meaning(self, message: bytes) -> bytes:
        kind, body = message[:1], message[5:]
        if kind == b"P":
            name, _, rest = body.partition(b"\0")
            self._statements[name] = rest.partition(b"\0")[0]
            return b""  # executed by the Bind that follows
        if kind == b"B":
            _, name, values = body.split(b"\0", 2)
            return self._statements.get(name, b"") + b"\n" + values
        return body if kind == b"Q" else b""
