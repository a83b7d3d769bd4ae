"""The webhook against a real HTTP server: a POST of JSON, 2xx or it was not delivered."""

import json

import pytest

from asterisk_callback.domain.alarm import Alarm, AlarmEvent, AlarmName, Notice
from asterisk_callback.notify.channels.retry_after import retry_after
from asterisk_callback.notify.operator import Webhook
from tests.factories import NOW
from tests.lab.hook_server import Hooks, hook_server

ALARM = Alarm(
    id=4, name=AlarmName.TRUNK, server="pbx", subject="main", text="trunk main", raised_at=NOW
)
NOTICE = Notice(id=7, alarm=ALARM, channel="webhook", event=AlarmEvent.RAISED, tries=0)


def webhook(hooks: Hooks) -> Webhook:
    return Webhook(url=f"http://127.0.0.1:{hooks.server_port}/hook?key=s3cret")


def test_what_it_says(hooks: Hooks) -> None:
    webhook(hooks).tell(NOTICE)
    ((path, _, body),) = hooks.heard
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


@pytest.mark.parametrize("code", [302, 404, 500])
def test_anything_but_2xx_is_not_delivered(hooks: Hooks, code: int) -> None:
    hooks.code = code
    with pytest.raises(OSError, match=str(code)) as error:
        webhook(hooks).tell(NOTICE)
    assert "s3cret" not in str(error.value)
    assert len(hooks.heard) == 1


def test_nobody_listens() -> None:
    with hook_server() as hooks:
        port = hooks.server_port
    with pytest.raises(OSError, match="refused"):
        Webhook(url=f"http://127.0.0.1:{port}/s3cret").tell(NOTICE)


def test_its_address_is_not_shown() -> None:
    assert "s3cret" not in repr(Webhook(url="https://x.example/s3cret"))


@pytest.mark.parametrize("year", ["2026", "9" * 20])
def test_a_retry_after_of_another_calendar_is_none(year: str) -> None:
    said = retry_after(f"Mon, 30 Nov {year} 10:00:30 GMT", NOW)
    assert (said is None) == (year != "2026")
