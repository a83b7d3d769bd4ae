"""Has the database gone back in time? Then it does not know whom we called since.

Its mark only grows. One that somebody remembers and that is higher than the database's own proves
that an older copy was put in its place.
"""

from asterisk_callback.domain.hold import EVERYTHING, Hold
from asterisk_callback.services.calling import holds
from asterisk_callback.services.ports import Transaction


def went_back(tx: Transaction, remembered: int) -> Hold | None:
    """Holds everything if the database is behind a mark that it once reached. Its mark goes on from
    there, so that this is found once."""
    tx.lock("mark")
    if tx.servers.call_counter() >= remembered:
        return None
    tx.servers.raise_call_counter(remembered)
    reason = holds.restored("from an older copy, without the calls made since")
    # In place of one that stands: this one says what is to be done before dialling goes on.
    holds.resume(tx, EVERYTHING, actor="witness")
    return holds.stop(tx, EVERYTHING, actor="witness", reason=reason)


def next_mark(tx: Transaction) -> int:
    """Attempts were made: a copy from before them has a lower mark."""
    tx.lock("mark")
    mark = tx.servers.call_counter() + 1
    tx.servers.raise_call_counter(mark)
    return mark
