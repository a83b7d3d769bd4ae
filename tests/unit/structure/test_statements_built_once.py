"""A statement is built once, at import or when it is first asked for: to build one takes longer
than SQLite takes to answer it."""

import ast
from collections.abc import Iterator
from pathlib import Path

STORE = Path(__file__).resolve().parents[3] / "asterisk_callback" / "store"
BUILDERS = {"select", "update", "delete", "insert", "exists", "union"}
ONCE = {"cache", "cached_property"}

# By module: why its functions build statements at each call.
NOT_YET = {
    "accounts": "administering and signing in, a few a minute; reading a user is built once",
    "board": "its pages, which are kept for all who look; asking whether it changed is built once",
    "reports": "a few a day, and each reads for longer than it takes to build",
    "sessions": "once a minute for each who is signed in",
    "limits": "helpers that are called at import or behind a cache",
    "work": "helpers that are called behind a cache",
    "copying": "a copy of the whole database",
    "requests": "lists that an operator asks for by a command",
    "queue_members": "a page of the board, kept for all who look",
    "servers": "the start and end of a dispatcher, and who has no place here",
    "holds": "what a supervisor presses",
    "suppressions": "what an agent or an operator adds, one at a time",
}


def builds(module: Path) -> Iterator[str]:
    """Functions of the module that build a statement whenever they are called."""
    tree = ast.parse(module.read_text())
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        if {name.id for name in function.decorator_list if isinstance(name, ast.Name)} & ONCE:
            continue
        for call in ast.walk(function):
            if not isinstance(call, ast.Call):
                continue
            name = call.func.id if isinstance(call.func, ast.Name) else None
            if isinstance(call.func, ast.Attribute) and call.func.attr == "insert":
                name = "insert"
            if name in BUILDERS:
                yield function.name


def test_no_function_builds_a_statement_at_each_call() -> None:
    found = {file.stem: sorted(set(builds(file))) for file in STORE.glob("*.py")}
    found = {stem: names for stem, names in found.items() if names}
    assert {stem: names for stem, names in found.items() if stem not in NOT_YET} == {}
    assert set(NOT_YET) - set(found) == set(), "no exception any more: take it out of the list"


def test_a_function_that_builds_one_is_found(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "ALL = select(1)\n"
        "@cache\ndef once():\n    return select(1)\n"
        "def each():\n    return select(1)\n"
        "def adds():\n    return table.insert()\n"
    )
    assert list(builds(module)) == ["each", "adds"]
