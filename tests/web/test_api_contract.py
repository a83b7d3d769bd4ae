"""The API against its own description, by schemathesis: whatever is sent, the answer is described.

Every check and every phase runs (examples, edges of the schema, random cases good and bad, and
chains: asked for, then read, then cancelled). The seed is fixed and the number of cases bounded.
"""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from schemathesis.transport.wsgi import WSGITransport

from tests.factories import UNLIMITED
from tests.web.house import API_KEY, House

EXAMPLES = 12


def send(self: WSGITransport, case: Any, **kwargs: Any) -> Any:
    """Without the settings of sockets that its engine hands on and its WSGI client refuses."""
    for name in ("max_redirects", "verify", "cert", "proxies"):
        kwargs.pop(name, None)
    return _send(self, case, **kwargs)


_send = WSGITransport.send


@pytest.mark.thorough
@pytest.mark.slow
def test_every_answer_is_as_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WSGITransport, "send", send)
    # Without limits, or all cases but the first few would be refused by them.
    house = House(tmp_path, limits=UNLIMITED)
    config = SchemathesisConfig.from_dict(
        {
            "seed": 20261123,
            "suppress-health-check": ["all"],
            "generation": {"max-examples": EXAMPLES, "deterministic": True},
            "auth": {"openapi": {"key": {"bearer": API_KEY}}},
            # A number, a time or a zone may fit its description and yet be none: 422 is right.
            # What is far too long is refused before it is read (413).
            "checks": {
                "positive_data_acceptance": {"expected-statuses": [200, 201, 404, 409, 422]},
                "negative_data_rejection": {
                    "expected-statuses": [400, 401, 404, 405, 406, 409, 413, 415, 422]
                },
            },
        }
    )
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", house.app(), config=config)
    complaints, codes = [], set()
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            complaints.append(str(getattr(event, "value", event)))
        if isinstance(event, events.ScenarioFinished):
            for made in event.recorder.interactions.values():
                codes.add(made.response.status_code if made.response else None)
            for case, checks in event.recorder.checks.items():
                for check in checks:
                    if check.status is Status.FAILURE and check.failure_info:
                        sent = event.recorder.cases[case].value.as_curl_command()
                        complaints.append(f"{check.name}: {check.failure_info.failure}\n{sent}")
    house.close()
    assert not complaints, "\n\n".join(complaints)
    # It really got through: accepted, read, cancelled and refused in every documented way.
    assert codes >= {200, 201, 400, 401, 404, 405, 415, 422}, codes
