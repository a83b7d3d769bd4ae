"""Many seeds on several cores. A seed is the same run wherever, and after whatever, it runs."""

import gc
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.simulation.mutations import FOCUS, mutated
from tests.simulation.run import Result, simulate

# What a process takes at a time: about a second's work, with one seed on SQLite in it.
CHUNK = 20


@contextmanager
def collected_between() -> Iterator[None]:
    """The garbage of runs is collected between them; what was imported is not looked at again."""
    _begin()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def _begin() -> None:
    gc.collect()
    gc.freeze()
    gc.disable()


@dataclass(frozen=True)
class Shards:
    """store, mutation: of all seeds; empty or None: as `simulate` chooses, and none."""

    store: str = ""
    mutation: str | None = None

    def run(self, seeds: Sequence[int], workers: int) -> Iterator[Result]:
        """Each seed's result, in no particular order. Whoever has seen enough stops asking."""
        if workers < 2 or len(seeds) <= 1:
            with collected_between():
                for start in range(0, len(seeds), CHUNK):
                    yield from self._chunk(seeds[start : start + CHUNK])
            return
        chunks = (seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK))
        with multiprocessing.get_context("fork").Pool(workers, _begin) as pool:
            for results in pool.imap_unordered(self._whole_chunk, chunks):
                yield from results

    def _whole_chunk(self, seeds: Sequence[int]) -> list[Result]:
        return list(self._chunk(seeds))

    def _chunk(self, seeds: Sequence[int]) -> Iterator[Result]:
        for seed in seeds:
            with mutated(self.mutation):
                result = simulate(seed, FOCUS.get(self.mutation or "", ()), self.store)
            yield result
        gc.collect()
