"""The signed webhook against a real HTTP server."""

import base64
import hashlib
import hmac
import json
import socket
from datetime import UTC, datetime, timedelta

import pytest

from asterisk_callback.doctor import CheckStatus
from asterisk_callback.domain.team_notice import TeamEvent
from asterisk_callback.notify.channels import http_client
from asterisk_callback.notify.channels.webhook import Webhook
from asterisk_callback.notify.team import TeamWords
from asterisk_callback.services.telling.channel import Never, ServerAway, TryLater
from asterisk_callback.services.telling.team import News
from tests.factories import a_request, callback_queue
from tests.lab.hook_server import Hooks, hook_server
from tests.unit.config.conftest import Load, load

__all__ = ["load"]  # a fixture of the configuration's tests

SECRET = "a secret that both know"
NEWS = News(
    id="callback-1",
    event=TeamEvent.ASKED,
    request=a_request(name="Zoë"),
    queue=callback_queue(),
    secret="s",
)


SAID = TeamWords(page="https://call.example.org/done/{}".format, zone="Europe/London")(NEWS)


def webhook(port: int, **changes: object) -> Webhook:
    given = {
        "url": f"http://hooks.lan:{port}/in?key=1",
        "secret": SECRET,
        "allow_hosts": ("hooks.lan",),
        "look_up": lambda *_: ["127.0.0.1"],
        "clock": lambda: 1_795_000_000.7,
    }
    return Webhook(**(given | changes))  # type: ignore[arg-type]


def test_a_signed_post(hooks: Hooks) -> None:
    webhook(hooks.server_port).send(SAID)
    [(path, headers, body)] = hooks.heard
    assert path == "/in?key=1"
    assert headers["Host"] == f"hooks.lan:{hooks.server_port}"
    said = json.loads(body)
    assert (said["id"], said["event"], said["name"]) == ("callback-1", "asked", "Zoë")
    assert said["done_url"] == "https://call.example.org/done/s"
    assert said["phone"] == NEWS.request.e164
    # As standardwebhooks.com has it.
    signed = f"{headers['Webhook-Id']}.{headers['Webhook-Timestamp']}.".encode() + body
    digest = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert headers["Webhook-Signature"] == f"v1,{digest}"
    assert headers["Webhook-Timestamp"] == "1795000000"


@pytest.mark.parametrize("code", [302, 400, 404, 500, 503])
def test_anything_but_2xx_is_tried_again_and_no_redirect_is_followed(
    hooks: Hooks, code: int
) -> None:
    hooks.code = code
    with pytest.raises(TryLater, match=str(code)):
        webhook(hooks.server_port).send(SAID)
    assert len(hooks.heard) == 1


@pytest.mark.case("CASES 4: Retry-After of a webhook's receiver")
@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        *(("120", 120), ("0", 0), ("999999999999999999", 86400), ("soon", None), ("", None)),
        *(("Wed, 18 Nov 2026 09:08:20 GMT", 300), ("Wed, 18 Nov 2020 09:08:20 GMT", 0)),
    ],
)
def test_how_long_a_receiver_wants_to_be_left_alone(
    hooks: Hooks, said: str, seconds: int | None
) -> None:
    hooks.code, hooks.headers = 503, {"Retry-After": said}
    clock = datetime(2026, 11, 18, 9, 3, 20, tzinfo=UTC).timestamp()
    with pytest.raises(TryLater) as error:
        webhook(hooks.server_port, clock=lambda: clock).send(SAID)
    assert error.value.after == (None if seconds is None else timedelta(seconds=seconds))


def test_gone_is_for_good(hooks: Hooks) -> None:
    hooks.code = 410
    with pytest.raises(Never):
        webhook(hooks.server_port).send(SAID)


def test_an_inside_address_hears_nothing(hooks: Hooks) -> None:
    with pytest.raises(ServerAway, match="not public"):
        webhook(hooks.server_port, allow_hosts=()).send(SAID)
    assert hooks.heard == []


def test_the_name_is_resolved_once(hooks: Hooks) -> None:
    """A second answer could be another one: the connection goes to the address that was judged."""
    asked: list[str] = []

    def look_up(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    webhook(hooks.server_port, look_up=look_up).send(SAID)
    assert asked == ["hooks.lan"]
    assert len(hooks.heard) == 1


def test_a_far_end_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "WORD_SECONDS", 0.2)
    monkeypatch.setattr(http_client, "ALL_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(TryLater, match="reached"):
        webhook(silent.getsockname()[1]).send(SAID)


def test_no_address_and_no_secret_in_its_words(hooks: Hooks) -> None:
    hook = webhook(1)
    with pytest.raises(ServerAway) as error:
        hook.send(SAID)
    for text in (str(error.value), repr(hook)):
        assert "key=1" not in text
        assert SECRET not in text


NOTIFY = """
mode = "notify"
[queues.support.notify]
webhook = "http://localhost:{port}/s3cret"
webhook_secret = "0123456789abcdef"
allow_hosts = ["localhost"]
"""


@pytest.mark.case("CASES 6: doctor knocks at a team's webhook")
def test_the_doctor_knocks_and_sends_nothing(load: Load) -> None:
    from asterisk_callback.doctor import team

    with hook_server() as hooks:
        settings = load(more=NOTIFY.format(port=hooks.server_port))
        assert [one.verdict for one in team.check(settings)] == [CheckStatus.OK]
        assert hooks.heard == []
    [finding] = team.check(settings)
    assert finding.verdict is CheckStatus.WRONG
    assert "can’t be reached: ConnectionRefusedError" in finding.what
    assert "s3cret" not in f"{finding.what} {finding.mend}"
    assert list(team.check(load())) == []
