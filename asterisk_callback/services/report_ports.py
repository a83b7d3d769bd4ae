"""What reports ask of the store."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from asterisk_callback.domain.queue import Names
from asterisk_callback.domain.report_data import AttemptLine, EndLine, PastRequest, WishLine


class ReportTransaction(Protocol):
    """Lines are read as they are asked for: within the transaction."""

    @property
    def now(self) -> datetime: ...
    def wish_lines(self, names: Names, since: datetime, until: datetime) -> Iterator[WishLine]: ...
    def attempt_lines(
        self, names: Names, since: datetime, until: datetime
    ) -> Iterator[AttemptLine]: ...
    def end_lines(self, names: Names, since: datetime, until: datetime) -> Iterator[EndLine]: ...
    def past_ids(self, names: Names, since: datetime, until: datetime) -> Sequence[int]: ...
    def past_requests(self, ids: Sequence[int]) -> Sequence[PastRequest]: ...


class ReportStore(Protocol):
    """The store, where reports read."""

    def reading(self) -> AbstractContextManager[ReportTransaction]: ...
