"""The docs say what there is: every command, every setting, every decision, and no dead link."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

from asterisk_callback.cli import cli
from asterisk_callback.config.paths import KeyDefinition
from asterisk_callback.config.settings import (
    QueueSettings,
    Settings,
    TrunkSettings,
)
from asterisk_callback.config.sites import SiteSettings
from asterisk_callback.domain.alarm import AlarmName
from asterisk_callback.domain.errors import CallbackError
from flask_app.shared import problems

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text()
TEMPLATE = (ROOT / "asterisk_callback/commands/init_files/callback.toml.tmpl").read_text()
# What an older release was told of is no page of today's.
PAGES = [page for page in sorted(ROOT.glob("*.md")) if page.name != "CHANGELOG.md"]
PAGES += [*sorted((ROOT / "docs").glob("**/*.md")), *sorted((ROOT / "tests").glob("**/*.md"))]


@pytest.mark.parametrize("name", cli.list_commands(click.Context(cli)))
def test_every_command_is_in_the_readme(name: str) -> None:
    assert re.search(rf"(asterisk-callback|…) [^\n|]*`?{name}\b|`[^`]*\b{name}\b", README), name


def settings(model: type[BaseModel] = Settings, prefix: str = "") -> list[str]:
    """The names of all keys; those of limits, which any trunk or queue may set, once."""
    found: list[str] = []
    for name, field in model.model_fields.items():
        inner = KeyDefinition(field.annotation).section
        if inner is not None:
            found += settings(inner, f"{name}.")
        else:
            found.append(f"{prefix}{name}")
    return found


@pytest.mark.parametrize(
    "key",
    sorted(
        {
            *settings(),
            *settings(TrunkSettings),
            *settings(QueueSettings),
            *settings(SiteSettings),
        }
    ),
)
def test_every_setting_is_in_the_written_configuration(key: str) -> None:
    name = key.rpartition(".")[2]
    written = rf"((^#? ?|[{{ ]){name} = |[.\[]{name}[.\]])"
    assert re.search(written, TEMPLATE, re.M), f"{key} is not in callback.toml"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())
    local = [
        target for target in targets if "://" not in target and not target.startswith("mailto")
    ]
    missing = [target for target in local if not (page.parent / target).exists()]
    assert missing == []


def test_every_problem_type_is_documented() -> None:
    """A client may rely on the types in docs/api.md, so each that can come is there."""

    def kinds(error: type[CallbackError]) -> set[type[CallbackError]]:
        return {error}.union(*(kinds(one) for one in error.__subclasses__()))

    written = (ROOT / "docs/api.md").read_text()
    known = [one for one in kinds(CallbackError) if problems.status_of(one.__new__(one)) != 500]
    missing = {one.name for one in known if f"`/problems/{one.name}`" not in written}
    assert missing == set()


def commands(text: str) -> Iterator[list[str]]:
    """The words of each command of ours that stands in code, without those of the shell."""
    text = re.sub(r"\\\n\s*", " ", text)
    code = [*re.findall(r"`([^`\n]+)`", text), *re.findall(r"(?m)^(?: {3,}|\s*\$ )(.+)$", text)]
    for line in code:
        found = re.match(r"(?:.*(?:bin/|-- |&& ))?asterisk-callback ([^#;&|]+)", line)
        if found is not None:
            yield [word.strip("[]") for word in found[1].split()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_and_options_exist(page: Path) -> None:
    for words in commands(page.read_text()):
        command: click.Command = cli
        for word in words:
            if word.startswith("--"):
                known = {name for one in command.params for name in one.opts} | {"--help"}
                assert word.partition("=")[0] in known, words
            elif isinstance(command, click.Group) and re.fullmatch("[a-z][a-z-]+", word):
                found = command.get_command(click.Context(command), word)
                assert found is not None, words
                command = found


def test_every_alarm_can_be_looked_up() -> None:
    written = (ROOT / "docs/alarms.md").read_text()
    assert [name for name in AlarmName if f"\n| `{name}` |" not in written] == []


def test_the_tests_that_the_docs_name_exist() -> None:
    for page in PAGES:
        named = re.findall(r"`(tests/[\w/]+\.(?:py|sh))`", page.read_text())
        assert [path for path in named if not (ROOT / path).exists()] == [], page
