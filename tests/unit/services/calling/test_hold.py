"""Stopped dialling: nobody is claimed or rung, nothing is lost, and everybody can read it."""

from datetime import timedelta

import pytest

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.gate import GatePass, GateRefusal, RefusalReason
from asterisk_callback.domain.hold import EVERYTHING, Hold, over
from asterisk_callback.domain.request import RequestState
from asterisk_callback.services.calling import holds
from asterisk_callback.services.status.facts import read_facts
from asterisk_callback.services.status.why import Reason, explain
from tests.factories import NOW, Office, SetClock

SCOPES = (EVERYTHING, "sales")


def stop(office: Office, scope: str = EVERYTHING, reason: str = "") -> Hold:
    with office.store.writing() as tx:
        return holds.stop(tx, scope, actor="ada", reason=reason)


def resume(office: Office, scope: str = EVERYTHING) -> bool:
    with office.store.writing() as tx:
        return holds.resume(tx, scope, actor="ada")


@pytest.mark.parametrize("scope", SCOPES)
def test_nobody_is_claimed_while_it_lasts(office: Office, scope: str) -> None:
    request = office.submit().request
    stop(office, scope)
    assert office.claim() is None
    assert office.request(request.id) == request
    assert resume(office, scope)
    claimed = office.claim()
    assert claimed is not None and claimed.attempt.request_id == request.id


@pytest.mark.parametrize("scope", SCOPES)
def test_the_gate_refuses_and_it_does_not_count(
    office: Office, clock: SetClock, scope: str
) -> None:
    attempt = office.attempt()
    stop(office, scope)
    assert office.gate.ask(attempt.token) == GateRefusal(reason=RefusalReason.HELD)
    after = office.request(attempt.request_id)
    assert (after.state, after.rings, after.line_at) == (RequestState.QUEUED, 0, NOW)
    (ended,) = office.attempts(attempt.request_id)
    assert (ended.disposition, ended.rung) == (Disposition.REFUSED, False)
    resume(office, scope)
    clock.advance(seconds=5)
    again = office.claim()
    assert again is not None
    assert isinstance(office.gate.ask(again.attempt.token), GatePass)


def test_other_queues_go_on(office: Office) -> None:
    stop(office, "support")
    attempt = office.attempt()
    assert isinstance(office.gate.ask(attempt.token), GatePass)


@pytest.mark.parametrize("scope", SCOPES)
def test_why_says_so(office: Office, scope: str) -> None:
    request = office.submit().request
    stop(office, scope, "the switch is moved")
    with office.store.reading() as tx:
        why = explain(read_facts(tx, request, office.queues["sales"]))
    assert why.reason is Reason.HELD
    assert "stopped calling" in why.sentence
    assert "ada" in why.detail and "the switch is moved" in why.detail
    assert "ada" not in why.sentence


def test_who_stops_twice_keeps_the_first_reason(office: Office, clock: SetClock) -> None:
    first = stop(office, reason="first")
    clock.advance(minutes=1)
    assert stop(office, reason="second") == first
    assert resume(office)
    assert not resume(office)


def test_resuming_a_queue_leaves_the_hold_of_all(office: Office) -> None:
    stop(office)
    stop(office, "sales")
    assert resume(office, "sales")
    office.submit()
    assert office.claim() is None


def test_the_widest_hold_is_named() -> None:
    one, all_ = (Hold(scope=scope, since=NOW, actor="ada") for scope in ("sales", EVERYTHING))
    assert over([one, all_], "sales") == all_
    assert over([one], "sales") == one
    assert over([one], "support") is None


def test_the_trail_tells_of_it(office: Office) -> None:
    from asterisk_callback.store.tables.calls import audit

    stop(office, "sales", "lunch")
    resume(office, "sales")
    with office.store.connect() as connection:
        rows = [(row.actor, row.event, row.reason) for row in connection.execute(audit.select())]
    assert rows == [
        ("ada", "dialling stopped", "queue sales: lunch"),
        ("ada", "dialling resumed", "queue sales: lunch"),
    ]


def test_what_is_held_expires_at_its_time(office: Office, clock: SetClock) -> None:
    from asterisk_callback.services.calling.release import expire

    request = office.submit().request
    stop(office)
    clock.now = request.expires_at + timedelta(seconds=1)
    assert expire(office.store) == 1
    assert office.request(request.id).state is RequestState.EXPIRED
