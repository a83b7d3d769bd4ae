"""The simulation over as many seeds as there is time for, and the proof that it can fail.

SIMULATION_SECONDS: how long to look for a broken promise, over all shards (60 unless set).
SIMULATION_START: the first seed (0 unless set).
SIMULATION_SEEDS: at most so many (600 unless set). A faster machine asks none that were never asked
before: what is new is looked for by `make simulate`.
"""

import asyncio
import inspect
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from asterisk_callback.services.calling import claim as claiming
from tests.marks import mainly
from tests.simulation import mutations
from tests.simulation.__main__ import show
from tests.simulation.mutations import FOCUS, MUTATIONS, mutated
from tests.simulation.run import Result, Run, simulate
from tests.simulation.shards import Shards

pytestmark = pytest.mark.slow

SECONDS = float(os.environ.get("SIMULATION_SECONDS", "60"))
START = int(os.environ.get("SIMULATION_START", "0"))
# Each a test of its own, so that the workers of a test run share them.
SHARDS = 6
SEEDS = int(os.environ.get("SIMULATION_SEEDS", "600"))
# Every mutation was found within 60 seeds when this was written.
ENOUGH = 300
# What is broken where one could also be forgotten by a mutation that only fails.
BREAKS = {"newest-first": "P18"}


@pytest.mark.parametrize("shard", mainly(range(SHARDS), 0))
def test_no_seed_breaks_a_promise(shard: int) -> None:
    begun = time.monotonic()
    for result in Shards().run(range(START + shard, START + SEEDS, SHARDS), 1):
        if result.violation is not None:
            show(result)
            raise AssertionError(f"seed {result.seed}: {result.violation}")
        if time.monotonic() - begun > SECONDS / SHARDS:
            return


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_a_mutation_that_fails_finds_nothing(monkeypatch: pytest.MonkeyPatch, store: str) -> None:
    """It is an error in the mutation, of which the test of its safeguard has to tell."""
    stale = [(claiming, "leased", lambda: True)]  # the product calls it with arguments
    monkeypatch.setattr(mutations, "MUTATIONS", {"stale": lambda: stale})
    with pytest.raises(mutations.MutationFailed, match="takes 0 positional arguments"):
        list(Shards(store=store, mutation="stale").run(range(1), 1))


def test_nothing_of_a_process_that_died_is_left_suspended() -> None:
    """The garbage collector would say so in whatever test it happens to run."""
    run = Run(1, (), "memory")
    work = asyncio.sleep(0)
    run.asterisk.process.spawn(work)
    run.asterisk.process.kill()
    run.start_asterisk()
    run.close()
    assert inspect.getcoroutinestate(work) == inspect.CORO_CLOSED


# They try the simulation, not the product: `make test` asks for those that are soon found.
@pytest.mark.parametrize("name", mainly(sorted(MUTATIONS), "gate-without-fence", "retry-at-once"))
def test_a_missing_safeguard_is_found(name: str) -> None:
    """By a promise that it breaks; a mutation that fails itself raises MutationFailed."""
    found = _first_failure(name)
    assert found is not None and found.violation is not None
    assert str(found.violation).startswith(BREAKS.get(name, "P"))


def _first_failure(name: str) -> Result | None:
    results = Shards(store="memory", mutation=name).run(range(ENOUGH), 1)
    return next((one for one in results if one.violation is not None), None)


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["gate-without-fence", "newest-first", "write-without-epoch"])
def test_a_missing_safeguard_is_missing_on_sqlite_too(name: str) -> None:
    """Those that are taken out of the stores: the same seed fails in the same way on both."""
    found = _first_failure(name)
    assert found is not None
    with mutated(name):
        on_sqlite = simulate(found.seed, FOCUS.get(name, ()), "sqlite")
    assert (on_sqlite.digest, str(on_sqlite.violation)) == (found.digest, str(found.violation))


@pytest.mark.parametrize("seed", mainly(range(6), 3, 4))
def test_a_run_is_the_same_on_both_stores(seed: int) -> None:
    """Step by step: what the store in memory answers is what SQLite answers."""
    assert simulate(seed, (), "memory") == simulate(seed, (), "sqlite")


@pytest.mark.thorough
def test_the_same_seed_is_the_same_run() -> None:
    """In another process, with another hash seed."""
    code = "from tests.simulation.run import simulate as s; print([s(n).digest for n in (1, 7)])"
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parents[2],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    ]
    assert said[0] == said[1] == f"{[simulate(n).digest for n in (1, 7)]}\n"


@pytest.mark.thorough
def test_failing_seeds_are_listed_and_replayed() -> None:
    """On several cores, going on after a failure; and each alone is the same run again."""
    several = _simulate("--seeds", "40", "--workers", "2")
    listed = [line for line in several[-11:] if line.startswith("seed ")]
    assert 2 <= len(listed) <= 10
    # The first is shown whole: its last steps, its promise, how to see it again.
    shown = several[: next(n for n, line in enumerate(several) if line.startswith("again: ")) + 1]
    seed = shown[-1].split("START=")[1].split()[0]
    assert any(line.startswith(f"seed {seed}: ") for line in listed)
    assert _simulate("--start", seed, "--seeds", "1")[: len(shown)] == shown


def _simulate(*options: str) -> list[str]:
    """The lines that the command line says. It has to find something."""
    always = ["--mutate", "a-talk-answers-all", "--store", "memory"]
    ran = subprocess.run(
        [sys.executable, "-m", "tests.simulation", *always, *options],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    return ran.stdout.splitlines()
