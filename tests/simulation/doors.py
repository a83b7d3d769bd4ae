"""What a dispatcher opens to the outside world: its ticks, its watch on the database, its gate."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from asterisk_callback.telephony import contract
from asterisk_callback.telephony.gate_lane import AsksGate, GateLane
from asterisk_callback.telephony.gate_server import _variables
from tests.simulation.database import Database
from tests.simulation.loop import Process, Universe


class Ticks:
    """clock.Clock without APScheduler: the sweep, and the instant that was aimed at."""

    def __init__(self, universe: Universe, tick: Callable[[], None], *, sweep: timedelta) -> None:
        self.universe = universe
        self.tick = tick
        self.sweep = sweep.total_seconds()
        self.aimed_at: datetime | None = None
        self.timer: Any = None
        self.sweeper: Any = None

    def start(self) -> None:
        self._sweep()

    def stop(self) -> None:
        for timer in (self.timer, self.sweeper):
            if timer is not None:
                timer.cancel()

    def aim(self, instant: datetime | None) -> None:
        if instant == self.aimed_at:
            return
        self.aimed_at = instant
        if instant is None:
            return
        if self.timer is not None:
            self.timer.cancel()
        wait = max(0.0, (instant - self.universe.clock()).total_seconds())
        self.timer = asyncio.get_running_loop().call_later(wait, self._ring)

    def _ring(self) -> None:
        self.aimed_at = None
        self.tick()

    def _sweep(self) -> None:
        self.sweeper = asyncio.get_running_loop().call_later(self.sweep, self._sweep)
        self._ring()


class CommitWatch:
    """store.Watch: hears of commits a little later."""

    def __init__(self, store: Database, on_change: Callable[[], object]) -> None:
        assert store.universe.running is not None
        self.process: Process = store.universe.running
        self.store = store
        self.on_change = on_change
        self.told = False

    def start(self) -> None:
        self.store.on_change.append(self._changed)

    def stop(self) -> None:
        if self._changed in self.store.on_change:
            self.store.on_change.remove(self._changed)

    def _changed(self) -> None:
        if self.process.alive and not self.told:
            self.told = True
            self.process.later(0.02 + self.store.universe.rng.random() * 0.05, self._tell)

    def _tell(self) -> None:
        self.told = False
        self.on_change()


class GateDoor:
    """FastAgiServer with the answers of gate_server.open_gate."""

    def __init__(self, doors: "GateDoors", port: int, gate: AsksGate) -> None:
        assert doors.universe.running is not None
        self.process = doors.universe.running
        self.port = port
        self.lane = GateLane(gate)
        self.listens = True
        self.busy = 0

    async def answer(self, token: str) -> dict[str, str]:
        self.busy += 1
        try:
            return dict(_variables(token, await self.lane.ask(token)))
        except Exception:
            return {}  # sets nothing: nobody is rung
        finally:
            self.busy -= 1

    async def drain(self, *, leave: bool = False) -> None:
        self.listens = False
        while self.busy:
            await asyncio.sleep(0.05)

    async def close(self) -> None:
        self.listens = False


class GateDoors:
    """The addresses that Asterisk knows, and who listens there. `deaf_until`: a hanging network."""

    def __init__(self, universe: Universe, addresses: list[int]) -> None:
        self.universe = universe
        self.addresses = addresses
        self.open: dict[int, GateDoor] = {}
        self.deaf_until = 0.0
        self.loses_answer = 0.0

    async def listen(
        self,
        listen: tuple[str, int],
        gate: AsksGate,
        _within: float,
        _on_foreign: object,
    ) -> GateDoor:
        door = self.open[listen[1]] = GateDoor(self, listen[1], gate)
        return door

    async def ask(self, asterisk: Process, address: int, token: str) -> dict[str, str]:
        """AGI(): the variables that were set; none if the connection was refused or broke."""
        door = self.open.get(address)
        if door is None or not door.process.alive or not door.listens:
            await asyncio.sleep(0.02)
            return {}
        heard: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()
        # The kernel of a killed dispatcher resets the connection.
        door.process.at_death.append(lambda: asterisk.later(0.01, _hear, heard, {}))
        if self.universe.now >= self.deaf_until:
            door.process.later(self._way(), self._ask, door, asterisk, token, heard)
        return await heard

    def _ask(
        self, door: GateDoor, asterisk: Process, token: str, heard: asyncio.Future[dict[str, str]]
    ) -> None:
        def done(task: asyncio.Task[dict[str, str]]) -> None:
            variables = task.result()
            if self.universe.rng.random() < self.loses_answer:
                # Cut in the middle: what was set stays set, and GO comes last.
                variables = {k: v for k, v in variables.items() if k != contract.VAR_GO}
            asterisk.later(self._way(), _hear, heard, variables)

        door.process.spawn(door.answer(token), done)

    def _way(self) -> float:
        return 0.0005 + self.universe.rng.random() * 0.004


def _hear(heard: asyncio.Future[dict[str, str]], variables: dict[str, str]) -> None:
    if not heard.done():
        heard.set_result(variables)
