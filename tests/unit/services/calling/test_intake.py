"""Callbacks that are not offered: no new wish is taken, and those that there are go on."""

from datetime import timedelta

import pytest

from asterisk_callback.domain.errors import NotOffered
from asterisk_callback.domain.gate import GatePass
from asterisk_callback.domain.hold import EVERYTHING, HoldKind
from asterisk_callback.services.booking.availability import Availability, QueueState
from asterisk_callback.services.booking.move import MoveService
from asterisk_callback.services.calling import holds
from asterisk_callback.services.status.facts import read_facts
from asterisk_callback.services.status.why import Reason, explain
from tests.factories import NOW, ZONE, Office, complaint

SCOPES = (EVERYTHING, "sales")


def stop(office: Office, scope: str = EVERYTHING) -> None:
    with office.store.writing() as tx:
        holds.stop(tx, scope, actor="ada", reason="storm", kind=HoldKind.INTAKE)


def resume(office: Office, scope: str = EVERYTHING) -> bool:
    with office.store.writing() as tx:
        return holds.resume(tx, scope, actor="ada", kind=HoldKind.INTAKE)


@pytest.mark.parametrize("scope", SCOPES)
def test_no_new_wish_until_it_is_resumed(office: Office, scope: str) -> None:
    stop(office, scope)
    assert isinstance(complaint(lambda: office.submit()), NotOffered)
    later = (NOW + timedelta(hours=3)).isoformat()
    assert isinstance(complaint(lambda: office.submit(scheduled_for=later)), NotOffered)
    assert resume(office, scope) and not resume(office, scope)
    office.submit()


def test_other_queues_take_them(office: Office) -> None:
    stop(office, "support")
    office.submit()
    assert isinstance(complaint(lambda: office.submit(1, "support")), NotOffered)


def test_a_second_wish_is_a_new_one(office: Office) -> None:
    """Also where it would only join: else its answer would tell that the number has a call."""
    office.submit()
    stop(office)
    assert isinstance(complaint(lambda: office.submit()), NotOffered)


def test_a_repeated_key_gets_its_answer(office: Office) -> None:
    first = office.submit(key="k")
    stop(office)
    again = office.submit(key="k")
    assert again.wish.id == first.wish.id and not again.new


def test_what_was_wished_goes_on(office: Office) -> None:
    booked = office.submit()
    stop(office)
    with office.store.reading() as tx:
        why = explain(read_facts(tx, booked.request, office.queues["sales"]))
    assert why.reason is not Reason.HELD
    claimed = office.claim()
    assert claimed is not None
    assert isinstance(office.gate.ask(claimed.attempt.token), GatePass)


def test_what_was_wished_can_be_moved(office: Office) -> None:
    booked = office.submit()
    stop(office)
    availability = Availability(store=office.store, queues=office.queues, home_zone=ZONE)
    assert availability.of("sales").days == ()
    assert availability.of("sales").state is QueueState.NOT_OFFERED
    assert availability.of("sales", moving=True).days
    moving = MoveService(store=office.store, queues=office.queues, home_zone=ZONE)
    time = (NOW + timedelta(hours=3)).isoformat()
    assert moving.move(booked.wish, time).request.due_at == NOW + timedelta(hours=3)


def test_the_two_holds_are_strangers(office: Office) -> None:
    stop(office, "sales")
    with office.store.writing() as tx:
        assert not tx.holds.active()
        dialling = holds.stop(tx, "sales", actor="bob")
        assert str(dialling) == "calls of 'sales' are stopped by bob"
        (intake,) = tx.holds.active(HoldKind.INTAKE)
        assert str(intake) == "new wishes for 'sales' are stopped by ada: storm"
    assert resume(office, "sales")
    with office.store.reading() as tx:
        assert tx.holds.active() == [dialling] and not tx.holds.active(HoldKind.INTAKE)


def test_the_trail_tells_of_it(office: Office) -> None:
    from asterisk_callback.store.tables.calls import audit

    stop(office)
    resume(office)
    with office.store.connect() as connection:
        rows = [(row.actor, row.event, row.reason) for row in connection.execute(audit.select())]
    assert rows == [
        ("ada", "intake stopped", "everything: storm"),
        ("ada", "intake resumed", "everything: storm"),
    ]
