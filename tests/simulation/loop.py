"""Virtual time, and processes in it that can freeze (SIGSTOP) and die (SIGKILL) at any step.

Each process has an event loop of its own on which unchanged asyncio code runs. All of them share
one queue of steps, ordered by virtual time and then by when they were asked for. Chance enters by
latencies alone, all drawn from one seeded generator.
"""

import asyncio
import contextvars
import heapq
import random
import zlib
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
# More steps than this within one virtual second: something spins (no promise survives that).
SPIN = 20_000


class Violation(Exception):
    """A promise was broken. promise: its number in the design, such as P2."""

    def __init__(self, promise: str, text: str) -> None:
        super().__init__(promise, text)  # as given, so that it can be handed between processes
        self.promise = promise

    def __str__(self) -> str:
        return ": ".join(self.args)


@dataclass
class Universe:
    """Everything that happens in one run. `trace`: the last steps, for the reader of a failure."""

    seed: int
    now: float = 0.0
    rng: random.Random = field(init=False)
    violation: Violation | None = None
    steps: int = 0
    trace: deque[tuple[float, str, str]] = field(default_factory=lambda: deque(maxlen=40))
    digest: int = 0
    running: "Process | None" = None
    on_step: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self._queue: list[tuple[float, int, Step]] = []
        self._order = count()
        self._processes: list[Process] = []
        self._second = self._most = 0

    def clock(self) -> datetime:
        """The database's clock."""
        return START + timedelta(seconds=self.now)

    def note(self, who: str, what: str) -> None:
        """A line for the trace; also what two runs of a seed are compared by."""
        self.trace.append((self.now, who, what))
        self.digest = zlib.crc32(f"{self.now} {self.steps} {who} {what}".encode(), self.digest)

    def broken(self, promise: str, text: str) -> None:
        """Stops the run. Kept, not only raised: the code under test may swallow exceptions."""
        if self.violation is None:
            self.violation = Violation(promise, text)
            self.note("oracle", str(self.violation))

    def process(self, name: str) -> "Process":
        """A process that `end` buries, also when it died long before."""
        self._processes.append(Process(self, name))
        return self._processes[-1]

    def end(self) -> None:
        """Nothing happens any more, and no coroutine is left for the garbage collector to name."""
        for process in self._processes:
            process.bury()
        self._queue.clear()

    def run(self, until: float, unless: Callable[[], bool] = lambda: False) -> None:
        """Lets the universe run on to `until`, or till `unless()` holds or a promise is broken."""
        queue, run_in = self._queue, asyncio._set_running_loop
        while queue and queue[0][0] <= until and self.violation is None and not unless():
            when, order, step = heapq.heappop(queue)
            process = step.process
            if step.callback is None or not process.alive:
                continue
            if process.frozen_until > when:
                heapq.heappush(queue, (process.frozen_until, order, step))
                continue
            if when >= self._second:
                self._second, self._most = int(when) + 1, self.steps + SPIN
            self.now = when
            self.steps += 1
            self.running = process
            run_in(process.loop)
            try:
                step.context.run(step.callback, *step.args)
            except Exception as error:
                process.loop.call_exception_handler({"message": step.callback, "exception": error})
            finally:
                run_in(None)
                self.running = None
            if self.steps > self._most:
                self.broken("spin", f"more than {SPIN} steps in one second")
            self.on_step()
        if self.violation is None and not (queue and queue[0][0] <= until):
            self.now = max(self.now, until)


class Step:
    """What asyncio calls a handle: something to be called, unless it is cancelled first."""

    __slots__ = ("_when", "args", "callback", "context", "process")

    def __init__(
        self, process: "Process", when: float, callback: Any, args: Any, context: Any
    ) -> None:
        self.process = process
        self._when = when
        self.callback = callback
        self.args = args
        self.context = contextvars.copy_context() if context is None else context

    def cancel(self) -> None:
        self.callback = None
        self.args = ()

    def cancelled(self) -> bool:
        return self.callback is None

    def when(self) -> float:
        return self._when


class Process:
    """One operating-system process. Code runs in it through `spawn`; `kill` leaves no trace of it
    but what it had written elsewhere."""

    def __init__(self, universe: Universe, name: str) -> None:
        self.universe = universe
        self.name = name
        self.alive = True
        self.frozen_until = 0.0
        self.loop = ProcessLoop(self)  # type: ignore[abstract]
        self.at_death: list[Callable[[], object]] = []

    @property
    def frozen(self) -> bool:
        return self.frozen_until > self.universe.now

    def freeze(self, seconds: float) -> None:
        self.universe.note(self.name, f"frozen for {seconds:.1f} s")
        self.frozen_until = self.universe.now + seconds

    def kill(self, why: str = "killed") -> None:
        if self.alive:
            self.universe.note(self.name, why)
            self.alive = False
            for told in self.at_death:
                told()

    def spawn(self, work: Coroutine[Any, Any, Any], done: Callable[..., None] | None = None) -> Any:
        task = self.loop.create_task(work)
        if done is not None:
            task.add_done_callback(done)
        return task

    def later(self, seconds: float, work: Callable[..., None], *args: Any) -> Step:
        step: Step = self.loop.call_later(seconds, work, *args)
        return step

    def bury(self) -> None:
        """Ends the coroutines that the death left suspended, without letting them act."""
        self.alive = False
        for task in self.loop.tasks:
            if not task.done():
                task._log_destroy_pending = False  # type: ignore[attr-defined]
                _close(task.get_coro())


def _close(coroutine: Any) -> None:
    for _ in range(30):
        try:
            coroutine.close()
        except BaseException:  # its `finally` awaits: the next round ends that
            continue
        return


class ProcessLoop(asyncio.AbstractEventLoop):  # what is missing fails when it is asked for
    """What asyncio's own classes need of a loop, on the universe's clock."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.universe = process.universe
        self.tasks: list[asyncio.Task[Any]] = []
        self.connect: Callable[..., Awaitable[Any]] | None = None

    def time(self) -> float:
        return self.universe.now

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., Any], *args: Any, context: Any = None
    ) -> Any:
        return self.call_at(self.universe.now, callback, *args, context=context)

    call_soon_threadsafe = call_soon  # type: ignore[assignment]

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., Any], *args: Any, context: Any = None
    ) -> Any:
        universe = self.universe
        step = Step(self.process, when, callback, args, context)
        entry = (when if when > universe.now else universe.now, next(universe._order), step)
        heapq.heappush(universe._queue, entry)
        return step

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., Any], *args: Any, context: Any = None
    ) -> Any:
        return self.call_at(self.universe.now + delay, callback, *args, context=context)

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(
        self, coro: Any, *, name: str | None = None, context: contextvars.Context | None = None
    ) -> Any:
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=self, name=name, context=context)
        self.tasks.append(task)
        if len(self.tasks) > 500:
            self.tasks = [one for one in self.tasks if not one.done()]
        return task

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> Any:
        """A thread: starts after a while, does its work in one step, is heard of after a while."""
        future = self.create_future()
        self.call_later(self._latency(), self._work, future, func, args)
        return future

    def _work(self, future: asyncio.Future[Any], func: Callable[..., Any], args: Any) -> None:
        try:
            result, error = func(*args), None
        except Exception as raised:
            result, error = None, raised
        self.call_later(self._latency(), _answer, future, result, error)

    def _latency(self) -> float:
        """Mostly milliseconds, now and then long enough for the rest of the universe to move on."""
        rng = self.universe.rng
        return rng.random() * (1.5 if rng.random() < 0.02 else 0.02)

    async def create_connection(  # type: ignore[override]
        self, factory: Any, host: Any, port: Any, **kwargs: Any
    ) -> Any:
        assert self.connect is not None
        return await self.connect(factory, port)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Violation) or not self.process.alive:
            return
        self.universe.broken("crash", f"{self.process.name}: {context.get('message')}: {error!r}")

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False


def _answer(future: asyncio.Future[Any], result: Any, error: Exception | None) -> None:
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)
