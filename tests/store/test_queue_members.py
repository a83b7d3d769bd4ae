"""The members of Asterisk's queues, as dispatchers write them down."""

from dataclasses import replace
from datetime import timedelta

import pytest

from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.queue_member import Device, Member
from tests.factories import NOW, Office, SetClock
from tests.store.conftest import ALL

pytestmark = pytest.mark.parametrize("dialect", ALL, indirect=True)

ANNA = Member(
    asterisk_queue="support", interface="PJSIP/anna", name="Anna", status=Device.NOT_IN_USE
)
BEN = replace(ANNA, interface="PJSIP/ben", name="Ben", status=Device.UNAVAILABLE)
LATER = timedelta(minutes=3)


def put(office: Office, *members: Member, queue: str = "support", known: bool = True) -> None:
    with office.store.writing() as tx:
        tx.servers.put_queue_facts("main", queue, QueueStatus(known=known))
        tx.queue_members.replace("main", queue, members)


def kept(office: Office, queue: str | None = None) -> list[Member]:
    with office.store.reading() as tx:
        return list(tx.queue_members.of("main", queue))


def test_they_come_out_as_they_went_in(still_office: Office) -> None:
    paused = replace(BEN, paused=True, paused_reason="Lunch", in_call=True)
    put(still_office, paused, ANNA)
    assert kept(still_office) == [replace(ANNA, since=NOW), replace(paused, since=NOW)]
    assert kept(still_office, "sales") == []
    with still_office.store.reading() as tx:
        assert list(tx.queue_members.of("elsewhere")) == []


def test_each_queue_has_its_own(still_office: Office) -> None:
    put(still_office, ANNA, BEN)
    in_sales = replace(ANNA, asterisk_queue="sales", paused=True)
    put(still_office, in_sales, queue="sales")
    assert [(one.asterisk_queue, one.name) for one in kept(still_office)] == [
        ("sales", "Anna"), ("support", "Anna"), ("support", "Ben"),
    ]  # fmt: skip
    put(still_office, BEN)
    assert [one.name for one in kept(still_office, "support")] == ["Ben"]
    assert [one.name for one in kept(still_office, "sales")] == ["Anna"]


def test_since_counts_from_what_one_reads(still_office: Office, clock: SetClock) -> None:
    put(still_office, ANNA)
    clock.now += LATER
    put(still_office, replace(ANNA, status=Device.UNKNOWN, name="Anna B."))
    assert kept(still_office)[0].since == NOW  # still free
    put(still_office, replace(ANNA, status=Device.IN_USE))
    assert kept(still_office)[0].since == NOW + LATER
    clock.now += LATER
    put(still_office, replace(ANNA, status=Device.ON_HOLD))
    assert kept(still_office)[0].since == NOW + LATER  # still a call
    put(still_office, replace(ANNA, paused=True, paused_reason="Lunch"))
    lunch = NOW + 2 * LATER
    clock.now += LATER
    put(still_office, replace(ANNA, paused=True, paused_reason="Lunch", status=Device.RINGING))
    assert kept(still_office)[0].since == lunch
    put(still_office, replace(ANNA, paused=True, paused_reason="Training"))
    assert kept(still_office)[0].since == lunch + LATER


def test_while_nothing_is_known_nobody_is_shown(still_office: Office, clock: SetClock) -> None:
    put(still_office, ANNA)
    with still_office.store.writing() as tx:
        tx.servers.put_queue_facts("main", "support", QueueStatus())
    assert kept(still_office) == []
    clock.now += LATER
    put(still_office, ANNA)
    assert kept(still_office)[0].since == NOW


def test_what_is_too_long_is_cut(still_office: Office) -> None:
    """Asterisk lets an admin write more than fits, and the others must be seen all the same."""
    put(still_office, replace(ANNA, name="a" * 300, paused=True, paused_reason="b" * 300), BEN)
    assert [len(one.name) for one in kept(still_office)] == [3, 128]
    assert len(kept(still_office)[1].paused_reason) == 80
