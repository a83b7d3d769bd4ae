"""Why the demo failed and what mends it: a line or two, never a traceback."""

import errno
import os
import sqlite3

from asterisk_callback.domain.errors import CallbackError
from tests.lab.waiting import LabError

DEBUG = "DEMO_DEBUG"
_MEND = (
    "mend: see the log above. If it is Asterisk that does not start: rm -rf "
    "~/.cache/asterisk-callback unpacks it anew, ASTERISK=22 leaves the host's own alone"
)
_BY_NUMBER = {
    errno.ENOSPC: "the disk is full: /tmp and ~/.cache need 500 MB",
    errno.EDQUOT: "the disk quota is used up: /tmp and ~/.cache need 500 MB",
    errno.EMFILE: "too many open files: raise `ulimit -n` to 1024",
    errno.EACCES: "no permission: set HOME and TMPDIR to folders that you may write to",
    errno.EROFS: "a read-only file system: set HOME and TMPDIR to folders that you may write to",
    errno.ENOMEM: "out of memory: 400 MB are needed",
}


class DemoFailed(Exception):
    """The call did not go as it should. The message names cause and mend."""


def explain(error: BaseException) -> list[str]:
    """Lines to print: the cause first, then the mend or the end of a log."""
    if isinstance(error, DemoFailed | CallbackError):
        return str(error).splitlines()
    if isinstance(error, LabError):
        return _of_the_lab(str(error))
    if isinstance(error, ModuleNotFoundError):
        return [f"{error.name} is missing in .venv", "mend: rm -rf .venv && make demo"]
    if isinstance(error, sqlite3.Error):
        return [f"the database: {error}", "mend: is the disk full? /tmp needs 200 MB"]
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return [where + (_BY_NUMBER.get(error.errno or 0) or error.strerror or str(error))]
    return [
        f"a fault of the demo itself: {type(error).__name__}: {error}",
        f"{DEBUG}=1 make demo shows where",
    ]


def debugging() -> bool:
    """True if the user asked for tracebacks."""
    return bool(os.environ.get(DEBUG))


def _of_the_lab(message: str) -> list[str]:
    cause, *log = message.splitlines()
    if cause.startswith("get-asterisk: "):  # says itself what mends it; its last line is the cause
        return message.splitlines()[-2:]
    lines = [cause, *(f"    {line}" for line in log[-8:])]
    return [*lines, _MEND] if log else lines
