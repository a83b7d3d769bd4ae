"""A provider of SMS: a real HTTP server that answers, fails and hangs."""

import base64
import json
import logging
import re
import socket
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from asterisk_callback.notify.channels import http_client
from asterisk_callback.notify.channels.sms import HttpSms
from asterisk_callback.services.telling.channel import (
    Envelope,
    Never,
    Rejected,
    ServerAway,
    TransportError,
    TryLater,
    Unclear,
)
from tests.lab.hook_server import Hooks

CUSTOMER, OTHER = "+447400000123", "+447400000124"
TEXT = 'Larkmoor: "We call you" at 10:00 {token}. https://call.example.org/c/s3cret'
TOKEN = "a token that no log shows"
ENVELOPE = Envelope(
    id="callback-1",
    written_at=datetime(2026, 11, 24, 10, tzinfo=UTC),
    numbers=[CUSTOMER],
    short=TEXT,
    text="Long, and with what somebody typed.",
)
JSON = {
    "headers": {"Authorization": "Bearer {token}", "Idempotency-Key": "{id}"},
    "body": {
        "messages": [{"to": "{digits}", "text": "{text}", "flash": False}],
        "from": "Larkmoor",
    },
    "token": TOKEN,
}


def provider(hooks: Hooks | int, **changes: Any) -> HttpSms:
    port = hooks if isinstance(hooks, int) else hooks.server_port
    given: dict[str, Any] = {"url": f"http://sms.lan:{port}/send", "allow_hosts": ("sms.lan",)}
    return HttpSms(**(given | {"look_up": lambda *_: ["127.0.0.1"]} | JSON | changes))


def test_json_as_the_configuration_has_it(hooks: Hooks) -> None:
    """What stands in a text is neither JSON nor a placeholder."""
    provider(hooks).send(ENVELOPE)
    [(path, headers, body)] = hooks.heard
    assert (path, headers["Content-Type"]) == ("/send", "application/json")
    assert (headers["Authorization"], headers["Idempotency-Key"]) == (
        f"Bearer {TOKEN}",
        "callback-1",
    )
    message = {"to": "447400000123", "text": TEXT, "flash": False}
    assert json.loads(body) == {"messages": [message], "from": "Larkmoor"}


def test_a_form_with_basic_authentication(hooks: Hooks) -> None:
    basic = "Basic " + base64.b64encode(b"account:secret").decode()
    body = {"To": "{number}", "Body": "{text}", "ValidityPeriod": 600}
    provider(hooks, body=body, body_as="form", headers={"Authorization": basic}).send(ENVELOPE)
    [(_, headers, sent)] = hooks.heard
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert headers["Authorization"] == basic
    fields = {"To": [CUSTOMER], "Body": [TEXT], "ValidityPeriod": ["600"]}
    assert parse_qs(sent.decode()) == fields


def test_an_address_that_says_it_all(hooks: Hooks) -> None:
    url = f"http://sms.lan:{hooks.server_port}/send?to={{digits}}&text={{text}}&key={{token}}"
    provider(hooks, url=url, method="GET", body={}, headers={}).send(ENVELOPE)
    [(path, _, body)] = hooks.heard
    assert body == b""
    said = parse_qs(urlsplit(path).query)
    assert said == {"to": ["447400000123"], "text": [TEXT], "key": [TOKEN]}


@pytest.mark.parametrize(
    ("code", "answer", "rules", "error", "for_all"),
    [
        (200, "", {}, None, False),
        (202, "", {"sent_status": [201]}, TryLater, False),
        (200, '{"status": "0"}', {"sent_answer": re.compile('"status": "0"')}, None, False),
        (200, '{"status": "5"}', {"sent_answer": re.compile('"status": "0"')}, Unclear, False),
        (200, "unknown number", {"failed_answer": re.compile("unknown")}, Rejected, False),
        (400, "", {"failed_status": [400]}, Rejected, False),
        (400, "", {}, TryLater, False),
        (401, "", {}, ServerAway, False),
        (402, "", {}, ServerAway, False),
        (402, "", {"failed_status": [402]}, Rejected, False),
        (429, "", {}, TryLater, True),
        (503, "", {}, TryLater, True),
        (302, "", {}, TryLater, False),
    ],
)
def test_what_an_answer_means(
    hooks: Hooks,
    code: int,
    answer: str,
    rules: dict[str, Any],
    error: type[TransportError] | None,
    for_all: bool,
) -> None:
    hooks.code, hooks.answer = code, answer.encode()
    if error is None:
        provider(hooks, **rules).send(ENVELOPE)
        return
    with pytest.raises(error) as caught:
        provider(hooks, **rules).send(ENVELOPE)
    assert type(caught.value) is error
    assert str(code) in caught.value.sentence
    assert caught.value.for_all is for_all
    assert len(hooks.heard) == 1  # no redirect is followed


def test_it_says_how_long_it_wants_to_be_left_alone(hooks: Hooks) -> None:
    hooks.code, hooks.headers = 429, {"Retry-After": "120"}
    with pytest.raises(TryLater) as caught:
        provider(hooks).send(ENVELOPE)
    assert caught.value.after == timedelta(minutes=2)


def test_a_provider_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have sent it: it is asked a few times, not for ever."""
    monkeypatch.setattr(http_client, "WORD_SECONDS", 0.2)
    monkeypatch.setattr(http_client, "ALL_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Unclear, match="reached"):
        provider(silent.getsockname()[1]).send(ENVELOPE)


def test_a_provider_that_drips(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each word comes in time, and they don't end: half an answer is none."""
    monkeypatch.setattr(http_client, "ALL_SECONDS", 0.5)
    hooks.code, hooks.drips = 200, True
    with pytest.raises(Unclear, match="reached"):
        provider(hooks, sent_answer=re.compile(".")).send(ENVELOPE)


def test_nobody_there() -> None:
    with pytest.raises(ServerAway, match="ConnectionRefusedError"):
        provider(1).send(ENVELOPE)
    with pytest.raises(ServerAway, match="ConnectionRefusedError"):
        provider(1).knock()


def test_an_inside_address_is_allowed_by_name_only(hooks: Hooks) -> None:
    with pytest.raises(ServerAway, match="not public"):
        provider(hooks, allow_hosts=()).send(ENVELOPE)
    assert hooks.heard == []


def test_each_of_several_numbers(hooks: Hooks, caplog: pytest.LogCaptureFixture) -> None:
    """It is told once one of them was reached, and the log has no number of the others."""
    many = Envelope(
        id="alarm-1", written_at=ENVELOPE.written_at, numbers=[CUSTOMER, OTHER], short="It is off."
    )
    hooks.codes = [400, 204]
    with caplog.at_level(logging.WARNING):
        provider(hooks, failed_status=[400]).send(many)
    assert len(hooks.heard) == 2
    assert "alarm-1: 1 numbers were not taken: it answered 400" in caplog.text
    hooks.codes = [400, 400]
    with pytest.raises(Rejected):
        provider(hooks, failed_status=[400]).send(many)
    hooks.heard.clear()
    provider(hooks, headers={"content-type": "application/x", "Key": "{id}"}).send(many)
    (_, one, _), (_, other, _) = hooks.heard
    assert one["Key"] != other["Key"]  # a provider that drops what comes twice takes both
    assert [name for name in one if name.lower() == "content-type"] == ["content-type"]


def test_nothing_is_told_of_number_text_and_account(
    hooks: Hooks, caplog: pytest.LogCaptureFixture
) -> None:
    """Providers repeat in their answers what they were sent."""
    hooks.code, hooks.answer = 422, f"{CUSTOMER}: {TEXT} {TOKEN}".encode()
    made = provider(hooks, failed_status=[422], failed_answer=re.compile("Larkmoor"))
    with caplog.at_level(logging.DEBUG), pytest.raises(Rejected) as caught:
        made.send(ENVELOPE)
    for said in (str(caught.value), repr(made), caplog.text):
        for secret in ("7400000123", "s3cret", TOKEN, "We call you", "/send"):
            assert secret not in said


@pytest.mark.parametrize("changes", [{"numbers": []}, {"short": ""}])
def test_what_has_no_short_text_or_no_number_never_goes(
    hooks: Hooks, changes: dict[str, Any]
) -> None:
    given: dict[str, Any] = {
        "id": "1",
        "written_at": ENVELOPE.written_at,
        "numbers": [CUSTOMER],
        "short": "x",
    }
    with pytest.raises(Never):
        provider(hooks).send(Envelope(**(given | changes)))
    assert hooks.heard == []
