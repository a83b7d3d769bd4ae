"""Lines that are another dialplan, such as FreePBX's outbound routes: do they match our numbers?

Asked in our own doctor's context, which answers by an event: no right beyond ours is needed.
"""

import re
import secrets
from collections.abc import Iterable, Mapping

from asterisk_callback import bootstrap
from asterisk_callback.config import Settings
from asterisk_callback.doctor.ami_probe import PROBE_SECONDS, DoctorAmi
from asterisk_callback.doctor.dialplan import missing_contexts
from asterisk_callback.doctor.finding import Finding, ok, skipped, wrong
from asterisk_callback.domain import phone
from asterisk_callback.domain.phone import NumberRules
from asterisk_callback.domain.trunk import Trunk
from asterisk_callback.telephony import contract
from asterisk_callback.telephony.pending import Event

_FREEPBX = "freepbx"
_LOCAL = re.compile(r"Local/([+*#0-9]+)@([A-Za-z0-9_.-]+)(/n)?.*")
# Where FreePBX's from-internal comes to its outbound routes. from-internal itself matches every
# number: bad-number takes what nothing else wants.
_INSIDE, _ROUTES = "from-internal", "outbound-allroutes"
_FREEPBX_AGI = 4573


async def check(line: DoctorAmi, settings: Settings) -> list[Finding]:
    """Nothing to say where calls leave directly, and it is no FreePBX."""
    lines = {
        name: numbers
        for name, (trunk, regions) in _used(settings).items()
        if (numbers := _numbers(trunk, regions))
    }
    if await missing_contexts(line):
        return [skipped(_FREEPBX, "not asked: the dialplan is incomplete")]
    answer = await _ask(line, f"{contract.EXTEN_DOCTOR_PBX}@{contract.CONTEXT_DOCTOR}")
    if answer is None:
        return [skipped(_FREEPBX, "Asterisk did not say whether it is a FreePBX")]
    freepbx = answer.get(contract.FIELD_FREEPBX) == "1"
    findings = _freepbx(settings) if freepbx else []
    for name, numbers in lines.items():
        findings.append(await _route(line, name, numbers, freepbx))
    return findings


def _used(settings: Settings) -> Mapping[str, tuple[Trunk, set[str]]]:
    """Each trunk that a callback queue dials, and the countries that it is to reach."""
    found: dict[str, tuple[Trunk, set[str]]] = {}
    everywhere = settings.numbers.regions
    for queue in bootstrap.queues(settings).values():
        for region in queue.regions or everywhere:
            for trunk in queue.trunks_for(region):
                found.setdefault(trunk.name, (trunk, set()))[1].add(region)
    return found


def _numbers(trunk: Trunk, regions: Iterable[str]) -> dict[str, tuple[str, str, bool]]:
    """Per country what a number of it is in the other dialplan: (number, context, has it /n?).
    Empty for trunks that are none."""
    found = {}
    for region in sorted(regions):
        example = phone.example(region)
        rules = NumberRules(home=region, regions=(region,), kinds=tuple(phone.NumberType))
        if not example or not trunk.reaches(region):
            continue
        dial = trunk.dial_string(phone.parse(example, rules))
        if match := _LOCAL.fullmatch(dial):
            found[region] = (match[1], match[2], bool(match[3]))
    return found


def _freepbx(settings: Settings) -> list[Finding]:
    findings = [ok(_FREEPBX, "this is a FreePBX: docs/freepbx.md says what to know of it")]
    if settings.gate.listen.port == _FREEPBX_AGI:
        findings.append(
            wrong(
                "freepbx.gate",
                f"the gate is to listen on port {_FREEPBX_AGI}, which is FreePBX's own FastAGI "
                "server's: whichever of the two starts later is not there",
                "another port, such as 4574, in [gate] listen and in CALLBACK_GATE of "
                "callback_settings.conf; then: dialplan reload",
            )
        )
    return findings


async def _route(
    line: DoctorAmi, name: str, numbers: Mapping[str, tuple[str, str, bool]], freepbx: bool
) -> Finding:
    check_name = f"asterisk.route.{name}"
    if not all(unoptimized for _, _, unoptimized in numbers.values()):
        return wrong(
            check_name,
            "the dial string's Local channel has no /n: Asterisk takes it out of the call, and how "
            "the call ended is lost",
            f"write /n at the end of dial in [trunks.{name}]",
        )
    lacking, where = [], ""
    for region, (number, context, _) in numbers.items():
        where = _ROUTES if freepbx and context == _INSIDE else context
        answer = await _ask(line, f"{number}@{contract.CONTEXT_ROUTES}", where)
        matched = answer.get(contract.FIELD_MATCHED, "") if answer is not None else ""
        if not matched:  # no answer, or the module func_dialplan is not loaded
            return skipped(check_name, f"Asterisk did not say whether {where} matches a number")
        if matched != "1":
            lacking.append(f"{number} ({region})")
    if lacking:
        return wrong(
            check_name,
            f"nothing in {where} matches {', '.join(lacking)}: such calls would fail"
            + (", with an announcement that answers" if freepbx else ""),
            f"give an outbound route a dial pattern for it, or change dial in [trunks.{name}]",
        )
    return ok(check_name, f"{where} matches a number of each country: {', '.join(numbers)}")


async def _ask(line: DoctorAmi, place: str, about: str = "") -> Event | None:
    """What our dialplan tells at this place (extension@context), about a context. None: nothing."""
    asked = secrets.token_hex(4)
    answer = await line.call(
        place,
        f"doctor-{asked}",
        [f"{contract.VAR_CONTEXT}={about}", f"{contract.VAR_TOKEN}={asked}"],
    )
    if not answer.success:
        return None
    return await line.wait_for(
        lambda event: (
            event.get("UserEvent") == contract.EVENT_DOCTOR and event.get("Asked") == asked
        ),
        PROBE_SECONDS,
    )
