"""Listening: what Asterisk reports is written down, in its order."""

import asyncio
import logging

from asterisk_callback.dispatcher.desk import Desk
from asterisk_callback.domain.attempt import Attempt, Disposition
from asterisk_callback.domain.errors import StaleWrite, StoreUnavailable
from asterisk_callback.domain.progress import AgentRings, Report
from asterisk_callback.services.progress import Progress

log = logging.getLogger(__name__)


class Listening:
    def __init__(self, desk: Desk, progress: Progress, reports: asyncio.Queue[Report]) -> None:
        self._desk = desk
        self._progress = progress
        self._reports = reports

    async def run(self) -> None:
        while True:
            report = await self._reports.get()
            await self._write_down(report)

    async def _write_down(self, report: Report) -> None:
        """In order: a report that can't be written yet holds back the later ones."""
        while True:
            try:
                attempt = await asyncio.to_thread(self._progress.report, report, self._desk.me)
                break
            except StoreUnavailable as error:
                log.warning("a report waits for the database: %s", error)
                await asyncio.sleep(0.5)
            except StaleWrite as error:
                log.info("%s", error)
                return
            except Exception:
                log.exception("a report could not be applied; reconciliation will judge")
                return
        if attempt is None:
            return
        if not attempt.open:
            await self._after_end(attempt, report)
        self._desk.wake.set()

    async def _after_end(self, attempt: Attempt, report: Report) -> None:
        if isinstance(report, AgentRings):
            # Cancelled, and the Asterisk queue goes on to the next agent: nobody is rung for it.
            await self._desk.end(attempt)
            return
        self._desk.trunks.pop(attempt.token, None)
        bad = attempt.disposition in (Disposition.TRUNK_FAULT, Disposition.UNKNOWN)
        log.log(
            logging.WARNING if bad else logging.INFO,
            "request %d: attempt %d ended: %s (%s)",
            attempt.request_id,
            attempt.id,
            attempt.disposition,
            attempt.detail,
        )
        if attempt.gate_at is not None:
            await self._desk.switchboard.forget(attempt.token)
