"""The clock: APScheduler wakes the dispatcher, and does nothing else.

One job per callback would lose calls (overdue jobs are dropped, busy ones refused), so the database
is the schedule and APScheduler only says when to look: at the next due instant, and every few
seconds in case anything was missed.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger


class Clock:
    """tick: called in the event loop. sweep: the longest time between two ticks."""

    def __init__(self, tick: Callable[[], None], *, sweep: timedelta) -> None:
        self._tick = tick
        self._aimed_at: datetime | None = None
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 3},
        )
        # Each trigger is told its zone, too: else APScheduler looks for the machine's, and fails
        # where TZ is one that Python can't read.
        every = IntervalTrigger(seconds=sweep.total_seconds(), timezone="UTC")
        self._scheduler.add_job(self._ring, every)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)

    def aim(self, instant: datetime | None) -> None:
        """Tick at this instant (aware UTC), too; None: the sweep is enough."""
        if instant == self._aimed_at:
            return
        self._aimed_at = instant
        if instant is not None:
            then = DateTrigger(run_date=instant, timezone="UTC")
            self._scheduler.add_job(self._ring, then, id="due", replace_existing=True)

    async def _ring(self) -> None:
        """A coroutine, so that APScheduler runs it in the loop and not in a thread."""
        self._aimed_at = None
        self._tick()
