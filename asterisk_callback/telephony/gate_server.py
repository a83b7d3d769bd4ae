"""The gate's door to Asterisk: a FastAGI request in, the gate's answer as channel variables out."""

import asyncio
import logging
import re
import socket
from collections.abc import Callable

from asterisk_callback.domain.attempt import is_token
from asterisk_callback.domain.gate import Answer, GatePass, GateRefusal, RefusalReason
from asterisk_callback.telephony import contract
from asterisk_callback.telephony.fastagi import AgiRequest, FastAgiServer, Foreign, serve
from asterisk_callback.telephony.gate_lane import AsksGate, GateLane

log = logging.getLogger(__name__)

# At the limit of calls a second the agent waits for a moment instead of being sent away.
_IN_A_MOMENT = GateRefusal(reason=RefusalReason.PER_SECOND)
RATE_TRIES = 8
RATE_PAUSE = 0.25


async def open_gate(
    listen: tuple[str, int] | socket.socket,
    gate: AsksGate,
    within: float = 2.0,
    on_foreign: Callable[[str], object] = lambda script: None,
) -> FastAgiServer:
    """Serves the gate. listen: where, or a socket that listens there. gate: asked in threads, with
    what Asterisk sent as the token. within: seconds that it takes at most; the talk with Asterisk
    may take one more.

    A gate that raises sets nothing, so nobody is rung. on_foreign: hears of each request for a
    script that is not ours, such as one for FreePBX's own server; its AGI() fails. Raises OSError
    if the port is taken.
    """
    lane = GateLane(gate)

    async def answer(request: AgiRequest) -> list[tuple[str, str]]:
        script = request.script.strip("/")
        if script == f"{contract.AGI_GATE}/{contract.AGI_DOCTOR}":
            return [(contract.VAR_GO, "1")]
        if script != contract.AGI_GATE:
            on_foreign(_shown(script))
            raise Foreign
        token = request.args[0] if request.args else ""
        if not is_token(token):
            # Nobody's: it costs no thread and no look into the database.
            return _variables(token, GateRefusal(reason=RefusalReason.UNKNOWN))
        given = await lane.ask(token)
        for _ in range(RATE_TRIES):
            if given != _IN_A_MOMENT:
                break
            await asyncio.sleep(RATE_PAUSE)
            given = await lane.ask(token)
        return _variables(token, given)

    return await serve(listen, answer, answer_deadline=within + 1)


def _shown(script: str) -> str:
    """A script's name for logs: no query, which may hold a number, and no long run of digits."""
    name = re.sub(r"[^A-Za-z0-9_./-]", "?", script.partition("?")[0])[:60]
    return re.sub(r"[0-9]{5,}", "…", name)


def _variables(token: str, answer: Answer) -> list[tuple[str, str]]:
    if isinstance(answer, GatePass):
        return [
            (contract.VAR_NUMBER, answer.number.digits),
            (contract.VAR_DIAL, answer.dial_string),
            (contract.VAR_CALLER_ID, answer.caller_id),
            (contract.VAR_RING_FOR, str(int(answer.ring_for.total_seconds()))),
            # Last: the dialplan dials only if this arrived.
            (contract.VAR_GO, token),
        ]
    return [(contract.VAR_NO, answer.reason.rule.prompt)]
