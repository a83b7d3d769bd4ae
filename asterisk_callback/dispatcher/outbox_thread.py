"""The postman: works off the outbox in a thread of its own, so that mail never delays a call."""

import logging
import threading
from collections.abc import Callable
from types import TracebackType

from asterisk_callback.domain.errors import CallbackError

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0  # seconds; one read of an index
AFTER_A_FAULT = 10.0
STOP_WITHIN = 10.0  # a message under way is finished, if that is soon; else it is sent again later


class OutboxThread:
    """A context: `work_off` is called again and again inside it, at once while it returns True."""

    def __init__(
        self,
        work_off: Callable[[], bool],
        *,
        every: float = LOOK_EVERY,
        after_a_fault: float = AFTER_A_FAULT,
    ) -> None:
        self._work_off = work_off
        self._every = every
        self._after_a_fault = after_a_fault
        self._stopping = threading.Event()
        # A daemon: a mail server that hangs must not keep the process alive.
        self._thread = threading.Thread(target=self._run, name="postman", daemon=True)

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def __enter__(self) -> "OutboxThread":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join(STOP_WITHIN)

    def _run(self) -> None:
        while not self._stopping.is_set():
            pause = self._every
            try:
                if self._work_off():
                    continue
            except CallbackError as error:
                log.warning("the outbox waits: %s", error.sentence)
                pause = self._after_a_fault
            except Exception:
                log.exception("the outbox was given up for now")
                pause = self._after_a_fault
            self._stopping.wait(pause)
