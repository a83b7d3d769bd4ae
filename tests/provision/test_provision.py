"""The provision script in fresh Debians, up to a real call between two phones of another stack."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab import ports
from tests.lab.baresip import Baresip
from tests.lab.waiting import PATIENCE, until
from tests.provision.machine import Machine

API_KEY = "provision-proof-key-0123456789"

pytestmark = [pytest.mark.provision, pytest.mark.slow]


# The proof's talk ends as soon as it is seen.
BRIEF = "[queues.support.brief_talk]\ntimes = 0\n"


@pytest.fixture(params=["trixie", "bookworm"])
def machine(request: pytest.FixtureRequest) -> Iterator[Machine]:
    made = Machine(request.param)
    try:
        yield made
    finally:
        made.close()


def test_a_bare_debian_becomes_one_that_calls_back(machine: Machine) -> None:
    machine.provision()
    config = machine.file("/etc/asterisk-callback/callback.toml")
    config.write_text(config.read_text() + f'[sites.proof]\napi_keys = ["{API_KEY}"]\n' + BRIEF)
    machine.start()
    assert _wrong(machine) == []
    assert _complaints(machine) == []

    _place_a_callback(machine)

    again = machine.provision()
    assert "done, 0 file(s) changed" in again
    assert API_KEY in config.read_text()
    assert _wrong(machine) == []


def _wrong(machine: Machine) -> list[dict[str, Any]]:
    """What doctor would have mended; a warning is only something to look at."""
    found = machine.doctor()
    assert {"asterisk.dialplan", "asterisk.gate", "asterisk.queue.support"} <= {
        one["check"] for one in found
    }
    # A root file system without /proc and systemd does not tell who runs Asterisk.
    found = [
        one for one in found if (one["check"], one["verdict"]) != ("asterisk.files", "skipped")
    ]
    return [one for one in found if one["verdict"] not in ("ok", "warning")]


def _complaints(machine: Machine) -> list[str]:
    log = machine.file("/var/log/asterisk/messages.log").read_text()
    return [line for line in log.splitlines() if "] WARNING[" in line or "] ERROR[" in line]


def _place_a_callback(machine: Machine) -> None:
    with _phone(machine, "6001", tone=600) as agent, _phone(machine, "6002", tone=900) as customer:
        url = _submit(machine)
        agent.wait("CALL_INCOMING", PATIENCE)
        assert not [e for e in customer.log if e.get("type") == "CALL_INCOMING"]
        agent.answer()
        ringing = customer.wait("CALL_INCOMING", PATIENCE)
        assert "442079460000" in ringing["peeruri"]  # the company's, as configured
        customer.answer()
        customer.wait("CALL_ESTABLISHED", PATIENCE)
        until(lambda: _status(url) == "talking", PATIENCE, "the status to be talking", 0.1)
        customer.hang_up()
        agent.wait("CALL_CLOSED", PATIENCE)
        until(lambda: _status(url) == "completed", PATIENCE, "the status to be completed", 0.1)


def _phone(machine: Machine, user: str, tone: int) -> Baresip:
    phone = Baresip(user, machine.password(user), f"127.0.0.1:{machine.sip}", tone=tone)
    ports.single()  # baresip takes the port after its SIP port, too (for TLS)
    return phone


def _submit(machine: Machine) -> str:
    """Asks for a callback as soon as possible; returns its address in the API."""
    where = f"http://127.0.0.1:{machine.web}/api/v1/callbacks"
    answer = _ask(where, {"phone": "020 7946 0100", "queue": "support"})
    return f"{where}/{answer['id']}"


def _status(url: str) -> str:
    return str(_ask(url)["status"])


def _ask(url: str, body: dict[str, str] | None = None) -> dict[str, Any]:
    request = urllib.request.Request(
        url,
        None if body is None else json.dumps(body).encode(),
        {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return dict(json.load(answer))
