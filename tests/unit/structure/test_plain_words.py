"""Comments, docstrings and docs say it in words that engineers of any country know.

The list grows as words are gone; a room leaves NOT_YET with its last one.
"""

import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("asterisk_callback", "flask_app")
# What not to write, and what to write in its place. In code it names a field of the doctor's.
WORDS = {r"\bmend(s|ed)?\b(?!:)": "fix"}
CODE_WORDS = WORDS | {r"\bin vain\b": "without success"}
NOT_YET = re.compile(
    r"services/(calling|board)/|/dispatcher/|telephony/(fastagi|gate_server|server)\.py"
    r"|services/(telling/outbox|status/why)\.py|store/(alarms|lease_queue|outbox|team)\.py|store/migrations/"
)
PAGES = [page for page in sorted(ROOT.glob("*.md")) if page.name != "CHANGELOG.md"]
PAGES += sorted((ROOT / "docs").glob("**/*.md"))


def said_beside_code(source: str) -> str:
    """The comments and docstrings: a string that stands as a statement of its own."""
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    begins = {tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.NL, tokenize.COMMENT}
    words = [one.string for one in tokens if one.type == tokenize.COMMENT]
    words += [
        one.string
        for before, one, after in zip([tokens[-1], *tokens], tokens, tokens[1:], strict=False)
        if one.type == tokenize.STRING
        and (before.type in begins or before is tokens[-1])
        and after.type == tokenize.NEWLINE
    ]
    return "\n".join(words)


def unplain(text: str, words: dict[str, str]) -> list[str]:
    return [f"{word}: write {plain}" for word, plain in words.items() if re.search(word, text)]


def test_comments_and_docstrings() -> None:
    files = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    found = {
        str(file.relative_to(ROOT)): unplain(said_beside_code(file.read_text()), CODE_WORDS)
        for file in files
        if not NOT_YET.search(file.relative_to(ROOT).as_posix())
    }
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_docs(page: Path) -> None:
    assert unplain(page.read_text(), WORDS) == []


def test_what_is_read_of_code() -> None:
    code = '"""One."""\nx = "two"  # three\ndef f():\n    """Four."""\n    return ["five"]\n'
    assert sorted(re.findall(r"\w+", said_beside_code(code))) == ["Four", "One", "three"]
