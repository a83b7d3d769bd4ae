"""What newcomers meet first says what there is: workflows, issue forms, the version, the tasks."""

import configparser
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from asterisk_callback import __version__
from asterisk_callback.domain.mode import DeliveryMode

ROOT = Path(__file__).resolve().parents[3]
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))
PACKAGES = ("asterisk_callback", "flask_app", "dialplan")


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def jobs() -> dict[str, Any]:
    found: dict[str, Any] = read(ROOT / ".github/workflows/tests.yml")["jobs"]
    return found


def test_each_python_that_the_package_names_is_tested() -> None:
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    named = re.findall(r":: (3\.\d+)", config["metadata"]["classifiers"])
    assert jobs()["fast"]["strategy"]["matrix"]["python"] == named


def test_the_workflows_and_pages_name_tasks_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    pages = [*ROOT.glob("*.md"), *(ROOT / ".github").rglob("*.*"), ROOT / ".ci/run"]
    for page in pages:
        named = re.findall(r"(?:`|run: |\n    )make ([a-z][a-z-]+)", page.read_text())
        assert set(named) <= targets, page


def test_what_is_looked_at_before_a_commit_is_what_lint_looks_at() -> None:
    hooks = read(ROOT / ".pre-commit-config.yaml")["repos"][0]["hooks"]
    tools = {hook["entry"].split()[0] for hook in hooks}
    lint = set(re.findall(r"\.venv/bin/[\w-]+", (ROOT / "scripts/lint.sh").read_text()))
    assert lint <= tools


@pytest.mark.parametrize("form", [form for form in FORMS if form.stem != "config"], ids=str)
def test_a_form_asks_for_what_it_names(form: Path) -> None:
    fields = read(form)["body"]
    ids = [field["id"] for field in fields if field["type"] != "markdown"]
    assert len(ids) == len(set(ids)) > 0
    for field in fields:
        if field.get("id") == "mode":
            assert field["attributes"]["options"][:-1] == [mode.value for mode in DeliveryMode]


def test_the_newest_version_of_the_changes_is_the_programs() -> None:
    heads = re.findall(r"^## .*?(\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert heads[0] == __version__


def test_the_version_stands_in_one_place() -> None:
    places = [
        str(file.relative_to(ROOT))
        for package in PACKAGES
        for file in (ROOT / package).rglob("*")
        if file.suffix in {".py", ".html", ".tmpl", ".toml", ".conf", ".service", ".txt"}
        and re.search(rf"\b{re.escape(__version__)}\b", file.read_text())
    ]
    assert places == ["asterisk_callback/__init__.py"]
