"""Other people's PBXs, each shared by the tests of a worker."""

from collections.abc import Iterator

import pytest

from tests.lab.rings import check_all
from tests.wild.freepbx import FreePbx, place


@pytest.fixture(scope="session")
def shared_freepbx() -> Iterator[FreePbx]:
    """The FreePBX-like one, on Asterisk 22."""
    with FreePbx(place()) as running:
        yield running


@pytest.fixture
def freepbx(shared_freepbx: FreePbx) -> Iterator[FreePbx]:
    """The same, put back to its initial state; the far end's log is judged after the test."""
    shared_freepbx.reset()
    yield shared_freepbx
    check_all(shared_freepbx)
