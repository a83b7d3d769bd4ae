"""[channels.sms]: off unless it is there; one way to send, and whom it tells."""

from pathlib import Path

import pytest

from asterisk_callback.domain.customer_message import MessageKind
from tests.unit.config.conftest import Load, Problems

SPOOL = """
[channels.sms]
spool = "/var/spool/sms/outgoing"
"""
HTTP = """
[channels.sms]
operators = ["+447400900123"]
[channels.sms.http]
url = "https://sms.example.org/send"
body = { to = "{number}", text = "{text}" }
"""
NOTIFY = """
mode = "notify"
"""


def test_off_by_default(load: Load) -> None:
    assert load().channels.given() == {}


def test_a_spool_folder_is_enough(load: Load) -> None:
    [(name, sms)] = load(more=SPOOL).channels.given().items()
    assert (name, sms.transport) == (
        "sms",
        {"spool": Path("/var/spool/sms/outgoing")},
    )
    assert sms.customers == (
        MessageKind.CONFIRMATION,
        MessageKind.REMINDER,
        MessageKind.MISSED,
        MessageKind.CANCELLED,
    )
    assert (sms.teams, sms.operators, sms.per_number) == ({}, (), 5)


def test_a_provider_with_its_token_from_the_environment(load: Load, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("of the account\n")
    more = HTTP + 'headers = { Authorization = "Bearer {token}" }\n'
    settings = load(more=more, CHANNELS__SMS__HTTP__TOKEN_FILE="token")
    sms = settings.channels.sms
    assert sms is not None
    http = sms.transport["http"]
    assert (http["token"], http["headers"]) == (
        "of the account",
        {"Authorization": "Bearer {token}"},
    )
    assert http["url"] == "https://sms.example.org/send"
    assert "of the account" not in repr(settings)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("\n[channels.sms]\n", "[channels.sms] needs one way to send: either spool or"),
        (HTTP.replace("[channels.sms]", SPOOL), "[channels.sms] needs one way to send: either"),
        (SPOOL.replace("/var/", "var/"), "[channels.sms] spool must be a folder's whole path"),
        (SPOOL + 'operators = ["112"]\n', "operators[0] must be a telephone number with its"),
        (SPOOL + 'operators = ["07400900123"]\n', "operators[0] must be a telephone number"),
        (
            SPOOL + 'teams = { sales = ["+447400900123"] }\n',
            '[channels.sms.teams] must name callback queues with mode = "notify"; sales is none',
        ),
        (
            SPOOL.replace("sms]", "sns]"),
            "[channels] sns is not a key that we know; did you mean sms?",
        ),
        (SPOOL + 'customers = ["news"]\n', "[channels.sms] customers[0] must be one of"),
        (SPOOL + "per_number = 0\n", "[channels.sms] per_number must be at least 1"),
        (HTTP.replace("https:", "http:"), "url must begin with https://, or its host be in allow_"),
        (HTTP.replace("sms.ex", "{digits}.ex"), "url may hold placeholders after its host only"),
        (HTTP.replace("{number}", "{phone}"), "know the placeholders {number} {digits} {text}"),
        (HTTP.replace("{number}", "all"), "must hold {text}, and {number} or {digits}"),
        (HTTP + 'token = "nobody-may"\n', "token goes together with {token}: give both or neither"),
        (HTTP + 'headers = { X = "{text}" }\n', "headers can't hold {text}"),
        (HTTP + 'headers = { "X Y" = "1" }\n', "must be a header's name: letters, digits and -"),
        (HTTP + 'method = "DELETE"\n', "method must be one of 'POST', 'PUT' or 'GET'"),
        (HTTP + "sent_status = [2000]\n", "sent_status[0] must be at most 599"),
        (HTTP + 'sent_answer = ""\n', "sent_answer must not be empty"),
        (HTTP.replace("sms.ex", "me:secret@sms.ex"), "url can hold no name and password"),
        (HTTP + 'sent_answer = "("\n', "sent_answer must be a regular expression"),
        (
            HTTP.replace('"{text}"', '["{text}"]') + 'body_as = "form"\n',
            "no tables or lists in body",
        ),
    ],
)
def test_mistakes(problems: Problems, given: str, sentence: str) -> None:
    found = problems(more=given)
    assert any(sentence in one for one in found), found


def test_a_team_may_hear_by_sms_alone(load: Load, problems: Problems) -> None:
    (problem,) = problems(more=NOTIFY)
    assert 'mode = "notify" needs somebody to tell' in problem
    load(more=NOTIFY + SPOOL + 'teams = { support = ["+447400900123"] }\n')
