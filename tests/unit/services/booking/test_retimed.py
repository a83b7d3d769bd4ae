"""The wall time was promised: it stays when the rules of its zone change, and the instant moves."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from asterisk_callback.domain import appointment, tzdata
from asterisk_callback.domain.request import RequestState
from asterisk_callback.services.booking.retime import retime
from tests.factories import Office

HOUR = timedelta(hours=1)
CHOSEN: dict[str, Any] = {"scheduled_for": "2026-11-24T10:15", "time_zone": "Europe/Berlin"}


@pytest.fixture
def other_rules(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules by which the same wall time is an hour earlier than it was when it was booked."""
    derive = appointment.appointment

    def an_hour_later(*args: object) -> appointment.Appointment:
        made = derive(*args)  # type: ignore[arg-type]
        return appointment.Appointment(
            instant=made.instant + HOUR, wall_time=made.wall_time, zone=made.zone, tzdata="old"
        )

    monkeypatch.setattr(appointment, "appointment", an_hour_later)


@pytest.mark.usefixtures("other_rules")
def test_a_bad_row_keeps_no_other_from_moving(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor a dispatcher from running: it looks them through at its start."""
    office.submit(**CHOSEN)
    office.submit(1, **CHOSEN)
    again, asked = appointment.again, []

    def fails_once(*args: object) -> datetime:
        asked.append(args)
        if len(asked) == 1:
            raise OverflowError("date value out of range")
        return again(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(appointment, "again", fails_once)
    assert retime(office.store, office.queues) == 1


@pytest.mark.usefixtures("other_rules")
def test_the_instant_moves(office: Office) -> None:
    booked = office.submit(**CHOSEN)
    assert retime(office.store, office.queues) == 1
    at = booked.wish.due_at - HOUR
    request = office.request(booked.request.id)
    assert (request.state, request.due_at, request.line_at) == (RequestState.SCHEDULED, at, at)
    assert request.tzdata == tzdata.version()
    with office.store.reading() as tx:
        (wish,) = tx.wishes.of(request.id)
        events = [row.event for row in tx.trail.of(request.id)]
    assert (wish.due_at, wish.promised_from, wish.moves) == (at, at, 1)
    assert wish.wall_time == "2026-11-24T10:15"
    assert "retimed" in events
    assert retime(office.store, office.queues) == 0


def test_the_same_rules_change_nothing(office: Office) -> None:
    booked = office.submit(**CHOSEN)
    office.submit(1)
    assert retime(office.store, office.queues) == 0
    assert office.request(booked.request.id) == booked.request


def test_an_hour_that_comes_twice_stays_the_one_that_was_meant() -> None:
    for hour in (0, 1):
        was = datetime(2026, 10, 25, hour, 30, 20, tzinfo=UTC)
        assert appointment.again("2026-10-25T01:30", "Europe/London", was) == was


def test_the_version_is_that_of_the_rules_in_use() -> None:
    tzdata.forget()
    assert 0 < len(tzdata.version()) <= 32
