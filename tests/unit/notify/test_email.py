"""E-mails, as a real SMTP server gets them."""

from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from asterisk_callback.domain.customer_message import MessageKind
from asterisk_callback.notify.channels.email import (
    Email,
    Mail,
    MailServer,
    Security,
    session,
)
from asterisk_callback.services.telling.channel import Never, Rejected, ServerAway, TryLater, Way
from asterisk_callback.services.telling.customer import Dispatch
from tests import post
from tests.factories import NOW
from tests.lab import mail_server
from tests.lab.mail_server import PASSWORD, USER, certificate
from tests.lab.ports import single
from tests.post import customer_mail
from tests.unit.config.conftest import load
from tests.unit.notify.conftest import CHOSEN, COMPANY, MakeDispatch, opened

__all__ = ["load"]  # a fixture of the configuration's tests

SENDER = "Larkmoor & Söhne <callback@example.org>"


def mailer(port: int, security: Security = Security.NONE, **given: Any) -> Way[Dispatch]:
    return customer_mail(post.mail_server(port, security, **given), COMPANY, SENDER)


def composed(dispatch: Dispatch) -> Mail:
    way = mailer(1)
    assert isinstance(way.channel, Email)
    return way.channel.mail(way.compose(dispatch))


def calendar_of(mail: EmailMessage) -> tuple[EmailMessage, Any]:
    (part,) = mail.iter_attachments()
    assert isinstance(part, EmailMessage)
    return part, Calendar.from_ical(part.get_payload(decode=True))


def test_a_confirmation_arrives_whole(dispatch: MakeDispatch) -> None:
    with mail_server.MailServer() as server:
        mailer(server.port).send(dispatch(MessageKind.CONFIRMATION, locale="de", **CHOSEN))
    (mail,) = server.received
    assert server.envelopes == [("callback@example.org", ["customer@example.org"])]
    assert mail["To"] == "customer@example.org"
    assert mail["From"] == SENDER
    assert mail["Reply-To"] == "help@example.org"
    assert mail["Message-ID"] == "<callback-0123456789abcdef@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Subject"].startswith("Wir rufen Sie an: Dienstag, 24. November 2026")
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "https://call.example.org/c/the-secret" in plain.get_content()
    assert '<a href="https://call.example.org/c/the-secret">' in html.get_content()
    part, calendar = calendar_of(mail)
    assert part.get_content_type() == "text/calendar"
    assert (part.get_param("method"), part.get_param("charset")) == ("PUBLISH", "utf-8")
    assert part.get_filename() == "callback.ics"
    assert calendar["METHOD"] == "PUBLISH"


def test_the_calendar_s_entry_follows_the_call(dispatch: MakeDispatch) -> None:
    """RFC 5546: one UID, a higher SEQUENCE; nobody is asked to accept anything."""
    wish: dict[str, Any] = {**CHOSEN, "public_id": "p1"}
    first = opened(composed(dispatch(MessageKind.CONFIRMATION, **wish)))
    later = wish | {"moves": 1, "due_at": wish["due_at"] + timedelta(hours=2)}
    moved = opened(composed(dispatch(MessageKind.MOVED, **later)))
    cancelled = dispatch(MessageKind.CANCELLED, facts={"by": "company"}, withdrawn_at=NOW, **later)
    gone = opened(composed(cancelled))
    calendars = [calendar_of(mail)[1] for mail in (first, moved, gone)]
    events = [calendar.events[0] for calendar in calendars]
    assert [calendar["METHOD"] for calendar in calendars] == ["PUBLISH", "PUBLISH", "CANCEL"]
    assert [int(event["SEQUENCE"]) for event in events] == [0, 1, 2]
    assert len({str(event["UID"]) for event in events}) == 1
    assert events[0]["DTSTART"].to_ical() == b"20261124T100000Z"
    assert events[1]["DTSTART"].to_ical() == b"20261124T120000Z"
    assert [str(event["STATUS"]) for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert str(events[0]["URL"]) == "https://call.example.org/c/the-secret"
    assert "ATTENDEE" not in events[0]
    assert str(events[0]["ORGANIZER"]) == "mailto:callback@example.org"
    (alarm,) = events[0].subcomponents
    assert alarm["TRIGGER"].to_ical() == b"-PT10M"


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (MessageKind.CONFIRMATION, {}),
        (MessageKind.REMINDER, CHOSEN),
        (MessageKind.CANCELLED, {"facts": {"by": "x"}}),
    ],
)
def test_no_calendar_file_without_a_change_of_a_chosen_time(
    dispatch: MakeDispatch, kind: MessageKind, given: dict[str, Any]
) -> None:
    assert list(opened(composed(dispatch(kind, **given))).iter_attachments()) == []


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org, b@example.org",
        "a@example.org\n\nBUY NOW",
        "<a@example.org>",
        "",
    ],
)
def test_no_address_breaks_out_of_its_header(dispatch: MakeDispatch, address: str) -> None:
    with pytest.raises(Never):
        composed(dispatch(MessageKind.CONFIRMATION, email=address))


@pytest.mark.parametrize(
    ("recipient", "data", "verdict"),
    [
        ("550 No such mailbox", "250 OK", Rejected),
        ("450 Come again", "250 OK", TryLater),
        ("250 OK", "554 Looks like spam", Rejected),
        ("250 OK", "452 No room", TryLater),
    ],
)
def test_what_the_server_says_decides(
    dispatch: MakeDispatch, recipient: str, data: str, verdict: type[Exception]
) -> None:
    with mail_server.MailServer(to_recipient=recipient, to_data=data) as server:
        with pytest.raises(verdict, match=(recipient if recipient[0] != "2" else data)[:3]):
            mailer(server.port).send(dispatch(MessageKind.CONFIRMATION))
        assert server.received == []


def test_nobody_there() -> None:
    server = MailServer(host="127.0.0.1", port=single(), security=Security.NONE)
    with pytest.raises(ServerAway, match="refused"), session(server):
        pass


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    return certificate(tmp_path)


def test_encrypted_and_logged_in(dispatch: MakeDispatch, authority: Path) -> None:
    with mail_server.MailServer(tls=authority.parent) as server:
        login = {"username": USER, "password": PASSWORD, "ca_file": str(authority)}
        mailer(server.port, Security.STARTTLS, **login).send(dispatch(MessageKind.CONFIRMATION))
        assert len(server.received) == 1
        wrong = login | {"password": "another"}
        with pytest.raises(ServerAway, match="535"):
            mailer(server.port, Security.STARTTLS, **wrong).send(dispatch(MessageKind.CONFIRMATION))
        strange = {"username": USER, "password": PASSWORD}
        with pytest.raises(ServerAway, match="certificate"):
            mailer(server.port, Security.STARTTLS, **strange).send(
                dispatch(MessageKind.CONFIRMATION)
            )


def test_a_server_without_tls_gets_no_password(dispatch: MakeDispatch) -> None:
    with (
        mail_server.MailServer() as server,
        pytest.raises(ServerAway, match="STARTTLS"),
        session(
            MailServer(
                host="127.0.0.1",
                port=server.port,
                security=Security.STARTTLS,
                username=USER,
                password=PASSWORD,
            )
        ),
    ):
        pass


def test_moved_to_now_takes_the_time_out_of_the_calendar(dispatch: MakeDispatch) -> None:
    _, calendar = calendar_of(opened(composed(dispatch(MessageKind.MOVED, asap=True, moves=2))))
    assert calendar["METHOD"] == "CANCEL"
    assert int(calendar.events[0]["SEQUENCE"]) == 2


@pytest.mark.parametrize(
    "address",
    [
        "=?utf-8?q?a=0d=0aBcc=3a_b=40example.com=0d=0a=0d=0aBuy?=@example.org",
        "=?utf-8?b?YUBleGFtcGxlLmNvbSxi?=@example.org",
    ],
)
def test_an_encoded_word_is_no_address(dispatch: MakeDispatch, address: str) -> None:
    """Decoded where the header is written, it would end that header, and begin others."""
    with pytest.raises(Never):
        composed(dispatch(MessageKind.CONFIRMATION, email=address))
