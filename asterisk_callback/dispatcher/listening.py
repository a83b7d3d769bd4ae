"""Listening: what Asterisk reports is written down, in its order, with the time of its telling.

While one transaction commits, others are told: all that waits is written by the next one.
"""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from typing import Any

from asterisk_callback.dispatcher.context import DispatcherContext
from asterisk_callback.dispatcher.forgetting import Forgetting, leaves_something
from asterisk_callback.domain.attempt import Attempt, Token
from asterisk_callback.domain.errors import StaleWrite, StoreUnavailable
from asterisk_callback.domain.progress import AgentRings, AttemptEnds, Report, apply
from asterisk_callback.services.calling.progress import Age, Progress

log = logging.getLogger(__name__)

# A database that is away holds up no stop for longer; reconciliation judges what is not written.
_CATCHES_UP = 3.0
# So many reports are written in one transaction: its locks are held for a moment only.
AT_ONCE = 64
# So many ended attempts are remembered, so that what still comes of them asks no database.
REMEMBERED = 2000


# A report, and the loop's time at which it was heard.
Heard = tuple[Report, float]


class Inbox:
    """The reports that wait to be written."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Heard] = asyncio.Queue()
        self._put = self._done = 0
        self._moved = asyncio.Event()

    def hear(self, report: Report) -> None:
        self._put += 1
        self._waiting.put_nowait((report, asyncio.get_running_loop().time()))

    async def next(self) -> list[Heard]:
        """All that wait, AT_ONCE at most; waits for the first."""
        found = [await self._waiting.get()]
        while len(found) < AT_ONCE and not self._waiting.empty():
            found.append(self._waiting.get_nowait())
        return found

    def done(self, count: int) -> None:
        """So many of those that were given out are written, or never will be."""
        self._done += count
        self._moved.set()

    async def written(self) -> None:
        """Waits until all that was heard before this call is written."""
        until = self._put
        while self._done < until:
            self._moved.clear()
            await self._moved.wait()


class ReportLoop:
    def __init__(
        self, context: DispatcherContext, progress: Progress, inbox: Inbox, forgetting: Forgetting
    ) -> None:
        self._context = context
        self._progress = progress
        self._inbox = inbox
        self._forgetting = forgetting
        self._ended: OrderedDict[Token, Attempt] = OrderedDict()
        self._beside: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        while True:
            some = await self._inbox.next()
            await self._write_down([one for one in some if not self._is_old(one[0])])
            self._inbox.done(len(some))

    def _is_old(self, report: Report) -> bool:
        """Does it say nothing new of an attempt that has ended? Most reports that come then."""
        known = self._ended.get(report.token)
        if known is None or not self._nothing_new(known, report):
            return False
        self._after_end(known, report)
        if isinstance(report, AttemptEnds):  # its half wrote down how it ended only now
            self._forgetting.soon(report.token)
        return True

    async def caught_up(self) -> None:
        """What Asterisk has told by now is written down, unless that takes long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CATCHES_UP):
                await self._inbox.written()

    def _nothing_new(self, ended: Attempt, report: Report) -> bool:
        """Of an ended attempt only a bridge that was missed changes anything; the rest asks no
        database."""
        assert ended.ended_at is not None
        return apply(ended, report, ended.ended_at) is ended

    async def _write_down(self, some: Sequence[Heard]) -> None:
        """In order: reports that can't be written yet hold back the later ones. What fails is
        written one by one, so that it takes no other with it."""
        if not some:
            return
        try:
            attempts = await self._written(some)
        except Exception as error:
            if len(some) > 1:
                for one in some:
                    await self._write_down([one])
            elif isinstance(error, StaleWrite):
                log.info("%s", error)
            else:
                log.exception("a report could not be applied; reconciliation will judge")
            return
        for (report, _), attempt in zip(some, attempts, strict=True):
            if attempt is not None and not attempt.open:
                self._ends(attempt)
                self._after_end(attempt, report)
        if any(attempt is not None for attempt in attempts):
            self._context.wake.set()

    async def _written(self, some: Sequence[Heard]) -> list[Attempt | None]:
        """The attempts as they are after their reports. Waits for a database that is away."""
        loop = asyncio.get_running_loop()

        def age(heard: float) -> Age:
            return lambda: timedelta(seconds=loop.time() - heard)

        reports = [(report, age(heard)) for report, heard in some]
        while True:
            try:
                return await asyncio.to_thread(self._progress.report_all, reports, self._context.me)
            except StoreUnavailable as error:
                log.warning("%d reports wait for the database: %s", len(some), error)
                await asyncio.sleep(0.5)

    def _ends(self, attempt: Attempt) -> None:
        """Once for each attempt: what is known of it in this process goes, and in Asterisk."""
        known = self._ended.pop(attempt.token, None)
        self._ended[attempt.token] = attempt
        while len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)
        self._context.trunks.pop(attempt.token, None)
        if known is not None and known.disposition is attempt.disposition:
            return
        bad = attempt.disposition is not None and attempt.disposition.rule.warns
        log.log(
            logging.WARNING if bad else logging.INFO,
            "request %d: attempt %d ended: %s (%s)",
            attempt.request_id,
            attempt.id,
            attempt.disposition,
            attempt.detail,
        )
        if leaves_something(attempt):
            self._forgetting.soon(attempt.token)

    def _after_end(self, attempt: Attempt, report: Report) -> None:
        """Cancelled, and the Asterisk queue goes on to the next agent: nobody is rung for it."""
        if isinstance(report, AgentRings):
            self._aside(self._context.end(attempt))

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        """What talks with Asterisk holds no report back."""
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)
