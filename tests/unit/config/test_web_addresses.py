"""Addresses of webhooks and of our own pages: hosts in every script, and what could never work."""

import pytest

from tests.unit.config.conftest import Load, Problems

ALARMS = '\n[alarms]\nwebhook_secret = "0123456789abcdef"\nwebhook = "%s"\n'


@pytest.mark.case("CASES 4: a webhook reaches the domain of IDNA 2008")
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://faß.de/hook?a=1", "https://xn--fa-hia.de/hook?a=1"),
        ("https://ops.россия.рф:8443/x", "https://ops.xn--h1alffa9f.xn--p1ai:8443/x"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
    ],
)
def test_a_webhook_s_host(load: Load, written: str, meant: str) -> None:
    webhook = load(more=ALARMS % written).alarms.webhook
    assert webhook is not None
    assert webhook.get_secret_value() == meant


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("https://nobody-may.example:99999/x", "must have a host, and a port of 1 to 65535"),
        ("https://nobody-may.example:0/x", "must have a host, and a port of 1 to 65535"),
        ("https://[::1/x", "must have a host, and a port of 1 to 65535"),
        ("https://nobody-may.example/straße", "must have its letters beyond ASCII as %XX"),
    ],
)
def test_what_could_never_be_sent(problems: Problems, written: str, sentence: str) -> None:
    (problem,) = problems(more=ALARMS % written)
    assert f"[alarms] webhook {sentence}" in problem
