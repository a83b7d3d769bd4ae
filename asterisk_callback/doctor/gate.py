"""The gate, seen from Asterisk: a call to nobody that asks it and reports."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Sequence

from asterisk_callback.config import Settings
from asterisk_callback.doctor import port_owner
from asterisk_callback.doctor.ami_probe import PROBE_SECONDS, DoctorAmi
from asterisk_callback.doctor.dialplan import missing_contexts
from asterisk_callback.doctor.finding import Finding, ok, skipped, warning, wrong
from asterisk_callback.domain.gate import Answer, GateRefusal, RefusalReason
from asterisk_callback.telephony import contract, loaded
from asterisk_callback.telephony.gate_server import open_gate
from asterisk_callback.telephony.pending import Event

_GATE, _RUNNING, _READ = "asterisk.gate", "dispatcher", "asterisk.rights.read"
_APART = 1.0


async def check(line: DoctorAmi, settings: Settings) -> list[Finding]:
    if await missing_contexts(line):
        return [skipped(_GATE, "not asked: the dialplan is incomplete")]
    listen = settings.gate.listen
    async with _somebody_listens(settings) as running:
        if running and not await _is_ours(listen.host, listen.port):
            return [_somebody_else(settings)]
        return [_dispatcher(running, str(listen)), *await _probe(line, settings)]


class _Nobody:
    """A gate that knows no token."""

    def ask(self, token: str) -> Answer:
        return GateRefusal(reason=RefusalReason.UNKNOWN)

    def ask_all(self, tokens: Sequence[str]) -> Sequence[Answer]:
        return [self.ask(token) for token in tokens]


@contextlib.asynccontextmanager
async def _somebody_listens(settings: Settings) -> AsyncIterator[bool]:
    """True if the dispatcher's gate is there; else one of ours stands in for the time of the
    probe."""
    listen = settings.gate.listen
    try:
        async with asyncio.timeout(2):
            own = await open_gate((listen.host, listen.port), _Nobody())
    except (OSError, TimeoutError):
        yield True
        return
    try:
        yield False
    finally:
        await own.close()


async def _is_ours(host: str, port: int) -> bool:
    """Asks as Asterisk's doctor would, without Asterisk: our gate sets one variable."""
    script = f"{contract.AGI_GATE}/{contract.AGI_DOCTOR}"
    asked = (
        f"agi_network: yes\nagi_network_script: {script}\n"
        f"agi_request: agi://{host}:{port}/{script}\n\n"
    )
    try:
        async with asyncio.timeout(3):
            reader, writer = await asyncio.open_connection(_reachable(host), port)
            try:
                writer.write(asked.encode())
                said = await reader.readuntil(b"\n")
            finally:
                writer.transport.abort()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
    except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
        return False
    return said.decode("ascii", "replace").startswith(f"SET VARIABLE {contract.VAR_GO} ")


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def _somebody_else(settings: Settings) -> Finding:
    listen = settings.gate.listen
    who = port_owner.at(listen.port) or "a program of somebody else"
    return wrong(
        _GATE,
        f"{who} listens at {listen}, where the gate belongs, and does not answer as ours does",
        "give [gate] listen a port that is free, name it in CALLBACK_GATE of "
        "callback_settings.conf too; then: dialplan reload",
    )


def _dispatcher(running: bool, listen: str) -> Finding:
    if running:
        return ok(_RUNNING, f"something listens at {listen}, where the gate belongs")
    return warning(
        _RUNNING,
        f"no dispatcher runs here: nobody listened at {listen} (doctor stood in for the test)",
        "asterisk-callback serve",
    )


async def _probe(line: DoctorAmi, settings: Settings) -> list[Finding]:
    context = line.named(contract.CONTEXT_DOCTOR)
    action_id = f"doctor-{secrets.token_hex(8)}"
    answer = await line.call(f"{contract.EXTEN_PROBE}@{contract.CONTEXT_DOCTOR}", action_id)
    if not answer.success:
        return [
            wrong(
                _GATE,
                f"Asterisk refused the test call: {answer.message}",
                "see the rights and the dialplan above",
            )
        ]

    def is_end(event: Event) -> bool:
        return event["Event"] == "OriginateResponse" and event.get("ActionID") == action_id

    def is_report(event: Event) -> bool:
        mine = event.get("Context", context) == context
        return mine and event.get("UserEvent") == contract.EVENT_DOCTOR

    # Both come at about the same time; the one that is missing then is one we may not read.
    await line.wait_for(lambda event: is_end(event) or is_report(event), PROBE_SECONDS)
    report = await line.wait_for(is_report, _APART)
    ended = await line.wait_for(is_end, _APART)
    if report is None or ended is None:
        return [_deaf(report is None, ended is None), *_reached(report, settings)]
    return [
        ok(_READ, "the AMI user may read what we listen to"),
        *(await _dialled(line, settings) or _reached(report, settings)),
    ]


async def _dialled(line: DoctorAmi, settings: Settings) -> list[Finding]:
    """Does the loaded dialplan ask our port at all? With a second gate it names two."""
    port = settings.gate.listen.port
    try:
        asked = await loaded.gates(line.link, line.instance)
    except loaded.Unasked:
        return []
    if not asked or any(one.rpartition(":")[2] == str(port) for one in asked):
        return []
    return [
        wrong(
            _GATE,
            f"Asterisk asks {' and '.join(asked)}, but [gate] listen is {settings.gate.listen}: "
            "another installation's gate would be asked for our calls",
            f"set CALLBACK_GATE in callback_settings.conf to port {port}; then: dialplan reload",
        )
    ]


def _deaf(no_report: bool, no_end: bool) -> Finding:
    missing = [right for right, lacks in (("user", no_report), ("call", no_end)) if lacks]
    return wrong(
        _READ,
        f"no answer of the test call came back: the AMI user lacks read={','.join(missing)}"
        + (" (or app_userevent.so is not loaded: asterisk.modules knows)" if no_report else ""),
        "read = system,call,agent,user in manager_callback.conf; then: manager reload",
    )


def _reached(report: Event | None, settings: Settings) -> list[Finding]:
    if report is None:
        return [skipped(_GATE, "whether Asterisk reaches the gate could not be heard")]
    asked = report.get("Gate", "")
    if report.get("Reached") and (mute := report.get("Mute", "")):
        return [
            warning(
                _GATE,
                f"Asterisk reaches the gate at {asked}, but not the first one, at {mute}: each "
                "call waits for that one in vain",
                "start the dispatcher there, or leave it out of callback_settings.conf; then: "
                "dialplan reload",
            )
        ]
    if report.get("Reached"):
        return [ok(_GATE, f"Asterisk reaches the gate at {asked}")]
    return [
        wrong(
            _GATE,
            f"Asterisk can't reach the gate at {asked}: nothing is dialled, for agents would be "
            "rung for nothing",
            "let [gate] listen on an address that Asterisk reaches, name it in CALLBACK_GATE of "
            "callback_settings.conf, and look at firewalls and the module res_agi",
        )
    ]
