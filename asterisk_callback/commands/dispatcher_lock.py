"""One dispatcher per SQLite file: several would starve each other of its one write lock.

The kernel frees the lock when the process ends, however it ends.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(Exception):
    """Another dispatcher holds the lock."""


@contextmanager
def only_dispatcher(database: Path) -> Iterator[None]:
    """Holds `<database>.dispatcher.lock`. Raises AlreadyRunning, OSError."""
    from asterisk_callback.store.file_owner import give_to_owner  # with it comes all SQLAlchemy

    path = database.with_name(database.name + ".dispatcher.lock")
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        give_to_owner(path)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 32).decode("ascii", "replace").strip()
            who = f" (process {holder})" if holder.isdigit() else ""
            raise AlreadyRunning(
                f"another dispatcher{who} already serves {database}; stop it first, or use "
                "PostgreSQL, which takes as many dispatchers as you like"
            ) from None
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)
