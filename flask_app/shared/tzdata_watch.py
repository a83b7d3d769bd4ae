"""Other time zone rules reach a web process that runs on, as they reach the dispatcher."""

import logging
import time

from flask import Flask

from asterisk_callback.domain import tzdata

log = logging.getLogger(__name__)
EVERY = 600.0  # seconds


def register(app: Flask, every: float = EVERY) -> None:
    """Looks at the disk with a request, once `every` seconds have passed since the last look."""
    looked = [time.monotonic()]

    @app.before_request
    def _look() -> None:
        if time.monotonic() - looked[0] < every:
            return
        looked[0] = time.monotonic()
        if tzdata.forget_if_changed():
            log.warning("the time zone rules changed to %s", tzdata.version())
