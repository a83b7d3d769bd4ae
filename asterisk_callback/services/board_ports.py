"""What the supervisor's board asks of the store: many rows at once, never one query for each."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.day_figures import Count
from asterisk_callback.domain.promise import Promised
from asterisk_callback.domain.queue import Names
from asterisk_callback.domain.request import Request, RequestId
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.ports import Transaction


class BoardTransaction(Transaction, Protocol):
    """A transaction of the store that can be asked for whole boards."""

    def open_counts(self, names: Names, minute: datetime) -> Sequence[Count]: ...
    def open_page(self, names: Names, start: int, limit: int) -> Sequence[Request]: ...
    def wishes_of_all(self, ids: Sequence[RequestId]) -> Sequence[Wish]: ...
    def attempts_of_all(self, ids: Sequence[RequestId]) -> Sequence[Attempt]: ...
    def places_in_line(
        self, names: Names, ids: Sequence[RequestId] | None = None
    ) -> dict[RequestId, int]: ...
    def board_mark(self) -> str: ...
    def promised_between(
        self, names: Names, since: datetime, until: datetime
    ) -> Sequence[Promised]: ...


class BoardStore(Protocol):
    """The store, where the board reads."""

    def reading(self) -> AbstractContextManager[BoardTransaction]: ...
