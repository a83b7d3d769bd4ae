"""The calendar file of a chosen time, and the form's question for an address."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar

from asterisk_callback.services.booking import Booked
from asterisk_callback.services.withdraw import withdraw
from tests.web.house import House
from tests.web.page import Visitor

AT = "2026-11-24T10:15"


def path(booked: Booked) -> str:
    return f"/c/{booked.secret}/callback.ics"


def test_a_chosen_time_has_a_calendar_file(client: FlaskClient, house: House) -> None:
    booked = house.submit(scheduled_for=AT)
    answer = client.get(path(booked))
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "callback.ics" in answer.headers["Content-Disposition"]
    (event,) = Calendar.from_ical(answer.data).events
    assert event["DTSTART"].dt == datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
    assert str(event["SUMMARY"]) == "Larkmoor Broadband calls you"
    assert str(event["URL"]) == f"http://localhost/c/{booked.secret}"
    assert client.get(path(booked)).data == answer.data


def test_a_cancelled_one_takes_it_out(client: FlaskClient, house: House) -> None:
    booked = house.submit(scheduled_for=AT)
    withdraw(house.store, booked.wish)
    calendar = Calendar.from_ical(client.get(path(booked)).data)
    assert calendar["METHOD"] == "CANCEL"
    assert int(calendar.events[0]["SEQUENCE"]) == 1


def test_in_the_reader_s_language(client: FlaskClient, house: House) -> None:
    answer = client.get(path(house.submit(scheduled_for=AT)), headers={"Accept-Language": "de"})
    assert "Larkmoor Broadband ruft Sie an" in answer.text


@pytest.mark.parametrize("secret", ["unknown", None])
def test_nothing_to_put_into_a_calendar(
    client: FlaskClient, house: House, secret: str | None
) -> None:
    asap = house.submit().secret
    assert client.get(f"/c/{secret or asap}/callback.ics").status_code == 404


def test_without_mail_nobody_is_asked_for_an_address(house: House, visitor: Visitor) -> None:
    assert 'name="email"' in visitor.client.get("/").text
    assert 'name="email"' not in house.app(mail=False).test_client().get("/").text
