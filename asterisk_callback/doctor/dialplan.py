"""The dialplan, and the trunks that the configuration names."""

import re

from asterisk_callback.config import Settings
from asterisk_callback.doctor.ami_probe import DoctorAmi
from asterisk_callback.doctor.finding import Finding, ok, skipped, warning, wrong
from asterisk_callback.telephony import contract, loaded, modules
from asterisk_callback.telephony.ami import ActionRefused

_CONTEXTS = "asterisk.dialplan"
_MODULES = "asterisk.modules"
_TRUNK = re.compile(r"PJSIP/[^@/]*@([A-Za-z0-9_.-]+)")


async def check(line: DoctorAmi, settings: Settings) -> list[Finding]:
    instance = settings.asterisk.instance
    try:
        found = await loaded.differences(line.link, instance)
    except loaded.Unasked:
        return [skipped(_CONTEXTS, "not looked at: the AMI user may not ask (write=reporting)")]
    return [_contexts(found, instance), await _modules(line, settings)]


def _contexts(found: list[loaded.Difference], instance: str) -> Finding:
    extensions = contract.file_of(contract.FILE_EXTENSIONS, instance)
    settings_file = contract.file_of(contract.FILE_SETTINGS, instance)
    if missing := [one.context for one in found if one.missing]:
        return wrong(
            _CONTEXTS,
            f"Asterisk does not know the context {', '.join(missing)}",
            f"copy {extensions} and {settings_file} to /etc/asterisk, readable for Asterisk, and "
            "#tryinclude both at the end of extensions.conf; then: dialplan reload",
        )
    if foreign := [f"{one.context} ({one.foreign})" for one in found if one.foreign]:
        return wrong(
            _CONTEXTS,
            f"somebody else adds lines to a context of ours: {', '.join(foreign)}",
            "asterisk -rx 'dialplan show CONTEXT' names them; rename theirs, or give this "
            "installation a name of its own: init --instance",
        )
    if old := [one.context for one in found]:
        return wrong(
            _CONTEXTS,
            f"the dialplan in Asterisk is not the one of this version: {', '.join(old)}",
            f"asterisk-callback init writes {extensions} of this version; then: dialplan reload",
        )
    count = len(contract.CONTEXTS)
    return ok(_CONTEXTS, f"all {count} contexts are loaded, and as this version has them")


async def _modules(line: DoctorAmi, settings: Settings) -> Finding:
    wanted = loaded.needed(loaded.shipped(settings.asterisk.instance))
    lacking = await modules.missing(line.link, wanted)
    if lacking is None:
        return warning(
            _MODULES,
            "which modules are loaded can't be told without func_module",
            "load = func_module.so in modules.conf, and: module load func_module.so",
        )
    first = [one for one in settings.queues.values() if one.mode.rules.customer_first]
    lamps = any(row.lamp for row in settings.asterisk.log_in.values())
    unused = {} if first else modules.FOR_CUSTOMER_FIRST
    unused = unused if lamps else {**unused, **modules.FOR_LAMPS}
    named = [
        f"{one}.so" + (f" (for {modules.OPTIONAL[one]})" if one in modules.OPTIONAL else "")
        for one in lacking
        if one not in unused
    ]
    if not named:
        return ok(_MODULES, "all modules that our dialplan needs are loaded")
    return wrong(
        _MODULES,
        f"Asterisk has not loaded {', '.join(named)}",
        "load = each of them in modules.conf (or autoload = yes; some want their own file in "
        "/etc/asterisk to be there), and: module load NAME.so",
    )


async def missing_contexts(line: DoctorAmi) -> list[str]:
    """Those of ours that Asterisk does not have. Nothing is missing if we may not ask."""
    try:
        found = await loaded.differences(line.link, line.instance)
    except loaded.Unasked:
        return []
    return [one.context for one in found if one.missing]


async def check_trunks(line: DoctorAmi, settings: Settings) -> list[Finding]:
    findings = []
    for name, trunk in settings.trunks.items():
        if found := _TRUNK.fullmatch(trunk.dial.replace("{", "").replace("}", "")):
            findings.append(await _trunk(line, name, found[1]))
    return findings


async def _trunk(line: DoctorAmi, name: str, endpoint: str) -> Finding:
    """Device states are the one list of endpoints that our few rights let us see."""
    check_name = f"asterisk.trunk.{name}"
    try:
        items = await line.link.list_action(
            "DeviceStateList", {}, complete="DeviceStateListComplete"
        )
    except ActionRefused:
        return skipped(check_name, "this Asterisk does not list its devices")
    states = [item.get("State") for item in items if item.get("Device") == f"PJSIP/{endpoint}"]
    if not states:
        return warning(
            check_name,
            f"Asterisk lists no PJSIP endpoint {endpoint!r}",
            f"compare dial in [trunks.{name}] with: asterisk -rx 'pjsip show endpoints'",
        )
    if states[0] in ("UNAVAILABLE", "INVALID"):
        return warning(
            check_name,
            f"the PJSIP endpoint {endpoint!r} is {states[0]}: its far end is not reachable",
            f"asterisk -rx 'pjsip show endpoint {endpoint}'",
        )
    return ok(check_name, f"Asterisk knows the PJSIP endpoint {endpoint!r}")
