"""Whether the database can be written: tried, and undone."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from asterisk_callback.doctor.finding import Finding, ok, wrong
from asterisk_callback.domain.alarm import AlarmName
from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.store import SqlStore, missing_rights

_NAME = "database.writable"
_MB = 1_000_000
_ROOM = 100 * _MB
_MEND = (
    "make room on its disk, give its role (or the service's user) the right to write, or let "
    "[database] url lead to the server that takes writes"
)


class _Undo(Exception):
    """Ends a transaction of which nothing is kept."""


def check(store: SqlStore, file: Path | None) -> Iterator[Finding]:
    """file: of an SQLite database."""
    if file is not None and (free := shutil.disk_usage(file.parent).free) < _ROOM:
        yield wrong(_NAME, f"only {free // _MB} MB are free on its disk", f"make room: {file}")
        return
    try:
        with store.writing() as tx:
            tx.servers.note_stranger(AlarmName.DATABASE, "doctor", "a test write")
            raise _Undo
    except StoreUnavailable as error:
        yield wrong(_NAME, error.sentence, _MEND)
        return
    except _Undo:
        pass
    if lacking := missing_rights(store):
        yield wrong(_NAME, f"its role lacks rights on {', '.join(lacking)}", _MEND)
    else:
        yield ok(_NAME, "it can be written")
