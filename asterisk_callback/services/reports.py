"""Reports: the figures of a span of days, and the callback requests behind them."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from asterisk_callback.domain.report import (
    InvalidSpan,
    PastRequest,
    Report,
    Span,
    report_of,
    span_of,
)

# So many days at most: 100,000 requests in them take about ten seconds of a core.
MOST_DAYS = 400


class ReportTransaction(Protocol):
    @property
    def now(self) -> datetime: ...
    def past_requests(
        self, names: Sequence[str] | None, since: datetime, until: datetime
    ) -> Sequence[PastRequest]: ...


class ReportStore(Protocol):
    """The store, where reports read."""

    def reading(self) -> AbstractContextManager[ReportTransaction]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Reports:
    """zone: the company's, by whose clock days begin."""

    store: ReportStore
    zone: str

    def report(
        self, first: date, last: date, names: Sequence[str] | None = None
    ) -> tuple[Report, Sequence[PastRequest]]:
        """Of the days from `first` to `last`, both included. names: of these callback queues; None:
        of all, also of those that are no longer in the configuration. The requests: each of which
        something happened on these days, by id.

        Raises InvalidSpan for days that are too many, or in the wrong order; StoreUnavailable.
        """
        span = self._span(first, last)
        with self.store.reading() as tx:
            now = tx.now
            requests = tx.past_requests(names, span.start, span.end)
        return report_of(requests, span, now), requests

    def _span(self, first: date, last: date) -> Span:
        if last < first:
            raise InvalidSpan("the last day of a report can't be before its first")
        if (last - first).days >= MOST_DAYS:
            raise InvalidSpan(f"a report has at most {MOST_DAYS} days")
        try:
            return span_of(first, last, self.zone)
        except OverflowError:
            raise InvalidSpan("a report can't end on the last day of all times") from None
