"""The webhook against a real HTTP server: a POST of JSON, 2xx or it was not delivered."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from asterisk_callback.domain.alarm import Alarm, AlarmEvent, AlarmName, Notice
from asterisk_callback.notify.webhook import Webhook
from tests.factories import NOW

ALARM = Alarm(
    id=4, name=AlarmName.TRUNK, server="pbx", subject="main", text="trunk main", raised_at=NOW
)
NOTICE = Notice(id=7, alarm=ALARM, channel="webhook", event=AlarmEvent.RAISED, tries=0)


class Hooks(HTTPServer):
    code = 204
    heard: list[tuple[str, dict[str, Any]]]


class Handler(BaseHTTPRequestHandler):
    server: Hooks

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, json.loads(text)))
        self.send_response(self.server.code)
        if self.server.code == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    server = Hooks(("127.0.0.1", 0), Handler)
    server.heard = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def webhook(hooks: Hooks) -> Webhook:
    return Webhook(url=f"http://127.0.0.1:{hooks.server_port}/hook?key=s3cret")


def test_what_it_says(hooks: Hooks) -> None:
    webhook(hooks).tell(NOTICE)
    ((path, body),) = hooks.heard
    assert path == "/hook?key=s3cret"
    assert body == {
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
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.server_close()
    with pytest.raises(OSError, match="refused"):
        Webhook(url=f"http://127.0.0.1:{server.server_port}/s3cret").tell(NOTICE)


def test_its_address_is_not_shown() -> None:
    assert "s3cret" not in repr(Webhook(url="https://x.example/s3cret"))
