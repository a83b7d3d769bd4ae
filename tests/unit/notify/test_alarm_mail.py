"""Alarms, as a real SMTP server gets them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from asterisk_callback import bootstrap
from asterisk_callback.domain.alarm import Alarm, AlarmEvent, AlarmName, Notice
from asterisk_callback.notify.channels.email import Email
from asterisk_callback.notify.operator import OperatorWords
from asterisk_callback.services.telling.channel import Rejected, ServerAway, TryLater, Way
from tests import post
from tests.factories import NOW
from tests.lab import mail_server
from tests.lab.ports import single
from tests.unit.config.conftest import Load, load

__all__ = ["load"]  # a fixture of the configuration's tests

TEXT = "trunk main failed 3 times in a row; left alone until 14:07:30 UTC"
ALARM = Alarm(id=4, name=AlarmName.TRUNK, server="pbx", subject="main", text=TEXT, raised_at=NOW)
RAISED = Notice(id=7, alarm=ALARM, channel="email", event=AlarmEvent.RAISED, tries=0)
OVER = replace(ALARM, cleared_at=NOW + timedelta(minutes=9))
CLEARED = Notice(id=8, alarm=OVER, channel="email", event=AlarmEvent.CLEARED, tries=0)


WORDS = OperatorWords(mailboxes=("ops@example.org", "Night Shift <night@example.org>"))


def way(port: int) -> Way[Notice]:
    sender = "Larkmoor & Söhne <callback@example.org>"
    return Way(channel=Email(server=post.mail_server(port), sender=sender), compose=WORDS)


def test_one_mail_when_raised_and_an_answer_to_it_when_cleared() -> None:
    with mail_server.MailServer() as server:
        way(server.port).send(RAISED)
        way(server.port).send(CLEARED)
    recipients = ["ops@example.org", "night@example.org"]
    assert server.envelopes == [("callback@example.org", recipients)] * 2
    raised, cleared = server.received
    assert raised["Subject"] == "[asterisk-callback] alarm raised: trunk_paused (pbx main)"
    assert cleared["Subject"] == "[asterisk-callback] alarm cleared: trunk_paused (pbx main)"
    assert TEXT in raised.get_content()
    assert "Raised 2026-11-23 10:00:00 UTC." in raised.get_content()
    assert TEXT in cleared.get_content()
    assert "Cleared 2026-11-23 10:09:00 UTC." in cleared.get_content()
    assert cleared["In-Reply-To"] == raised["Message-ID"]
    assert cleared["Message-ID"] != raised["Message-ID"]
    assert raised["Auto-Submitted"] == "auto-generated"


def test_told_twice_it_is_the_same_mail() -> None:
    assert WORDS(RAISED) == WORDS(RAISED)


@pytest.mark.parametrize(
    ("answer", "error"), [("450 come back later", TryLater), ("550 no such mailbox", Rejected)]
)
def test_not_taken_is_not_delivered(answer: str, error: type[TryLater]) -> None:
    with (
        mail_server.MailServer(to_recipient=answer) as server,
        pytest.raises(error, match=answer),
    ):
        way(server.port).send(RAISED)


def test_nobody_listens() -> None:
    with pytest.raises(ServerAway, match="refused"):
        way(single()).send(RAISED)


def test_some_addresses_refused_is_delivered_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    with mail_server.MailServer(refused=frozenset({"night@example.org"})) as server:
        way(server.port).send(RAISED)
    assert len(server.received) == 1
    assert "refused 1 addresses" in caplog.text
    assert "night" not in caplog.text


def test_wired_as_configured(load: Load) -> None:
    mail = '\n[mail]\nhost = "mail.example.org"\nsender = "callback@example.org"\n'
    alarms = '\n[alarms]\nemail = ["ops@example.org"]\nwebhook = "https://ops.example.org/x"\n'
    alarms += 'webhook_secret = "0123456789abcdef"\n'
    channels = bootstrap.alarm_channels(load(more=mail + alarms))
    assert [one.name for one in channels] == ["webhook", "email"]
    assert bootstrap.alarm_channels(load(more=mail)) == []
