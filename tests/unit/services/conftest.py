"""The services over a real SQLite store, with a clock that only the test moves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories import Office, SetClock, callback_queue, sqlite_store


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def office(tmp_path: Path, clock: SetClock) -> Iterator[Office]:
    store = sqlite_store(tmp_path, clock)
    queues = {name: callback_queue(name) for name in ("sales", "support")}
    yield Office(store=store, queues=queues)
    store.close()
