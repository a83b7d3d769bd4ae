"""The way from Asterisk's questions to the gate: all that wait go together.

A yes is a commit, and a commit waits for the disk. While one is under way others ask: those are
the next group. Whatever would hold a group up (a row or a number that somebody is at work on, a
question that fails) is asked alone, beside it.
"""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.domain.gate import Answer

log = logging.getLogger(__name__)

# So many are asked in one transaction: a group's locks are held for a moment only.
AT_ONCE = 32
# So many are asked alone at a time.
ALONE = 8
# What somebody is at work on is mostly free in a moment: it comes into the next groups first, so
# often and with such a pause, in seconds.
TRIES, PAUSE = 6, 0.005


class AsksGate(Protocol):
    """The gate itself; both block. See services/calling/gate.py."""

    def ask(self, token: str) -> Answer: ...

    def ask_all(self, tokens: Sequence[str]) -> Sequence[Answer | None]: ...


class GateLane:
    def __init__(self, gate: AsksGate) -> None:
        self._gate = gate
        # Its own threads: a slow report or a long read in the others never delays a gate.
        self._threads = ThreadPoolExecutor(ALONE + 1, thread_name_prefix="gate")
        self._waiting: list[_Question] = []
        self._works: asyncio.Task[None] | None = None
        self._alone: set[asyncio.Task[None]] = set()

    async def ask(self, token: str) -> Answer:
        """Raises what the gate raises."""
        question = _Question(token, asyncio.get_running_loop().create_future())
        self._put(question)
        return await question.answer

    def _put(self, question: "_Question") -> None:
        self._waiting.append(question)
        if self._works is None:
            self._works = asyncio.create_task(self._work())

    async def _work(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
                # Whose connection was closed meanwhile is not asked for any more: a yes that
                # nobody hears would be a call that nobody makes.
                await self._ask([one for one in group if not one.answer.done()])
        finally:
            self._works = None

    async def _ask(self, group: Sequence["_Question"]) -> None:
        if not group:
            return
        loop = asyncio.get_running_loop()
        ask_all = partial(self._gate.ask_all, [one.token for one in group])
        try:
            answers = await loop.run_in_executor(self._threads, ask_all)
        except StoreUnavailable as error:
            for one in group:
                one.failed(error)
            return
        except Exception:
            log.exception("a group of %d was not answered; each is asked alone", len(group))
            for one in group:
                self._send_alone(one)
            return
        for one, given in zip(group, answers, strict=True):
            if given is not None:
                one.answered(given)
            elif one.tries < TRIES:
                one.tries += 1
                loop.call_later(PAUSE, self._put, one)
            else:
                self._send_alone(one)

    def _send_alone(self, question: "_Question") -> None:
        task = asyncio.create_task(self._ask_alone(question))
        self._alone.add(task)
        task.add_done_callback(self._alone.discard)

    async def _ask_alone(self, question: "_Question") -> None:
        if question.answer.done():
            return
        ask = partial(self._gate.ask, question.token)
        try:
            given = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        except Exception as error:
            question.failed(error)
        else:
            question.answered(given)


@dataclass(slots=True)
class _Question:
    """tries: in how many groups somebody else was at work on it."""

    token: str = field(repr=False)
    answer: asyncio.Future[Answer]
    tries: int = 0

    def answered(self, given: Answer) -> None:
        if not self.answer.done():
            self.answer.set_result(given)

    def failed(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)
