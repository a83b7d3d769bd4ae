"""A database that went back in time is found out by a mark that somebody remembers."""

from typing import Any

import pytest

from asterisk_callback.domain.hold import EVERYTHING
from asterisk_callback.services.calling import holds
from asterisk_callback.services.calling.restored import next_mark, went_back
from asterisk_callback.store import SqlStore
from tests.factories import Office
from tests.store.conftest import ALL
from tests.store.racing import at_once

pytestmark = pytest.mark.parametrize("dialect", ALL, indirect=True)

LEASE_SERVER = ("d1", "main")


def enrol(store: Any) -> str:
    from datetime import timedelta

    with store.writing() as tx:
        tx.servers.register(*LEASE_SERVER, timedelta(seconds=15))
        name: str = tx.servers.database_id()
        return name


def test_the_installation_keeps_its_name(store: SqlStore) -> None:
    with store.reading() as tx:
        assert tx.servers.database_id() == ""
    name = enrol(store)
    assert len(name) == 12 and name.isdigit()
    assert enrol(store) == name


def test_marks_grow(store: SqlStore) -> None:
    enrol(store)
    given: list[int] = []

    def take() -> None:
        with store.writing() as tx:
            given.append(next_mark(tx))

    at_once(*[take] * 6)
    assert sorted(given) == [1, 2, 3, 4, 5, 6]


def test_a_lower_mark_holds_everything_once(office: Office) -> None:
    enrol(office.store)
    office.submit()
    with office.store.writing() as tx:
        assert next_mark(tx) == 1
        assert went_back(tx, 1) is None
        found = went_back(tx, 7)
        assert found is not None and "restored" in found.reason
        assert tx.servers.call_counter() == 7
        assert went_back(tx, 7) is None
    assert office.claim() is None


def test_its_reason_takes_the_place_of_another(office: Office) -> None:
    enrol(office.store)
    with office.store.writing() as tx:
        holds.stop(tx, EVERYTHING, actor="ada", reason="lunch")
        went_back(tx, 2)
        (hold,) = tx.holds.active()
    assert "dialling resume" in hold.reason
