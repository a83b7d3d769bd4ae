"""Other people's PBXs, each shared by the tests of a worker."""

from collections.abc import Callable, Iterator

import pytest

from tests.lab.rings import check_all
from tests.wild.freepbx import FreePbx, place


@pytest.fixture(scope="session")
def freepbxes() -> Iterator[Callable[[str], FreePbx]]:
    """The FreePBX-like one, one per Asterisk version and worker."""
    running: dict[str, FreePbx] = {}

    def of(version: str) -> FreePbx:
        if version not in running:
            running[version] = FreePbx(place(version))
            running[version].start()
        return running[version]

    yield of
    for one in running.values():
        one.close()


@pytest.fixture
def freepbx(
    request: pytest.FixtureRequest, freepbxes: Callable[[str], FreePbx]
) -> Iterator[FreePbx]:
    """That on Asterisk 22 (or as parametrized), put back to its initial state; the far end's log
    is judged after the test."""
    freepbx = freepbxes(getattr(request, "param", "22"))
    freepbx.reset()
    yield freepbx
    check_all(freepbx)
