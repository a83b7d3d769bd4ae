"""What is wrong with a configuration: one line for each fault, with its place and an example."""

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from asterisk_callback.config.environment import variable
from asterisk_callback.config.paths import keys, spot

_SENTENCES = {
    "string_type": "must be text in quotes",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "tuple_type": "must be a list in square brackets",
    "path_type": "must be a path in quotes",
    "too_short": "is missing: at least one is needed",
    "missing": "is missing",
    "model_type": "must be a section, not a value",
    "model_attributes_type": "must be a section, not a value",
    "dict_type": "must be a section, not a value",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "enum": "must be one of {expected}",
    "literal_error": "must be one of {expected}",
    "value_error": "{error}",
}


# What an example calls an entry of a table.
_NAMES = {"trunks": "main", "queues": "support", "sites": "shop"}


class ConfigError(Exception):
    """The configuration can't be used. `problems`: one line each, never with a value in it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class SourceMap:
    """Where each key was given: a line of the file or a variable of the environment."""

    def __init__(
        self, file: Path | None, text: str, sources: Mapping[tuple[str, ...], str]
    ) -> None:
        self._file = file
        self._lines = text.splitlines()
        self._sources = sources

    def describe(self, error: Mapping[str, Any]) -> str:
        """One line for one of pydantic's errors."""
        path = tuple(step for step in error["loc"] if step != "[key]")
        sentence = _sentence(error, path)
        example = _example(path, error["type"])
        if error["type"] == "missing" and example:
            example += f" (or in the environment: {_in_environment(path)})"
        where = self._where(path)
        line = f"{where}: {_name(path)} {sentence}"
        if not example:
            return line
        return (
            f"{line}; " + ("" if error["type"] == "extra_forbidden" else "for example: ") + example
        )

    def _where(self, path: tuple[str | int, ...]) -> str:
        texts = tuple(str(step) for step in path)
        for length in range(len(path), 0, -1):
            if texts[:length] in self._sources:
                return f"{self._sources[texts[:length]]} (environment)"
        if self._file is None:
            return "configuration"
        line = self._line(path)
        return f"{self._file}:{line}" if line else str(self._file)

    def _line(self, path: tuple[str | int, ...]) -> int | None:
        """The line of the key, else of its section. Only for orientation: no full TOML reader."""
        steps = [str(step) for step in path if isinstance(step, str)]
        for length in range(len(steps), 0, -1):
            header = self._find(_header(steps[:length]), 0)
            if header is None:
                continue
            if length < len(steps):
                key = re.compile(rf'\s*["\']?{re.escape(steps[length])}["\']?\s*[=.]')
                return self._find(key, header, until_header=True) or header
            return header
        return None

    def _find(self, wanted: re.Pattern[str], start: int, until_header: bool = False) -> int | None:
        for number, line in enumerate(self._lines[start:], start + 1):
            if wanted.match(line):
                return number
            if until_header and line.lstrip().startswith("["):
                return None
        return None


def _header(steps: list[str]) -> re.Pattern[str]:
    inner = r"\s*\.\s*".join(rf'["\']?{re.escape(step)}["\']?' for step in steps)
    return re.compile(rf"\s*\[\s*{inner}\s*\]")


def _name(path: tuple[str | int, ...]) -> str:
    """`[queues.support] trunk`, as it stands in the file."""
    texts = [step for step in path if isinstance(step, str)]
    here = spot(texts)
    if here is not None and (here.section or here.table):
        return f"[{'.'.join(texts)}]"
    index = "".join(f"[{step}]" for step in path if isinstance(step, int))
    if len(texts) < 2:
        return f"{texts[0] if texts else 'the file'}{index}"
    return f"[{'.'.join(texts[:-1])}] {texts[-1]}{index}"


def _sentence(error: Mapping[str, Any], path: tuple[str | int, ...]) -> str:
    if error["type"] == "extra_forbidden":
        *parents, key = path
        near = difflib.get_close_matches(str(key), keys(parents), n=1)
        return "is not a key that we know" + (f"; did you mean {near[0]}?" if near else "")
    sentence = _SENTENCES.get(error["type"])
    return sentence.format(**error.get("ctx", {})) if sentence else "has a value of the wrong kind"


def _example(path: tuple[str | int, ...], kind: str) -> str:
    if kind == "extra_forbidden":
        *parents, _ = path
        known = keys(parents)
        return "" if not known else f"known here are {', '.join(known)}"
    here = spot([step for step in path if isinstance(step, str)])
    if here is None:
        return ""
    if here.table:
        return here.example or f"[{path[0]}.{_NAMES[str(path[0])]}]"
    return here.example


def _in_environment(path: tuple[str | int, ...]) -> str:
    here = spot([step for step in path if isinstance(step, str)])
    name = variable(path)
    return f"{name}, or {name}_FILE for a file that holds it" if here and here.secret else name
