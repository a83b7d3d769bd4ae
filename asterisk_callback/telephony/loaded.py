"""The dialplan as Asterisk has it loaded, beside the one that we ship: missing, old, shadowed.

Read by ShowDialPlan, which needs no call: so it also tells of a context that somebody else has
added lines to, and of a file that was lost (#tryinclude passes it over in silence).
"""

import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from asterisk_callback.telephony import contract, modules
from asterisk_callback.telephony.link import ActionRefused, AmiLink

# extension and priority -> application and its arguments
Lines = Mapping[tuple[str, str], tuple[str, str]]

FILES: Final = (contract.FILE_SETTINGS, contract.FILE_EXTENSIONS)
_LINE = re.compile(r"(exten|same) *=> *(.*)")
_APPLICATION = re.compile(r"(?:^|[?:])([A-Za-z]+)\(")
_FUNCTION = re.compile(r"\b([A-Z][A-Z0-9_]+)\(")
_RUN_OTHERS = ("Exec", "ExecIf", "TryExec")
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
            parts = (called[1], called[2].strip()) if called else (call.strip(), "")
            lines[extension.strip(), str(priority)] = parts
    return dict(contexts)


def needed(contexts: Mapping[str, Lines]) -> frozenset[str]:
    """The modules that these lines need."""
    return modules.of(*names(contexts)) | {modules.MUSIC}


def names(contexts: Mapping[str, Lines]) -> tuple[set[str], set[str]]:
    """The applications and the functions that these lines name."""
    applications, functions = set(), set()
    for lines in contexts.values():
        for application, data in lines.values():
            applications.add(application)
            if application in _RUN_OTHERS:
                applications |= {name for name in _APPLICATION.findall(data) if not name.isupper()
                                 or name in modules.APPLICATIONS}  # fmt: skip
            functions |= {name for name in _FUNCTION.findall(data)
                          if name not in modules.APPLICATIONS}  # fmt: skip
    return applications, functions


async def differences(link: AmiLink, instance: str = "") -> list[Difference]:
    """What is not as we ship it; the settings are the admin's. Raises Unasked, LinkNotReady and
    ActionTimeout."""
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
    """The addresses that the loaded dialplan asks. Raises Unasked, LinkNotReady, ActionTimeout."""
    settings = await lines(link, contract.of_instance(contract.CONTEXT_SETTINGS, instance))
    data = " ".join(data for _, data in (settings or {}).values())
    return re.findall(r"agi://([^/\s]+)", data)


async def lines(link: AmiLink, context: str) -> Lines | None:
    """One context as Asterisk has it, includes as extensions; None if there is none."""
    try:
        events = await link.list_action(
            "ShowDialPlan", {"Context": context}, complete="ShowDialPlanComplete"
        )
    except ActionRefused as error:
        if "permission" in str(error).lower():
            raise Unasked from error
        return None
    found = {}
    for event in events:
        if "Application" in event:
            place = (event.get("Extension", ""), event.get("Priority", ""))
            found[place] = (event["Application"], event.get("AppData", "").strip())
        elif other := event.get("IncludeContext") or event.get("Switch"):
            found[f"include {other}", ""] = ("", "")
    return found


# Our lines are compared each time the link comes up, and again after so many seconds.
LOOK_EVERY: Final = 30.0


class LoadedDialplan:
    """What is known of our part of one Asterisk. fault: one sentence on what keeps calls from being
    made, or ""; old: one on lines of another version, which still work, or ""."""

    def __init__(self, instance: str = "") -> None:
        self.fault = ""
        self.old = ""
        self._instance = instance
        self._looked_at = -math.inf

    def forget(self) -> None:
        """Asterisk is gone: who comes back may have another dialplan."""
        self._looked_at = -math.inf

    async def look(self, link: AmiLink) -> None:
        """Asks if it is time to, or if something was wrong. Raises LinkNotReady, ActionTimeout."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_EVERY and not self.fault:
            return
        try:
            found = await differences(link, self._instance)
        except Unasked:
            return  # without the right we can't know; doctor names it
        lacking = await modules.missing(link, needed(shipped(self._instance))) or []
        self.fault = _fault(found, [one for one in lacking if one not in modules.OPTIONAL])
        old = [one.context for one in found if not one.missing and not one.foreign]
        self.old = (
            f"the dialplan in Asterisk is of another version: {', '.join(old)}" if old else ""
        )
        self._looked_at = now


def _fault(found: list[Difference], lacking: list[str]) -> str:
    if missing := [one.context for one in found if one.missing]:
        return (
            f"Asterisk does not have our dialplan: no context {', '.join(missing)}; are the files "
            "there, readable for Asterisk, and in extensions.conf?"
        )
    if shadowed := [f"{one.context} ({one.foreign})" for one in found if one.foreign]:
        return (
            "somebody else adds lines to a context of ours in Asterisk's dialplan: "
            f"{', '.join(shadowed)}"
        )
    if lacking:
        named = ", ".join(f"{one}.so" for one in lacking)
        return f"Asterisk has not loaded what our dialplan needs: {named}"
    return ""
