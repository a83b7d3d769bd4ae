"""What the supervisor and a child of it say to each other while a new configuration is taken up.

A line each, as JSON; with a line may come a listening socket. The child says `prepared` when all
that can be wrong is known to be right, and waits for `go`; `serving` when it does its work, and
`over` when it has stopped, while messages may still be on their way. `refused` says why not.
"""

import contextlib
import json
import socket
import struct
from collections.abc import Iterator

from asterisk_callback.commands.app import foreseen

PREPARED, GO, SERVING, OVER, REFUSED = "prepared", "go", "serving", "over", "refused"
_LONGEST = 64 * 1024


class ControlChannel:
    """One end. Lines are short, and one is read before the next is sent, but for the last two of a
    child, so that each arrives whole."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    @staticmethod
    def of(fd: int | None) -> "ControlChannel | None":
        """The child's end; None if nobody listens."""
        return None if fd is None else ControlChannel(socket.socket(fileno=fd))

    def say(self, word: str, text: str = "", *, listening: socket.socket | None = None) -> None:
        """Who is gone hears nothing, and it is no matter."""
        with contextlib.suppress(OSError):
            line = json.dumps([word, text]).encode()
            fds = [listening.fileno()] if listening is not None else []
            socket.send_fds(self._end, [line], fds)

    def hear(self, seconds: float | None) -> tuple[str, str, socket.socket | None] | None:
        """Word, text and socket; None if nothing comes in time. Raises EOFError if nobody is left
        to say anything."""
        self._end.settimeout(seconds)
        try:
            line, fds, _, _ = socket.recv_fds(self._end, _LONGEST, 1)
        except (TimeoutError, BlockingIOError):
            return None
        except OSError as error:
            raise EOFError from error
        if not line:
            raise EOFError
        word, text = json.loads(line)
        return word, text, socket.socket(fileno=fds[0]) if fds else None

    @property
    def maker(self) -> int:
        """The process that made both ends (SO_PEERCRED, unix(7)): the supervisor."""
        size = struct.calcsize("3i")
        told = self._end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        return int(struct.unpack("3i", told)[0])

    def close(self) -> None:
        self._end.close()


def say(channel: ControlChannel | None, word: str, listening: socket.socket | None = None) -> None:
    """To whoever listens, if anybody does."""
    if channel is not None:
        channel.say(word, listening=listening)


def pair() -> tuple[ControlChannel, socket.socket]:
    """The supervisor's end, and the one that the child inherits. Messages keep their bounds."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return ControlChannel(ours), theirs


@contextlib.contextmanager
def preparing(channel: ControlChannel | None) -> Iterator[None]:
    """Whoever asked hears what went wrong within, besides whoever reads the log."""
    try:
        yield
    except foreseen() as error:
        if channel is not None:
            channel.say(REFUSED, str(error) or type(error).__name__)
        raise


def wait_for_go(channel: ControlChannel | None, standby: bool) -> socket.socket | None:
    """Says that all is prepared, and returns when it is our turn: with the gate's socket, if there
    is one. Who does not stand by is not waited for by anybody."""
    if channel is None or not standby:
        return None
    channel.say(PREPARED)
    try:
        heard = channel.hear(None)
    except EOFError:
        raise SystemExit(0) from None  # it was decided otherwise
    assert heard is not None
    return heard[2]
