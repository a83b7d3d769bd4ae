"""Things done at the same instant by several threads."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.lab.speed import scaled

DEADLINE = 60.0  # s on a quiet machine


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Starts all at one instant; their results, or the exceptions that they raised, in order."""
    barrier, limit = threading.Barrier(len(works)), scaled(DEADLINE)

    def run(work: Callable[[], Any]) -> Any:
        barrier.wait(limit)
        try:
            return work()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        futures = [pool.submit(run, work) for work in works]
        return [future.result(limit) for future in futures]


def failures(results: list[Any]) -> list[Exception]:
    return [result for result in results if isinstance(result, Exception)]
