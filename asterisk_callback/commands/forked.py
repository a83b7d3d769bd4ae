"""A child that is a fork of its parent: it has the imports already, which take longer than all the
rest of a start. Only at the first start: later ones begin afresh, as the program on the disk may be
another one by then.
"""

import ctypes
import gc
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Collection
from typing import NoReturn

_PR_SET_NAME = 15  # prctl(2); at most 15 characters


class Forked:
    """The part of Popen's face that the supervisor uses. It must have no thread but its first.

    work: what the child does, to its end; a SystemExit of it is the exit code. name: as `top` shows
    it. keep: the files that the child inherits; it closes all others but the standard ones.
    """

    def __init__(self, work: Callable[[], object], name: str, keep: Collection[int]) -> None:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()  # or the child would write it once more
        gc.freeze()  # or the first collection would write to each page of what is shared
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            _live(work, name, keep)

    def poll(self) -> int | None:
        """The exit code (negative: the signal), or None while it lives."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if timeout is not None and deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            time.sleep(0.02)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _live(work: Callable[[], object], name: str, keep: Collection[int]) -> NoReturn:
    """The parent's frames are never returned to, nor its objects freed."""
    code: object = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        _close_all_but(keep)
        ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode())
        work()
        code = 0
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


def _close_all_but(keep: Collection[int]) -> None:
    """Without a look at /proc, which is not everywhere mounted."""
    first = 3
    for fd in sorted(one for one in keep if one >= first):
        os.closerange(first, fd)
        first = fd + 1
    os.closerange(first, os.sysconf("SC_OPEN_MAX"))
