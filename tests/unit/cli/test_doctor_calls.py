"""The doctor's test calls: each in this installation's own dialplan, where several share one
Asterisk."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from asterisk_callback.doctor import recording, routes
from asterisk_callback.doctor.ami_probe import DoctorAmi
from asterisk_callback.telephony.ami import AmiAddress, LinkTimings
from asterisk_callback.telephony.link import Response


@pytest.mark.parametrize("asks", ["recording", "routes"])
def test_a_test_call_is_placed_in_our_own_contexts(
    monkeypatch: pytest.MonkeyPatch, asks: str
) -> None:
    sent: list[Mapping[str, Any]] = []

    async def run() -> None:
        line = DoctorAmi(
            AmiAddress("127.0.0.1", 1, "doctor", "secret"), LinkTimings(), instance="second"
        )

        async def action(_: str, fields: Mapping[str, Any]) -> Response:
            sent.append(fields)
            return Response(False, "refused", {})

        monkeypatch.setattr(line.link, "action", action)
        if asks == "recording":
            await recording._queue(line, "asterisk.recording", "sales")
        else:
            await routes._ask(line, "8642@callback-routes", "outbound-allroutes")

    asyncio.run(run())
    [fields] = sent
    assert fields["Context"] == "callback-second-doctor"
    assert "@callback-second-" in fields["Channel"]
