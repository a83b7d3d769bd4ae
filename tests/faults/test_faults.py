"""Each fault once, on each database; `make faults N=200` does them often."""

from collections.abc import Callable, Iterator

import pytest

from .catalogue import Fault, rows
from .runner import run_once, stages
from .stage import Stage

pytestmark = [pytest.mark.asterisk, pytest.mark.slow]
_ROWS = rows()


@pytest.fixture(scope="session")
def stage_of() -> Iterator[Callable[[str], Stage]]:
    """One running stage per database and worker."""
    with stages() as of:
        yield of


@pytest.mark.parametrize(
    ("fault", "database"), _ROWS, ids=[f"{fault.name}-{database}" for fault, database in _ROWS]
)
def test_no_promise_is_broken(
    stage_of: Callable[[str], Stage], fault: Fault, database: str
) -> None:
    verdict = run_once(stage_of(database), fault, "once")
    assert not verdict.harm, "\n".join(verdict.notes)
