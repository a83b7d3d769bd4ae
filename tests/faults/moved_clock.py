"""A process of the product whose clock can be moved.

A file holds the offset in seconds. Wall time moves, for the whole process; monotonic time goes on,
as it does when an admin or NTP steps a host's clock.
"""

import datetime as dt
import os
import threading
from pathlib import Path

import time_machine


def follow(file: Path) -> None:
    """Move this process's clock whenever the file says so; in forked workers, too."""
    clock = time_machine.travel(dt.datetime.now(dt.UTC), tick=True).start()
    at = [0.0]

    def watch() -> None:
        while True:
            wanted = float(file.read_text() or at[0])
            if wanted != at[0]:
                clock.shift(wanted - at[0])
                at[0] = wanted
            threading.Event().wait(0.05)

    def begin() -> None:
        threading.Thread(target=watch, daemon=True).start()

    begin()
    os.register_at_fork(after_in_child=begin)
