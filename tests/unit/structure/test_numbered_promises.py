"""docs/promises.md defines P1, P2, …; whoever cites a promise cites one that stands there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs/promises.md"
FOLDERS = ("asterisk_callback", "flask_app", "dialplan", "docs", "scripts", "tests", ".github")
KINDS = {".py", ".html", ".js", ".css", ".md", ".conf", ".tmpl", ".txt", ".sh", ".yml", ".toml"}
# | P1 | the promise | what holds it | what shows it |
ROW = re.compile(r"^\| P(\d+) \| (.+) \| (.+) \| (.+) \|$", re.M)
CITED = re.compile(r"\bP(\d+)\b")


def defined() -> list[int]:
    return [int(row[1]) for row in ROW.finditer(PAGE.read_text())]


def files() -> list[Path]:
    inside = (file for folder in FOLDERS for file in (ROOT / folder).rglob("*"))
    return [*ROOT.glob("*.md"), *(file for file in inside if file.suffix in KINDS)]


def test_the_promises_are_numbered_without_a_gap() -> None:
    assert defined() == list(range(1, 27))


def test_no_promise_is_cited_that_is_not_defined() -> None:
    known = set(defined())
    unknown = [
        f"{file.relative_to(ROOT)}: P{cited[1]}"
        for file in files()
        for cited in CITED.finditer(file.read_text())
        if int(cited[1]) not in known
    ]
    assert unknown == []


def test_each_promise_says_what_shows_it_or_that_it_is_not_held() -> None:
    silent = [
        f"P{number}"
        for number, _, held, shown in ROW.findall(PAGE.read_text())
        if "tests/" not in shown and "not held yet" not in held.lower()
    ]
    assert silent == []
