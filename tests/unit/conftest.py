"""For the verbs and the dispatcher: a real SQLite store, with a clock that only the test moves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_callback.services.telling.outbox import Outbox
from tests.factories import Office, SetClock, callback_queue, sqlite_store
from tests.post import Post


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def office(tmp_path: Path, clock: SetClock) -> Iterator[Office]:
    store = sqlite_store(tmp_path, clock)
    queues = {name: callback_queue(name) for name in ("sales", "support")}
    yield Office(store=store, queues=queues)
    store.close()


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def outbox(office: Office, post: Post) -> Outbox:
    return Outbox(store=office.store, queues=office.queues, secret_key="test secret", send=post)
