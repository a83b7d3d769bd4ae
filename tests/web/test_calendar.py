"""The calendar file of a chosen time, and the form's question for an address."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar

from asterisk_callback.domain.customer_message import Message, MessageId, MessageKind
from asterisk_callback.notify.customer import Sender
from asterisk_callback.services.booking.booking import BookingResult
from asterisk_callback.services.booking.withdraw import withdraw
from asterisk_callback.services.telling.customer import Dispatch
from tests import post
from tests.lab import mail_server
from tests.web.house import ZONE, House
from tests.web.page import Visitor

AT = "2026-11-24T10:15"
ORGANIZER = "callback@example.org"


def path(booked: BookingResult) -> str:
    return f"/c/{booked.secret}/callback.ics"


def mailed(house: House, booked: BookingResult, kind: MessageKind) -> bytes:
    """The file that is attached to a mail of this wish as it is now."""
    with house.store.reading() as tx:
        wish = tx.wishes.get(booked.wish.id)
        request = tx.requests.get(booked.request.id)
    assert wish is not None and request is not None
    times = {"created_at": wish.created_at, "due_at": wish.created_at}
    message = Message(
        id=MessageId(1), wish_id=wish.id, kind=kind, occasion="", tries=1, facts={}, **times
    )
    company = Sender(name="Larkmoor Broadband", base_url=house.base_url, zone=ZONE, country="GB")
    with mail_server.MailServer() as server:
        address = post.mail_server(server.port)
        post.customer_mail(address, company, f"Larkmoor <{ORGANIZER}>").send(
            Dispatch(
                id="1", message=message, wish=wish, request=request, secret=booked.secret,
                queue=house.queues[request.queue],
            )
        )  # fmt: skip
    (part,) = server.received[0].iter_attachments()
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def test_a_chosen_time_has_a_calendar_file(client: FlaskClient, house: House) -> None:
    booked = house.submit(scheduled_for=AT)
    answer = client.get(path(booked))
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "callback.ics" in answer.headers["Content-Disposition"]
    (event,) = Calendar.from_ical(answer.data).events
    assert event["DTSTART"].dt == datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
    assert str(event["SUMMARY"]) == "Larkmoor Broadband calls you (Support)"
    assert str(event["URL"]) == f"http://localhost/c/{booked.secret}"
    assert client.get(path(booked)).data == answer.data


def test_a_cancelled_one_takes_it_out(client: FlaskClient, house: House) -> None:
    booked = house.submit(scheduled_for=AT)
    withdraw(house.store, booked.wish)
    calendar = Calendar.from_ical(client.get(path(booked)).data)
    assert calendar["METHOD"] == "CANCEL"
    assert int(calendar.events[0]["SEQUENCE"]) == 1


@pytest.mark.case("CASES 4: a calendar entry is the same in a download and in a mail")
def test_the_mail_s_file_is_the_page_s(house: House) -> None:
    client = house.client(organizer=ORGANIZER)
    booked = house.submit(scheduled_for=AT, email="customer@example.org")
    assert mailed(house, booked, MessageKind.CONFIRMATION) == client.get(path(booked)).data
    house.parts.moving.move(booked.wish, "2026-11-25T10:15")
    assert mailed(house, booked, MessageKind.MOVED) == client.get(path(booked)).data


@pytest.mark.case("CASES 4: DTSTAMP changes on a move")
def test_a_move_is_a_newer_version_of_the_entry(client: FlaskClient, house: House) -> None:
    booked = house.submit(scheduled_for=AT, email="customer@example.org")
    before = client.get(path(booked)).data
    house.clock.now += timedelta(minutes=3)
    house.parts.moving.move(booked.wish, "2026-11-25T10:15")
    after = client.get(path(booked)).data
    (old,), (new,) = (Calendar.from_ical(file).events for file in (before, after))
    assert (str(old["UID"]), int(old["SEQUENCE"]) + 1) == (str(new["UID"]), int(new["SEQUENCE"]))
    assert new["DTSTAMP"].dt - old["DTSTAMP"].dt == timedelta(minutes=3)


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
