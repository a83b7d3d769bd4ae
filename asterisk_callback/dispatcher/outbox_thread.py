"""The outbox is worked off in threads of its own, so that what is told never delays a call."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType

from asterisk_callback.domain.errors import CallbackError

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0  # seconds; one read of an index
AFTER_A_FAULT = 10.0
STOP_WITHIN = 10.0  # a message under way is finished, if that is soon; else it is sent again later


class OutboxThreads:
    """A context: inside it each of `work` is called again and again, at once while it returns True,
    in a thread of its own: one that hangs holds back no other."""

    def __init__(
        self,
        work: Sequence[Callable[[], bool]],
        *,
        every: float = LOOK_EVERY,
        after_a_fault: float = AFTER_A_FAULT,
    ) -> None:
        self._every = every
        self._after_a_fault = after_a_fault
        self._stopping = threading.Event()
        # Daemons: a mail server that hangs must not keep the process alive.
        self._threads = [
            threading.Thread(target=self._run, args=(one,), name="outbox", daemon=True)
            for one in work
        ]

    @property
    def running(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def __enter__(self) -> "OutboxThreads":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        end = time.monotonic() + STOP_WITHIN
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _run(self, work_off: Callable[[], bool]) -> None:
        while not self._stopping.is_set():
            pause = self._every
            try:
                if work_off():
                    continue
            except CallbackError as error:
                log.warning("the outbox waits: %s", error.sentence)
                pause = self._after_a_fault
            except Exception:
                log.exception("the outbox was given up for now")
                pause = self._after_a_fault
            self._stopping.wait(pause)
