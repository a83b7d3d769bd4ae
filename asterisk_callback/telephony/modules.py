"""The modules of Asterisk that our dialplan needs, and which of them are not loaded.

Whoever uses a new application or function in dialplan/ adds its row here; a test parses the files.
Asked by the dialplan function IFMODULE (func_module, Asterisk 1.6.2 and later) through the action
Getvar, which runs no call and needs no right beyond ours.
"""

from collections.abc import Iterable
from typing import Final

from asterisk_callback.telephony.link import AmiLink

# "" is in Asterisk itself.
APPLICATIONS: Final = {
    "AGI": "res_agi",
    "AMD": "app_amd",
    "Dial": "app_dial",
    "ExecIf": "app_exec",
    "Gosub": "app_stack",
    "GosubIf": "app_stack",
    "Goto": "",
    "GotoIf": "",
    "Answer": "",
    "Hangup": "",
    "MixMonitor": "app_mixmonitor",
    "NoOp": "",
    "Playback": "app_playback",
    "Progress": "",
    "Queue": "app_queue",
    "QueueLog": "app_queue",
    "Read": "app_read",
    "Return": "app_stack",
    "Ringing": "",
    "Set": "",
    "UserEvent": "app_userevent",
    "Wait": "",
    "WaitForSilence": "app_waitforsilence",
    "BackgroundDetect": "app_talkdetect",
    "StopMixMonitor": "app_mixmonitor",
    "TryExec": "app_exec",
    "While": "app_while",
    "EndWhile": "app_while",
}
FUNCTIONS: Final = {
    "AST_CONFIG": "func_config",
    "BASE64_ENCODE": "func_base64",
    "CALLERID": "func_callerid",
    "CDR": "func_cdr",
    "CHANNEL": "func_channel",
    "CUT": "func_cut",
    "DB": "func_db",
    "DB_DELETE": "func_db",
    "DEVICE_STATE": "func_devstate",
    "DIALPLAN_EXISTS": "func_dialplan",
    "EPOCH": "",
    "FIELDQTY": "func_strings",
    "FILTER": "func_strings",
    "GLOBAL": "func_global",
    "GROUP": "func_groupcount",
    "HANGUPCAUSE": "func_hangupcause",
    "HANGUPCAUSE_KEYS": "func_hangupcause",
    "IF": "func_logic",
    "IFMODULE": "func_module",
    "IMPORT": "func_channel",
    "INC": "func_math",
    "ISNULL": "func_logic",
    "LEN": "func_strings",
    "LOCAL": "app_stack",
    "MASTER_CHANNEL": "func_channel",
    "MATH": "func_math",
    "QUEUE_MEMBER": "app_queue",
    "REGEX": "func_strings",
    "SHARED": "func_global",
    "STACK_PEEK": "app_stack",
    "STRFTIME": "func_strings",
    "TIMEOUT": "func_timeout",
    "VERSION": "func_version",
}
# What customers hear while they wait in the Asterisk queue; without it they hear nothing.
MUSIC: Final = "res_musiconhold"
# By which the others are asked for.
ASKED_BY: Final = "func_module"
# Without them the rest works: what they are for.
FOR_CUSTOMER_FIRST: Final = {
    "app_read": "confirm",
    "app_talkdetect": "detect_machine",
    "app_waitforsilence": "machine_message",
    MUSIC: "customers who wait for an agent",
}
# Without it the rest works, but for the lamps that [asterisk.log_in] names.
FOR_LAMPS: Final = {"func_devstate": "lamp"}
OPTIONAL: Final = {**FOR_CUSTOMER_FIRST, **FOR_LAMPS}


def of(applications: Iterable[str], functions: Iterable[str]) -> frozenset[str]:
    """The modules that give them, as far as they have a row above."""
    found = {APPLICATIONS.get(name, "") for name in applications}
    found |= {FUNCTIONS.get(name, "") for name in functions}
    return frozenset(found - {""})


async def missing(link: AmiLink, wanted: Iterable[str]) -> list[str] | None:
    """Those that Asterisk has not loaded, in alphabetical order; None if it can't be asked, for
    want of func_module. Raises LinkNotReady, ActionTimeout."""
    if not await _loaded(link, ASKED_BY):
        return None
    return [module for module in sorted(set(wanted)) if not await _loaded(link, module)]


async def _loaded(link: AmiLink, module: str) -> bool:
    answer = await link.action("Getvar", {"Variable": f"IFMODULE({module}.so)"})
    return answer.fields.get("Value") == "1"
