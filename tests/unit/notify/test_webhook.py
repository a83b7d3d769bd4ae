"""Alarms by webhook, against a real HTTP server: a signed POST, 2xx or not delivered."""

import json

import pytest

from asterisk_callback.domain.alarm import Alarm, AlarmEvent, AlarmName, Notice
from asterisk_callback.notify.channels.retry_after import retry_after
from asterisk_callback.notify.channels.webhook import Webhook, signature
from asterisk_callback.notify.operator import OperatorWords
from asterisk_callback.services.telling.channel import (
    Never,
    ServerAway,
    TransportError,
    TryLater,
    Way,
)
from tests.factories import NOW
from tests.lab.hook_server import Hooks, hook_server

ALARM = Alarm(
    id=4, name=AlarmName.TRUNK, server="pbx", subject="main", text="trunk main", raised_at=NOW
)
NOTICE = Notice(id=7, alarm=ALARM, channel="webhook", event=AlarmEvent.RAISED, tries=0)


def webhook(port: int) -> Way[Notice]:
    url = f"http://127.0.0.1:{port}/hook?key=s3cret"
    return Way(channel=Webhook(url=url, secret="known", allow_hosts=None), compose=OperatorWords())


def test_what_it_says(hooks: Hooks) -> None:
    webhook(hooks.server_port).send(NOTICE)
    ((path, headers, body),) = hooks.heard
    name, moment = headers["Webhook-Id"], headers["Webhook-Timestamp"]
    assert name == "alarm-4-20261123100000-raised"
    assert headers["Webhook-Signature"] == signature("known", name, moment, body)
    assert path == "/hook?key=s3cret"
    assert json.loads(body) == {
        "id": 7,
        "event": "raised",
        "alarm": "trunk_paused",
        "alarm_id": 4,
        "server": "pbx",
        "subject": "main",
        "text": "trunk main",
        "raised_at": NOW.isoformat(),
        "cleared_at": None,
    }


@pytest.mark.parametrize(
    ("code", "kind"), [(302, TryLater), (404, TryLater), (410, Never), (500, TryLater)]
)
def test_anything_but_2xx_is_not_delivered(
    hooks: Hooks, code: int, kind: type[TransportError]
) -> None:
    hooks.code = code
    with pytest.raises(kind, match=str(code)) as error:
        webhook(hooks.server_port).send(NOTICE)
    assert "s3cret" not in str(error.value)
    assert len(hooks.heard) == 1


def test_nobody_listens() -> None:
    with hook_server() as hooks:
        port = hooks.server_port
    with pytest.raises(ServerAway, match="Refused"):
        webhook(port).send(NOTICE)


def test_its_address_is_not_shown() -> None:
    assert "s3cret" not in repr(webhook(1))


@pytest.mark.parametrize("year", ["2026", "9" * 20])
def test_a_retry_after_of_another_calendar_is_none(year: str) -> None:
    said = retry_after(f"Mon, 30 Nov {year} 10:00:30 GMT", NOW)
    assert (said is None) == (year != "2026")
