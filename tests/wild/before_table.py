"""before.sh's table: what pytest's JUnit file says of each case, one line a case."""

import ast
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

# A product of before does not have the name, the argument or the key that a test uses.
_UNKNOWN = (
    "AttributeError", "ConfigError", "ImportError", "KeyError", "ModuleNotFoundError", "NameError",
    "TypeError", "ValidationError",
)  # fmt: skip
HOLDS, FAILED, UNASKED = "holds", "failed", "can't be asked"
Found = dict[str, list[tuple[str, str]]]


def read(junit: Path, tests: Path) -> Found:
    """Per case what its tests say: (holds, failed or can't be asked; the reason)."""
    found: Found = {}
    for one in ElementTree.parse(junit).iter("testcase"):
        names = [p.get("value", "") for p in one.iter("property") if p.get("name") == "case"]
        verdict = _verdict(one)
        if not names and verdict[0] is UNASKED:  # a module that could not be collected
            names = list(_cases_of(tests.parent / _file_of(one)))
        for name in names:
            found.setdefault(name, []).append(verdict)
    return found


def _verdict(one: ElementTree.Element) -> tuple[str, str]:
    error, failure = one.find("error"), one.find("failure")
    if error is not None:
        return UNASKED, _reason(error)
    if failure is None:
        return HOLDS, ""
    reason = _reason(failure)
    return (UNASKED if reason.startswith(_UNKNOWN) else FAILED), reason


def _reason(element: ElementTree.Element) -> str:
    """The exception, as far as a line holds it."""
    lines = [line[2:].strip() for line in (element.text or "").splitlines() if line[:2] == "E "]
    said = (element.get("message") or "").splitlines()
    if element.get("message") == "collection failure":
        said = [line for line in lines if "Error" in line] or lines
    first = (said or lines or ["?"])[0].removeprefix("failed on setup with ").strip('"')
    name, _, what = first.partition(": ")
    return f"{name.rpartition('.')[2]}: {what}" if what and " " not in name else first


def _file_of(one: ElementTree.Element) -> Path:
    """JUnit's name of a module that failed: tests.unit.test_x, or a path."""
    name = one.get("name") or one.get("classname") or ""
    return Path(name if name.endswith(".py") else name.replace(".", "/") + ".py")


def _cases_of(module: Path) -> Iterator[str] | list[str]:
    """The names in its `@pytest.mark.case(...)`."""
    if not module.exists():
        return []
    calls = (node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Call))
    return [
        str(call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "case" and call.args
        and isinstance(call.args[0], ast.Constant)
    ]  # fmt: skip


def _worst(verdicts: list[tuple[str, str]]) -> tuple[str, str]:
    for wanted in (FAILED, UNASKED):
        for verdict in verdicts:
            if verdict[0] == wanted:
                return verdict
    return HOLDS, ""


def table(found: Found, rev: str) -> str:
    """As Markdown, in the order of the cases' names."""
    lines = [f"| case | {rev} | reason |", "|---|---|---|"]
    for name in sorted(found):
        verdict, reason = _worst(found[name])
        short = reason.replace("|", "\\|")
        lines.append(f"| {name} | {verdict} | {short[:157] + '…' if len(short) > 158 else short} |")
    counts = [
        sum(_worst(v)[0] == kind for v in found.values()) for kind in (FAILED, UNASKED, HOLDS)
    ]
    lines.append("")
    lines.append("{} failed, {} can't be asked, {} hold".format(*counts))
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(read(Path(sys.argv[1]), Path(sys.argv[2])), sys.argv[3]))
