"""Boards that were made a moment ago: while nothing was written they are still true.

The pages of all supervisors ask every two seconds; what they ask is answered from here as long as
the store's mark stands (services/board.py).
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask_app.inside.board.view import BoardView

MOST = 64


@dataclass(frozen=True, slots=True)
class CacheKey:
    """mark: of what the store has. names: of the callback queues that are shown, scope: of the
    switches. start: of the table's page. picked: whose story, 0 for none. may: who reads may use
    the switches. today: the company's day."""

    mark: str
    names: tuple[str, ...] | None
    scope: str
    start: int
    picked: int
    may: bool
    today: tuple[datetime, datetime]


class BoardCache:
    """For all threads of a web process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._views: OrderedDict[CacheKey, BoardView] = OrderedDict()

    def view(self, key: CacheKey, make: Callable[[CacheKey], BoardView]) -> BoardView:
        """The one that was made for this key, or a new one. The key is older than what `make`
        reads, so what is kept under it is never older than it says."""
        with self._lock:
            found = self._views.get(key)
        if found is None:
            found = make(key)
            with self._lock:
                self._views[key] = found
                while len(self._views) > MOST:
                    self._views.popitem(last=False)
        return found
