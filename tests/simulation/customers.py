"""People: they submit the form, lose patience, submit again, cancel, cancel twice; and an operator.

They speak to the web, whose process may die at any moment; a submission without an answer is
repeated with the same key, as the form and a decent API client do.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from asterisk_callback.domain.errors import CallbackError, StoreUnavailable
from asterisk_callback.services.booking.booking import Booking, BookingResult, Origin, Submission
from asterisk_callback.services.booking.withdraw import cancel, withdraw
from tests.factories import number
from tests.simulation.database import Database
from tests.simulation.loop import Process, Universe

PATIENCE = 5.0
QUEUES = ("sales", "sales", "sales", "support")


@dataclass
class Customers:
    """accepted: what was confirmed to somebody (P1)."""

    universe: Universe
    store: Database
    booking: Booking
    people: int
    busy_for: float
    accepted: list[BookingResult] = field(default_factory=list)
    web: Process = field(init=False)

    def __post_init__(self) -> None:
        self.outside = self.universe.process("customers")
        self.start_web()

    def start_web(self) -> None:
        self.web = self.universe.process("web")

    def arrive(self) -> None:
        rng = self.universe.rng
        for n in range(self.people):
            self.outside.later(rng.random() * self.busy_for, self._come, n)

    def _come(self, n: int) -> None:
        self.outside.spawn(self._visit(n))

    async def _visit(self, n: int) -> None:
        rng = self.universe.rng
        booked = await self._submit(n)
        if booked is None or rng.random() < 0.55:
            return
        await asyncio.sleep(rng.random() * rng.choice([3, 20, 120]))
        await self._change_mind(booked)

    async def _submit(self, n: int) -> BookingResult | None:
        rng = self.universe.rng
        # Few numbers, so that wishes meet.
        person = rng.randrange(max(2, self.people // 2))
        when = None
        if rng.random() < 0.4:
            wished = self.universe.clock() + timedelta(seconds=60 + rng.randrange(120))
            when = wished.replace(second=0, microsecond=0).isoformat()
        submission = Submission(phone=number(person), queue=rng.choice(QUEUES), scheduled_for=when)
        origin = Origin(scope="site", actor="customer", key=f"key-{n}")
        for _ in range(8):
            copies = 2 if rng.random() < 0.1 else 1  # a double click
            answers = [
                self._ask_web(lambda: self.booking.submit(submission, origin))
                for _ in range(copies)
            ]
            booked = [
                one for one in await asyncio.gather(*answers) if isinstance(one, BookingResult)
            ]
            if booked:
                self._accepted(booked)
                return booked[0]
            if when is not None and self.universe.now > 60:
                return None  # its time may have passed meanwhile; the form would say so
            await asyncio.sleep(0.5 + rng.random() * 4)
        return None

    def _accepted(self, booked: list[BookingResult]) -> None:
        self.accepted += booked
        self.universe.note("customer", f"was told: request {booked[0].request.id} is accepted")
        if len({(one.wish.id, one.secret) for one in booked}) != 1:
            self.universe.broken("P12", "the same key and body gave two different answers")

    async def _change_mind(self, booked: BookingResult) -> None:
        rng = self.universe.rng
        if rng.random() < 0.15:
            work: Callable[[], Any] = lambda: cancel(  # noqa: E731
                self.store, booked.request, actor="operator"
            )
        else:
            work = lambda: withdraw(self.store, booked.wish)  # noqa: E731
        for _ in range(rng.choice([1, 1, 2, 3])):
            await self._ask_web(work)
            await asyncio.sleep(rng.random() * 3)

    async def _ask_web(self, work: Callable[[], Any]) -> Any:
        """The answer; None without one. A clear no is an answer like any other."""
        heard: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        web = self.web

        def done(task: asyncio.Task[Any]) -> None:
            self.outside.later(0.002, _hear, heard, task.result())

        web.later(0.002, lambda: web.spawn(_in_thread(work), done))
        try:
            async with asyncio.timeout(PATIENCE):
                return await heard
        except TimeoutError:
            return None

    def suppress(self, n: int) -> None:
        """The operator puts a number on the list of those that are never called."""
        with suppress(StoreUnavailable), self.store.writing() as tx:
            tx.suppressions.add(number(n), "asked")


async def _in_thread(work: Callable[[], Any]) -> Any:
    try:
        return await asyncio.to_thread(work)
    except StoreUnavailable:
        return None
    except CallbackError as error:
        return error


def _hear(heard: asyncio.Future[Any], answer: Any) -> None:
    if not heard.done():
        heard.set_result(answer)
