"""What the web asks of the database is built once: building took a third of a booking's time."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.sql import dml, elements, selectable

from tests.web.conftest import Api
from tests.web.house import House
from tests.web.page import Visitor

BUILT = (
    selectable.Select,
    elements.BinaryExpression,
    elements.TextClause,
    dml.Insert,
    dml.Update,
    dml.Delete,
)


@pytest.fixture
def building(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Counter[str]]:
    """What was built of statements since it was asked last."""
    built: Counter[str] = Counter()
    for kind in BUILT:
        monkeypatch.setattr(kind, "__init__", _counted(kind, built))

    def since() -> Counter[str]:
        found = built.copy()
        built.clear()
        return found

    return since


def _counted(kind: Any, built: Counter[str]) -> Callable[..., None]:
    original = kind.__init__

    def init(self: Any, *args: Any, **more: Any) -> None:
        built[kind.__name__] += 1
        original(self, *args, **more)

    return init


@contextmanager
def _executed(house: House) -> Iterator[Counter[str]]:
    """Statements and commits of the writer."""
    found: Counter[str] = Counter()
    engine = house.store._writer

    def statement(*_: object) -> None:
        found["statements"] += 1

    def commit(_: object) -> None:
        found["commits"] += 1

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", commit)


def test_no_statement_is_built_for_a_booking_or_a_page(
    house: House, visitor: Visitor, api: Api, building: Callable[[], Counter[str]]
) -> None:
    house.at_work()

    def booked(last: int) -> None:
        path = visitor.book(phone=f"020 7946 0{last}")
        assert visitor.client.get(path).status_code == 200
        assert visitor.client.get("/").status_code == 200
        asked = {"phone": f"020 7946 0{last + 1}", "queue": "support"}
        assert api("POST", json=asked).status_code == 201

    booked(101)
    building()
    booked(103)
    assert not building()


def test_form_and_api_commit_once(house: House, visitor: Visitor, api: Api) -> None:
    """A commit waits for the disk, and SQLite has one writer."""
    house.at_work()
    form = visitor.fill(phone="020 7946 0103")
    with _executed(house) as found:
        assert visitor.send(form).status_code == 303
    assert found["commits"] == 1 and found["statements"] <= 31, found
    with _executed(house) as found:
        assert api("POST", json={"phone": "020 7946 0104", "queue": "support"}).status_code == 201
    assert found["commits"] == 1 and found["statements"] <= 25, found
