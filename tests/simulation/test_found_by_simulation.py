"""Each bug that the simulation found, as a test of its own that needs no seed."""

from datetime import timedelta
from pathlib import Path

import pytest

from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.services.claim import Me, claim
from tests.factories import PLENTY, Office, SetClock, sqlite_store

LEASE = timedelta(seconds=15)


def test_a_dispatcher_whose_successor_has_left_claims_nothing(tmp_path: Path) -> None:
    """P6. Frozen past its lease; started anew under the same name; that one stopped in good order
    and took the name's row with it. The old one wakes up and finds no row: it had a lease no more,
    and still it claimed (seed 10235, "took attempt 2 without a lease")."""
    store = sqlite_store(tmp_path, SetClock())
    office = Office(store=store)
    with store.writing() as tx:
        tx.enrol("d1", "main", LEASE)
    with store.writing() as tx:
        tx.enrol("d1", "main", LEASE)
    with store.writing() as tx:
        tx.leave("d1", 2)
    office.submit()
    with pytest.raises(StaleWrite):
        claim(store, Me(name="d1", epoch=1), office.queues["sales"], PLENTY, office.guard)
    store.close()
