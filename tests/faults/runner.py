"""Runs faults on stages, several side by side, and adds the verdicts up."""

import contextlib
import ctypes
import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import connection
from multiprocessing.context import ForkContext, ForkProcess
from random import Random
from typing import Any, cast

from .case import Case
from .catalogue import Fault
from .judge import Verdict, judge, judge_rings
from .nursery import nursery
from .stage import POSTGRESQL, SQLITE, NotRecovered, Stage

BEDS = 5  # a run whose fault did not come about gets so many; a broken promise gets no other
_fork: ForkContext = multiprocessing.get_context("fork")


@dataclass
class Row:
    """A line of the table. again: how often the test bed failed and a run was done anew; broken:
    runs in which it failed each time."""

    fault: Fault
    database: str
    runs: int = 0
    again: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    took: float = 0.0  # s, for all runs
    sum: Verdict = field(default_factory=Verdict)

    @property
    def well(self) -> bool:
        """True if each run came about, and kept every promise."""
        return not self.broken and not self.sum.harm


def run_once(stage: Stage, fault: Fault, seed: str) -> Verdict:
    """One fault on a stage that is brought to its initial state first.

    Raises LabError and the like if the fault did not come about and nothing was harmed until then.
    """
    stage.kill("two")
    stage.heal()
    stage.wait_ready("one")
    stage.wait_reset()
    case = Case(stage, Random(f"{seed}:{fault.name}:{stage.database}"))
    try:
        _act(case, fault)
        stage.heal()
        case.part()
        case.end_calls()
        stage.wait_ready("one")
        return judge(case)
    except NotRecovered as error:
        case.breaches.append(f"stuck: {error}")
        return _harmed(case)
    except Exception:
        harmed = _harmed(case)
        if harmed.harm:
            return harmed
        raise
    finally:
        case.close()


def _act(case: Case, fault: Fault) -> None:
    try:
        fault.act(case)
    except AssertionError as error:  # the lab's own checks of what the product wrote down
        case.breaches.append(f"outside: {error}")


def _harmed(case: Case) -> Verdict:
    """What was broken before the run itself failed: that is no matter of the test bed."""
    with contextlib.suppress(Exception):  # the fault's own error is the one to tell
        case.stage.heal()
        return judge_rings(case)
    verdict = Verdict()
    for breach in case.breaches:
        verdict.count(breach)
    return verdict


class _Stages:
    """The one stage of a worker: of this database or of that."""

    def __init__(self) -> None:
        self._running: Stage | None = None

    def of(self, database: str) -> Stage:
        if self._running is None or self._running.database != database:
            self.close()
            self._running = Stage(database).start()
        return self._running

    def close(self) -> None:
        if self._running is not None:
            self._running.close()
        self._running = None


class _Pile:
    """The rows of one database; each is taken by one worker."""

    def __init__(self, rows: list[Row]) -> None:
        # The last ones of the catalogue take longest: nobody shall be left with one at the end.
        self._rows = rows[::-1]
        self._next = _fork.Value("i", 0)

    def take(self) -> Row | None:
        with self._next.get_lock():
            place = self._next.value
            self._next.value += 1
        return self._rows[place] if place < len(self._rows) else None


def run_all(
    rows: list[tuple[Fault, str]],
    runs: int,
    seed: int,
    workers: int,
    on_row: Callable[[Row], None],
) -> list[Row]:
    """Every row `runs` times; rows side by side, the runs of a row one after the other.

    Workers are processes: as threads they would wait for each other, and the doors with them,
    until the gate's two seconds are over.
    """
    results = [Row(fault, database) for fault, database in rows]
    piles = {
        kind: _Pile([row for row in results if row.database == kind])
        for kind in (SQLITE, POSTGRESQL)
    }
    for kind in ("web", "dispatcher"):
        nursery(kind)  # one for all workers
    crew, ends = [], []
    for number in range(workers):
        # PostgreSQL has more rows, and they take longer.
        own, other = (SQLITE, POSTGRESQL) if number % 3 == 0 else (POSTGRESQL, SQLITE)
        ours, theirs = _fork.Pipe(duplex=False)
        worker = _fork.Process(
            target=_work, args=((piles[own], piles[other]), runs, seed, theirs, os.getpid())
        )
        worker.start()
        theirs.close()
        crew.append(worker)
        ends.append(ours)
    try:
        return _collect(results, ends, on_row)
    finally:
        _end(crew)


def _collect(results: list[Row], ends: list[Any], on_row: Callable[[Row], None]) -> list[Row]:
    done: dict[tuple[str, str], Row] = {}
    while ends:
        for one in cast(list[Any], connection.wait(ends)):
            try:
                row = one.recv()
            except EOFError:
                ends.remove(one)
                continue
            done[row.fault.name, row.database] = row
            on_row(row)
    for row in results:
        if (row.fault.name, row.database) not in done:
            row.broken.append("its worker has ended")
            on_row(row)
    return [done.get((row.fault.name, row.database), row) for row in results]


def _end(crew: list[ForkProcess]) -> None:
    """After Ctrl-C: the stages are removed before we go."""
    for one in crew:
        one.terminate()
    for one in crew:
        one.join()


def _work(piles: tuple[_Pile, _Pile], runs: int, seed: int, answers: Any, parent: int) -> None:
    """The life of a worker: its own pile first, then the other's."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG: no worker without its parent
    stages = _Stages()
    try:
        for pile in piles:
            while (row := pile.take()) is not None and os.getppid() == parent:
                for run in range(runs):
                    _run(stages, row, f"{seed}:{run}")
                answers.send(row)
    except KeyboardInterrupt:
        pass
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        stages.close()


def _run(stages: _Stages, row: Row, seed: str) -> None:
    """One run; with another instant and a fresh stage if the fault did not come about."""
    failed = []
    for attempt in range(BEDS):
        own = f"{seed}:{attempt}" if attempt else seed
        began = time.monotonic()
        try:
            stage = stages.of(row.database)
            began = time.monotonic()
            verdict = run_once(stage, row.fault, own)
        except Exception as error:  # one broken run must not hide the others
            failed.append(f"seed {own}: {_told(error)}")
            with contextlib.suppress(Exception):
                stages.close()
            continue
        finally:
            row.took += time.monotonic() - began
        verdict.notes = [f"seed {own}: {note}" for note in verdict.notes]
        row.runs += 1
        row.sum += verdict
        row.again += failed
        break
    else:
        row.broken += failed


def _told(error: Exception) -> str:
    """Where in the fault it was, and why."""
    frames = traceback.extract_tb(error.__traceback__)
    place = [
        f"{frame.name}:{frame.lineno}" for frame in frames if "tests/faults/of_" in frame.filename
    ]
    return f"{type(error).__name__} in {' '.join(place) or frames[-1]}: {error}"
