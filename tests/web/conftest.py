"""Fixtures: a house, a visitor, an API client."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.house import API_KEY, House
from tests.web.page import Visitor

Api = Callable[..., Any]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path)
    yield built
    built.close()


@pytest.fixture
def client(house: House) -> FlaskClient:
    return house.client()


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    return Visitor(client)


@pytest.fixture
def api(client: FlaskClient) -> Api:
    """api(method, path, json=…, headers=…): a call with a valid key."""

    def call(
        method: str, path: str = "", headers: dict[str, str] | None = None, **more: Any
    ) -> Any:
        key = {"Authorization": f"Bearer {API_KEY}"}
        path = f"/api/v1/callbacks{path}"
        return client.open(path, method=method, headers=key | (headers or {}), **more)

    return call
