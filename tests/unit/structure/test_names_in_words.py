"""What docstrings and docs name is there: the errors that are raised, and the product's files."""

import ast
import builtins
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("asterisk_callback", "flask_app")
DOCS = sorted((ROOT / "docs").glob("**/*.md"))
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
# Errors of libraries that are passed on, and names that such a sentence may hold beside them.
FOREIGN = {"Asterisk", "CommandError", "OperationalError"}


@cache
def trees() -> dict[Path, ast.Module]:
    files = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    return {file: ast.parse(file.read_text()) for file in files}


def docstrings() -> Iterator[tuple[Path, str]]:
    for file, tree in trees().items():
        for node in ast.walk(tree):
            text = ast.get_docstring(node) if isinstance(node, DOCUMENTED) else None
            if text:
                yield file, " ".join(text.split())


def raised(text: str) -> list[str]:
    """The names of classes in each sentence that begins with "Raises", without what stands in
    brackets, up to the first colon: "Raises LinkNotReady and ActionTimeout: …"."""
    sentences = re.findall(r"\b[Rr]aises? ([A-Z_][^.:;]*)", re.sub(r"\([^)]*\)", "", text))
    return [name for one in sentences for name in re.findall(r"\b_?[A-Z][a-z]\w+", one)]


def test_errors_that_docstrings_name_exist() -> None:
    classes = {
        node.name
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    known = classes | set(dir(builtins)) | FOREIGN
    unknown = {
        f"{file.relative_to(ROOT)}: {name}"
        for file, text in docstrings()
        for name in raised(text)
        if name not in known
    }
    assert unknown == set()


@pytest.mark.parametrize("page", DOCS, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_the_docs_name_exist(page: Path) -> None:
    """`services/calling/claim.py`, with or without its package before it."""
    named = set(re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", page.read_text()))
    homes = (ROOT, ROOT / "asterisk_callback", ROOT / "flask_app", page.parent)
    gone = {path for path in named if not any((home / path).exists() for home in homes)}
    assert gone == set()
