"""Reports: the figures of a span of days, and the callback requests behind them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from asterisk_callback.domain.past import PastRequest
from asterisk_callback.domain.report import Counting, InvalidSpan, Report, Span, span_of
from asterisk_callback.services.report_ports import Names, ReportStore

# So many days at most: 100,000 requests in them take three to four seconds of a core.
MOST_DAYS = 400
# Requests are read so many at a time: all of a year would not fit into a small machine.
AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Reports:
    """zone: the company's, by whose clock days begin."""

    store: ReportStore
    zone: str

    def report(self, first: date, last: date, names: Names = None) -> Report:
        """Of the days from `first` to `last`, both included. names: of these callback queues; None:
        of all, also of those that are no longer in the configuration.

        Raises InvalidSpan for days that are too many, or in the wrong order; StoreUnavailable.
        """
        span = self.span(first, last)
        with self.store.reading() as tx:
            counting = Counting(span, tx.now)
            counting.wishes(tx.wish_lines(names, span.start, span.end))
            counting.attempts(tx.attempt_lines(names, span.start, span.end))
            counting.ends(tx.end_lines(names, span.start, span.end))
        return counting.report()

    def requests(self, first: date, last: date, names: Names = None) -> Iterator[PastRequest]:
        """Each request of which something happened on these days, by id, as it is when it comes to
        be read: no transaction stays open while somebody fetches the rows. Which they are is looked
        up at once. Raises as `report`; StoreUnavailable also on the way."""
        span = self.span(first, last)
        with self.store.reading() as tx:
            ids = tx.past_ids(names, span.start, span.end)
        return self._each(ids)

    def _each(self, ids: Sequence[int]) -> Iterator[PastRequest]:
        for start in range(0, len(ids), AT_ONCE):
            with self.store.reading() as tx:
                found = tx.past_requests(ids[start : start + AT_ONCE])
            yield from found

    def span(self, first: date, last: date) -> Span:
        """Raises InvalidSpan."""
        if last < first:
            raise InvalidSpan("the last day of a report can't be before its first")
        if (last - first).days >= MOST_DAYS:
            raise InvalidSpan(f"a report has at most {MOST_DAYS} days")
        try:
            return span_of(first, last, self.zone)
        except OverflowError:
            raise InvalidSpan("a report can't end on the last day of all times") from None
