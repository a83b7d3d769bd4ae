"""Expected time: when a call that is in line now will probably come, as an honest range."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from statistics import median

from asterisk_callback.domain.appointment import MINUTE, whole_minute
from asterisk_callback.domain.pacing import QueueStatus

# Until the first talks of a queue are known.
USUAL_HANDLING = timedelta(minutes=4)
# From an agent's being free to the customer's ringing phone.
SET_UP = timedelta(seconds=30)
# Eight of ten calls come within so many standard deviations of the mean.
WIDTH = 1.28


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectedRange:
    """The call comes from `earliest` to `latest`, both aware UTC and whole minutes."""

    earliest: datetime
    latest: datetime

    @property
    def middle(self) -> datetime:
        """For those who want one time, to the minute; of a single instant, that instant."""
        if self.earliest == self.latest:
            return self.earliest
        return whole_minute(self.earliest + (self.latest - self.earliest) / 2)


def handling(talks: Sequence[timedelta]) -> timedelta:
    """How long an agent is taken up by one call: the median of the last ones, as one endless talk
    says nothing of the next."""
    if not talks:
        return USUAL_HANDLING
    return timedelta(seconds=median(talk.total_seconds() for talk in talks))


def expected(
    now: datetime, facts: QueueStatus, before: int, handling: timedelta
) -> ExpectedRange | None:
    """before: all who are served earlier, callers and callbacks alike. None without agents.

    Talks end at random, so the time until the k-th of c agents gets free is k·h/c on average,
    and spread around it by √k·h/c (an Erlang distribution).
    """
    if not facts.known or facts.logged_in == 0:
        return None
    ends_needed = max(0, before + 1 - facts.free)
    one = handling / facts.logged_in
    mean, spread = one * ends_needed, one * sqrt(ends_needed) * WIDTH
    return ExpectedRange(
        earliest=whole_minute(now + max(timedelta(0), mean - spread)),
        latest=_ceil(now + mean + spread + SET_UP),
    )


def at_once(now: datetime) -> ExpectedRange:
    """For whom an agent is there already."""
    return ExpectedRange(earliest=whole_minute(now), latest=_ceil(now + SET_UP))


def _ceil(instant: datetime) -> datetime:
    floor = whole_minute(instant)
    return floor if floor == instant else floor + MINUTE
