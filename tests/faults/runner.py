"""Runs faults on stages, several side by side, and adds the verdicts up."""

import contextlib
import queue
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from tests.lab.waiting import LabError, until

from .case import Case
from .catalogue import Fault
from .judge import Verdict, judge
from .stage import Stage


@dataclass
class Row:
    """A line of the table. broken: runs in which the fault itself did not come about."""

    fault: Fault
    database: str
    runs: int = 0
    broken: list[str] = field(default_factory=list)
    took: float = 0.0  # s, for all runs
    sum: Verdict = field(default_factory=Verdict)


def run_once(stage: Stage, fault: Fault, seed: str) -> Verdict:
    """One fault on a stage that is brought to its initial state first. Raises LabError."""
    stage.kill("two")
    stage.heal()
    stage.wait_ready("one")
    until(lambda: _reset(stage), 60, "the stage to be reset", 0.2)
    case = Case(stage, Random(f"{seed}:{fault.name}:{stage.database}"))
    try:
        fault.act(case)
    except BaseException:
        with contextlib.suppress(LabError):  # the fault's own error is the one to tell
            stage.heal()
        raise
    stage.heal()
    case.part()
    case.end_calls()
    stage.wait_ready("one")
    return judge(case)


def _reset(stage: Stage) -> bool:
    try:
        stage.reset()
    except LabError:
        return False
    return True


@contextmanager
def stages() -> Iterator[Callable[[str], Stage]]:
    """Hands out one running stage per database."""
    running: dict[str, Stage] = {}

    def of(database: str) -> Stage:
        if database not in running:
            running[database] = Stage(database).start()
        return running[database]

    try:
        yield of
    finally:
        for stage in running.values():
            stage.close()


def run_all(
    rows: list[tuple[Fault, str]],
    runs: int,
    seed: int,
    workers: int,
    on_row: Callable[[Row], None],
) -> list[Row]:
    """Every row `runs` times; rows side by side, the runs of a row one after the other."""
    todo: queue.SimpleQueue[Row] = queue.SimpleQueue()
    results = [Row(fault, database) for fault, database in rows]
    for row in results:
        todo.put(row)

    def work() -> None:
        with stages() as of:
            while not todo.empty():
                try:
                    row = todo.get_nowait()
                except queue.Empty:
                    return
                for run in range(runs):
                    if enough.is_set():
                        return
                    _one(of, row, f"{seed}:{run}")
                on_row(row)

    enough = threading.Event()
    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    finally:
        enough.set()  # Ctrl-C: the runs under way end, and their stages are removed
        for thread in threads:
            thread.join()
    return results


def _one(of: Callable[[str], Stage], row: Row, seed: str) -> None:
    stage, began = of(row.database), time.monotonic()
    try:
        verdict = run_once(stage, row.fault, seed)
    except Exception as error:  # one broken run must not hide the others
        trace = "" if isinstance(error, LabError) else traceback.format_exc()
        row.broken.append(f"seed {seed}: {type(error).__name__}: {error}\n{trace}")
        return
    finally:
        row.took += time.monotonic() - began
    verdict.notes = [f"seed {seed}: {note}" for note in verdict.notes]
    row.runs += 1
    row.sum += verdict
