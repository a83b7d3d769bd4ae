"""The database's clock against that of a dispatcher's machine."""

from datetime import timedelta

import pytest

from asterisk_callback.domain.alarm import AlarmName
from asterisk_callback.services.telling.operator import Alarms
from tests.factories import SERVER, Office, SetClock

pytestmark = pytest.mark.case("CASES 6: a clock an hour off against the database is said")


def alarms(office: Office, host: SetClock, me: str) -> Alarms:
    return Alarms(
        store=office.store, queues=office.queues, server=SERVER, me=me, host_clock=lambda: host.now
    )


def standing(office: Office) -> list[tuple[str, str]]:
    with office.store.reading() as tx:
        found = [one for one in tx.alarms.standing() if one.name is AlarmName.CLOCK]
    return [(one.subject, one.text) for one in found]


@pytest.mark.parametrize(("minutes", "way"), [(60, "60 min behind"), (-60, "60 min ahead of")])
def test_an_hour(office: Office, clock: SetClock, minutes: int, way: str) -> None:
    host = SetClock()
    host.now = clock.now + timedelta(minutes=minutes)
    alarms(office, host, "one").look(None)
    ((subject, text),) = standing(office)
    assert subject == "one" and f"the database's clock is {way} that of dispatcher one's" in text
    host.now = clock.now + timedelta(seconds=20)
    alarms(office, host, "one").look(None)
    assert standing(office) == []


def test_another_dispatchers_machine_is_its_own_affair(office: Office, clock: SetClock) -> None:
    wrong, right = SetClock(), SetClock()
    wrong.now, right.now = clock.now + timedelta(hours=1), clock.now
    with office.store.writing() as tx:
        tx.servers.register("one", SERVER, timedelta(seconds=15))
    alarms(office, wrong, "one").look(None)
    for _ in range(2):
        assert alarms(office, right, "two").look(None) == []
    assert len(standing(office)) == 1
    clock.advance(minutes=1)  # it lives no longer
    right.now = clock.now
    alarms(office, right, "two").look(None)
    assert standing(office) == []
