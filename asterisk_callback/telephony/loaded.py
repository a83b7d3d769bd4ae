"""The dialplan as Asterisk has it loaded, beside the one that we ship: missing, old, shadowed.

Read by ShowDialPlan, which needs no call: so it also tells of a context that somebody else has
added lines to, and of a file that was lost (#tryinclude passes it over in silence).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from asterisk_callback.telephony import contract, modules
from asterisk_callback.telephony.link import AmiLink, Refused

# extension and priority -> application and its arguments
Lines = Mapping[tuple[str, str], tuple[str, str]]

FILES: Final = ("callback_settings.conf", "extensions_callback.conf")
_LINE = re.compile(r"(exten|same) *=> *(.*)")
_APPLICATION = re.compile(r"(?:^|[?:])([A-Za-z]+)\(")
_FUNCTION = re.compile(r"\b([A-Z][A-Z0-9_]+)\(")
_CALLED = re.compile(r"([A-Za-z]+)\((.*)\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Difference:
    """A context of ours that Asterisk has otherwise. missing: not at all; foreign: it has lines
    that ours does not have; else it is of another version."""

    context: str
    missing: bool = False
    foreign: str = ""


class Unasked(Exception):
    """We may not ask."""


def shipped(instance: str = "") -> dict[str, Lines]:
    """The contexts of this version, as `init` writes them for this instance."""
    texts = (files("dialplan").joinpath(name).read_text(encoding="utf-8") for name in FILES)
    return parse(contract.of_instance("\n".join(texts), instance))


def parse(text: str) -> dict[str, Lines]:
    """The contexts of an extensions.conf without #include, switch or hint."""
    contexts: dict[str, dict[tuple[str, str], tuple[str, str]]] = {}
    lines: dict[tuple[str, str], tuple[str, str]] = {}
    extension, priority = "", 0
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("[") and (end := line.find("]")) > 0:
            lines = contexts.setdefault(line[1:end], {})
        elif found := _LINE.match(line):
            rest = found[2]
            if found[1] == "exten":
                extension, _, rest = rest.partition(",")
            place, _, call = rest.partition(",")
            number = place.partition("(")[0].strip()
            priority = priority + 1 if number == "n" else int(number)
            called = _CALLED.fullmatch(call.strip())
            parts = (called[1], called[2]) if called else (call.strip(), "")
            lines[extension.strip(), str(priority)] = parts
    return dict(contexts)


def needed(contexts: Mapping[str, Lines]) -> frozenset[str]:
    """The modules that these lines need."""
    applications, functions = set(), set()
    for lines in contexts.values():
        for application, data in lines.values():
            applications.add(application)
            if application == "ExecIf":
                applications |= {name for name in _APPLICATION.findall(data) if not name.isupper()
                                 or name in modules.APPLICATIONS}  # fmt: skip
            functions |= {name for name in _FUNCTION.findall(data)
                          if name not in modules.APPLICATIONS}  # fmt: skip
    return modules.of(applications, functions) | {modules.MUSIC}


async def differences(link: AmiLink, instance: str = "") -> list[Difference]:
    """What is not as we ship it; the settings are the admin's. Raises Unasked, NotReady, NoAnswer."""
    found = []
    for context, ours in shipped(instance).items():
        theirs = await lines(link, context)
        if theirs is None:
            found.append(Difference(context, missing=True))
        elif context == contract.of_instance(contract.CONTEXT_SETTINGS, instance):
            continue
        elif more := sorted({extension for extension, _ in theirs} - {e for e, _ in ours}):
            found.append(Difference(context, foreign=", ".join(more)))
        elif theirs != ours:
            found.append(Difference(context))
    return found


async def gates(link: AmiLink, instance: str = "") -> list[str]:
    """The addresses that the loaded dialplan asks. Raises Unasked, NotReady, NoAnswer."""
    settings = await lines(link, contract.of_instance(contract.CONTEXT_SETTINGS, instance))
    data = " ".join(data for _, data in (settings or {}).values())
    return re.findall(r"agi://([^/\s]+)", data)


async def lines(link: AmiLink, context: str) -> Lines | None:
    """One context as Asterisk has it, includes as extensions; None if there is none."""
    try:
        events = await link.list_action(
            "ShowDialPlan", {"Context": context}, complete="ShowDialPlanComplete"
        )
    except Refused as error:
        if "permission" in str(error).lower():
            raise Unasked from error
        return None
    found = {}
    for event in events:
        if "Application" in event:
            place = (event.get("Extension", ""), event.get("Priority", ""))
            found[place] = (event["Application"], event.get("AppData", ""))
        elif other := event.get("IncludeContext") or event.get("Switch"):
            found[f"include {other}", ""] = ("", "")
    return found
