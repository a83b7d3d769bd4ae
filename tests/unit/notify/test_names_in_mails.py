"""Names and addresses from all over the world, and from people who try things, at a mail server."""

import re
from email.header import decode_header, make_header

import pytest

from asterisk_callback.domain.customer_message import MessageKind
from asterisk_callback.domain.team_notice import TeamEvent
from asterisk_callback.notify.channels.email import Email
from asterisk_callback.notify.team import TeamWords
from asterisk_callback.services.telling.channel import Never, Way
from asterisk_callback.services.telling.customer import Dispatch
from asterisk_callback.services.telling.team import News
from tests import post
from tests.factories import a_request, callback_queue
from tests.lab import mail_server
from tests.unit.notify.conftest import COMPANY, MakeDispatch

HARMFUL = [
    "=?utf-8?q?A=0D=0AReply-To:_x@example.org?=",
    "=?utf-8?b?QQ0KUmVwbHktVG86IHhAZXhhbXBsZS5vcmc=?=",
    "Zoë =?utf-8?q?A=0D=0A=0D=0ABuy?=",
    "A\r\nReply-To: x@example.org",
    "A\u2028Reply-To: x@example.org\x85B",
    "A" * 400 + " =?utf-8?q?=0A?=",
]
EXPECTED = [
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
    *("X-Auto-Response-Suppress", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
]


def tell_team(server: mail_server.MailServer, name: str) -> None:
    """The team is told of a customer of this name."""
    words = TeamWords(
        mailboxes=("sales@example.org", '"Night, Shift" <night@example.org>'),
        page="https://call.example.org/done/{}".format,
        zone="Europe/London",
    )
    sender = "Larkmoor & Söhne <callback@example.org>"
    channel = Email(server=post.mail_server(server.port), sender=sender)
    Way(channel=channel, compose=words).send(News(
        id="callback-1", event=TeamEvent.ASKED, request=a_request(name=name),
        queue=callback_queue(), secret="s",
    ))  # fmt: skip


@pytest.mark.case("CASES 4: an encoded word in a name makes no header")
@pytest.mark.parametrize("name", HARMFUL)
def test_a_customer_s_name_makes_no_header(name: str) -> None:
    with mail_server.MailServer() as server:
        tell_team(server, name)
    (mail,) = server.received
    assert sorted(mail.keys()) == sorted(EXPECTED)
    assert "We make no call." in mail.get_content()
    (subject,) = [value for key, value in mail.raw_items() if key == "Subject"]
    shown = str(make_header(decode_header(subject.replace("\r\n", ""))))
    assert " ".join(name.split()) in shown
    assert server.envelopes[0][1] == ["sales@example.org", "night@example.org"]


@pytest.mark.case("CASES 4: encoded words of at most 75 characters")
def test_a_long_name_is_written_in_short_words() -> None:
    name = "Зинаида " * 9
    with mail_server.MailServer() as server:
        tell_team(server, name)
    (subject,) = [value for key, value in server.received[0].raw_items() if key == "Subject"]
    words = re.findall(r"=\?\S+?\?=", subject)
    assert len(words) > 1
    assert max(map(len, words)) <= 75


def mailer(port: int) -> Way[Dispatch]:
    return post.customer_mail(post.mail_server(port), COMPANY, "callback@example.org")


@pytest.mark.case("CASES 4: an international address reaches the domain of IDNA 2008")
@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("kunde@bücher.example", "kunde@xn--bcher-kva.example"),
        ("info@faß.de", "info@xn--fa-hia.de"),
        ("info@россия.рф", "info@xn--h1alffa9f.xn--p1ai"),
        ("info@xn--h1alffa9f.xn--p1ai", "info@xn--h1alffa9f.xn--p1ai"),
    ],
)
def test_an_international_domain_is_written_in_ascii(
    dispatch: MakeDispatch, typed: str, written: str
) -> None:
    with mail_server.MailServer() as server:
        mailer(server.port).send(dispatch(MessageKind.CONFIRMATION, email=typed))
    assert server.envelopes[0][1] == [written]
    assert server.received[0]["To"] == written


@pytest.mark.case("CASES 4: a server without SMTPUTF8")
def test_letters_before_the_at_need_a_server_that_takes_them(dispatch: MakeDispatch) -> None:
    message = dispatch(MessageKind.CONFIRMATION, email="jörg@bücher.example")
    with mail_server.MailServer(smtputf8=True) as server:
        mailer(server.port).send(message)
    assert server.envelopes[0][1] == ["jörg@xn--bcher-kva.example"]
    with mail_server.MailServer(smtputf8=False) as server:
        with pytest.raises(Never, match="letters"):
            mailer(server.port).send(message)
        mailer(server.port).send(dispatch(MessageKind.CONFIRMATION, email="joerg@bücher.example"))
    assert server.envelopes[0][1] == ["joerg@xn--bcher-kva.example"]
